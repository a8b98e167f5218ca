"""The sensor on its serial line: a pseudo-terminal behind a path that stays the same across replugging."""

from __future__ import annotations

import contextlib
import os
import random
import select
import threading
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware_sim.faults import FaultSwitch, SensorFault
from hardware_sim.fingerprint_sensor.frames import FIXED_BYTES, HEADER, Frame, FrameError, FrameType, take
from hardware_sim.fingerprint_sensor.host_speed import read_host_baud
from hardware_sim.fingerprint_sensor.module import Module, OnModuleMatcher
from hardware_sim.fingerprint_sensor.picture import pack_greys
from hardware_sim.fingerprint_sensor.recognition import ModuleRecognition
from hardware_sim.fingerprint_sensor.window import Glass, Window

READ_BYTES = 4096
BITS_A_BYTE = 10
PACED_CHUNK_BYTES = 64
HOST_GONE_S = 1.0
NOISE_BYTES = 7
LENGTH_OFFSET = 7
WRONG_LENGTH = b"\xff\xff"
WRONG_ADDRESS = b"\x00\x00\x00\x01"
ADDRESS_SLICE = slice(2, 6)


class FingerprintSensorSim:
    """A ZFM-20 that any program can open as a serial port under ``path``.

    ``place`` and ``lift`` are the finger; ``glass`` what the window does besides; ``faults`` what goes wrong;
    ``unplug`` and ``replug`` the cable. With ``is_paced`` answers leave at the module's line speed, otherwise at once.
    A host whose port is set to another speed than the module's is not understood and hears nothing.
    """

    def __init__(
        self,
        path: Path,
        *,
        matcher: OnModuleMatcher | None = None,
        is_paced: bool = False,
        is_noisy: bool = True,
        seed: int = 0,
    ) -> None:
        self.path = path
        self.faults = FaultSwitch(SensorFault.NONE)
        self.is_paced = is_paced
        self._random = random.Random(seed)
        self._window = Window(is_noisy=is_noisy, seed=seed)
        self._module = Module(self._window.look, matcher=matcher or ModuleRecognition(), seed=seed)
        self._thread: threading.Thread | None = None
        self._stop_reading, self._stop_writing = os.pipe()
        self.replug()

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def has_finger(self) -> bool:
        """Whether something lies on the window."""
        return self._window.has_finger

    @property
    def baud(self) -> int:
        """The line speed that the module is set to; it keeps it without power."""
        return self._module.baud

    @property
    def glass(self) -> Glass:
        """What the window does besides showing the finger."""
        return self._window.glass

    @glass.setter
    def glass(self, glass: Glass) -> None:
        self._window.glass = glass

    def place(self, pixels: bytes) -> None:
        """Lay a finger on the window: 256 x 288 pixels, 8-bit grey, 500 dpi."""
        self._window.place(pack_greys(pixels))

    def lift(self) -> None:
        """Take the finger away."""
        self._window.lift()

    def unplug(self) -> None:
        """Pull the cable: the port vanishes under whoever has it open."""
        if self._thread is not None:
            os.write(self._stop_writing, b"x")
            self._thread.join()
            self._thread = None

    def replug(self) -> None:
        """Put the cable back: the module starts anew and the path is there again."""
        self.unplug()
        while select.select([self._stop_reading], [], [], 0)[0]:
            os.read(self._stop_reading, 1)
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._module.power_up()
        self._link(os.ttyname(slave))
        self._thread = threading.Thread(target=self._serve, args=(master, slave), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()
        for end in (self._stop_reading, self._stop_writing):
            with contextlib.suppress(OSError):
                os.close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- the cable

    def _link(self, device: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f".{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(device)
        fresh.replace(self.path)

    def _serve(self, master: int, slave: int) -> None:
        # The slave end stays open here: a pty whose last slave closes gives EIO, and hosts open, close and open again.
        try:
            self._talk(master, slave)
        finally:
            self.path.unlink(missing_ok=True)
            os.close(master)
            os.close(slave)

    def _talk(self, master: int, slave: int) -> None:
        waiting = bytearray()
        while True:
            ready, _, _ = select.select([master, self._stop_reading], [], [])
            if self._stop_reading in ready:
                return
            received = os.read(master, READ_BYTES)
            baud = self._module.baud  # an answer leaves at the speed its question came at
            if read_host_baud(slave) != baud:
                waiting.clear()
                continue
            waiting += received
            for frame in _take_frames(waiting):
                if not self._send(master, self._module.answer(frame), baud):
                    return

    def _send(self, master: int, answer: list[Frame], baud: int) -> bool:
        """Send the answer as the fault of the moment lets it through; False when the cable was pulled."""
        if not answer:
            return True
        fault = self.faults.use()
        if fault is SensorFault.SILENT:
            return True
        is_image = len(answer) > 1
        if fault in (SensorFault.UNPLUGGED_MID_IMAGE, SensorFault.SILENT_MID_IMAGE) and is_image:
            self._write(master, b"".join(frame.encode() for frame in answer[: len(answer) // 2]), baud)
            return fault is SensorFault.SILENT_MID_IMAGE
        spoilt = self._random.randrange(1, len(answer)) if is_image else 0
        frames = [frame.encode() for frame in answer]
        frames[spoilt] = self._spoil(frames[spoilt], answer[spoilt].type, fault)
        if fault is SensorFault.HALF_PACKET:
            frames = frames[: spoilt + 1]
        return self._write(master, b"".join(frames), baud)

    def _spoil(self, data: bytes, kind: FrameType, fault: SensorFault) -> bytes:
        broken = bytearray(data)
        if fault is SensorFault.GARBAGE:
            return self._random.randbytes(max(len(data), 12))
        if fault is SensorFault.HALF_PACKET:
            return data[: len(data) // 2]
        if fault is SensorFault.NOISE_BEFORE:
            return self._random.randbytes(NOISE_BYTES) + data
        if fault is SensorFault.LYING_LENGTH:
            broken[LENGTH_OFFSET:FIXED_BYTES] = WRONG_LENGTH
        elif fault is SensorFault.WRONG_ADDRESS:
            broken[ADDRESS_SLICE] = WRONG_ADDRESS
        elif fault is SensorFault.BAD_CHECKSUM:
            broken[-1] ^= 0xFF
        elif fault is SensorFault.SWAPPED_BYTES and kind in (FrameType.DATA, FrameType.END_OF_DATA):
            _swap_neighbours(broken, self._random)
        return bytes(broken)

    def _write(self, master: int, data: bytes, baud: int) -> bool:
        """Put bytes on the line; what the host does not read in time is lost, as on a real line."""
        chunk_bytes = PACED_CHUNK_BYTES if self.is_paced else len(data)
        for start in range(0, len(data), chunk_bytes):
            chunk = data[start : start + chunk_bytes]
            if self.is_paced:
                time.sleep(len(chunk) * BITS_A_BYTE / baud)
            while chunk:
                stop, ready, _ = select.select([self._stop_reading], [master], [], HOST_GONE_S)
                if stop:
                    return False
                if not ready:
                    return True
                chunk = chunk[os.write(master, chunk) :]
        return True


def _swap_neighbours(data: bytearray, chance: random.Random) -> None:
    """Swap two neighbours that differ, wherever chance has it: the additive checksum cannot see it."""
    places = [at for at in range(FIXED_BYTES, len(data) - 3) if data[at] != data[at + 1]]
    if places:
        at = chance.choice(places)
        data[at], data[at + 1] = data[at + 1], data[at]


def _take_frames(waiting: bytearray) -> list[Frame]:
    """The whole frames in the buffer, taken out of it; noise before a header is skipped."""
    frames = []
    while waiting:
        try:
            frame, used = take(bytes(waiting))
        except FrameError:
            following = waiting.find(HEADER[0], 1)
            del waiting[: following if following > 0 else len(waiting)]
            continue
        if frame is None:
            break
        frames.append(frame)
        del waiting[:used]
    return frames
