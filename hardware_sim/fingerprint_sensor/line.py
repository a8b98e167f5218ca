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
from hardware_sim.fingerprint_sensor.module import Module, OnModuleMatcher, pack_greys

READ_BYTES = 4096
BITS_A_BYTE = 10
PACED_CHUNK_BYTES = 64
HOST_GONE_S = 1.0
LENGTH_OFFSET = 7
WRONG_LENGTH = b"\xff\xff"
WRONG_ADDRESS = b"\x00\x00\x00\x01"
ADDRESS_SLICE = slice(2, 6)


class FingerprintSensorSim:
    """A ZFM-20 that any program can open as a serial port under ``path``.

    ``place`` and ``lift`` are the finger; ``faults`` what goes wrong; ``unplug`` and ``replug`` the cable. With
    ``is_paced`` answers leave at the module's line speed, otherwise at once.
    """

    def __init__(
        self, path: Path, *, matcher: OnModuleMatcher | None = None, is_paced: bool = False, seed: int = 0
    ) -> None:
        self.path = path
        self.faults = FaultSwitch(SensorFault.NONE)
        self.is_paced = is_paced
        self._random = random.Random(seed)
        self._finger: bytes | None = None
        self._module = Module(lambda: self._finger, matcher=matcher, seed=seed)
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
        return self._finger is not None

    def place(self, pixels: bytes) -> None:
        """Lay a finger on the window: 256 x 288 pixels, 8-bit grey, 500 dpi."""
        self._finger = pack_greys(pixels)

    def lift(self) -> None:
        """Take the finger away."""
        self._finger = None

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
            self._talk(master)
        finally:
            self.path.unlink(missing_ok=True)
            os.close(master)
            os.close(slave)

    def _talk(self, master: int) -> None:
        waiting = bytearray()
        while True:
            ready, _, _ = select.select([master, self._stop_reading], [], [])
            if self._stop_reading in ready:
                return
            waiting += os.read(master, READ_BYTES)
            for frame in _take_frames(waiting):
                if not self._send(master, self._module.answer(frame)):
                    return

    def _send(self, master: int, answer: list[Frame]) -> bool:
        """Send the answer as the fault of the moment lets it through; False when the cable was pulled."""
        if not answer:
            return True
        fault = self.faults.use()
        if fault is SensorFault.SILENT:
            return True
        is_image = len(answer) > 1
        if fault in (SensorFault.UNPLUGGED_MID_IMAGE, SensorFault.SILENT_MID_IMAGE) and is_image:
            self._write(master, b"".join(frame.encode() for frame in answer[: len(answer) // 2]))
            return fault is SensorFault.SILENT_MID_IMAGE
        spoilt = self._random.randrange(1, len(answer)) if is_image else 0
        frames = [frame.encode() for frame in answer]
        frames[spoilt] = self._spoil(frames[spoilt], answer[spoilt].type, fault)
        if fault is SensorFault.HALF_PACKET:
            frames = frames[: spoilt + 1]
        return self._write(master, b"".join(frames))

    def _spoil(self, data: bytes, kind: FrameType, fault: SensorFault) -> bytes:
        broken = bytearray(data)
        if fault is SensorFault.GARBAGE:
            return self._random.randbytes(max(len(data), 12))
        if fault is SensorFault.HALF_PACKET:
            return data[: len(data) // 2]
        if fault is SensorFault.LYING_LENGTH:
            broken[LENGTH_OFFSET:FIXED_BYTES] = WRONG_LENGTH
        elif fault is SensorFault.WRONG_ADDRESS:
            broken[ADDRESS_SLICE] = WRONG_ADDRESS
        elif fault is SensorFault.BAD_CHECKSUM:
            broken[-1] ^= 0xFF
        elif fault is SensorFault.SWAPPED_BYTES and kind in (FrameType.DATA, FrameType.END_OF_DATA):
            _swap_neighbours(broken)
        return bytes(broken)

    def _write(self, master: int, data: bytes) -> bool:
        """Put bytes on the line; what the host does not read in time is lost, as on a real line."""
        chunk_bytes = PACED_CHUNK_BYTES if self.is_paced else len(data)
        for start in range(0, len(data), chunk_bytes):
            chunk = data[start : start + chunk_bytes]
            if self.is_paced:
                time.sleep(len(chunk) * BITS_A_BYTE / self._module.baud)
            while chunk:
                stop, ready, _ = select.select([self._stop_reading], [master], [], HOST_GONE_S)
                if stop:
                    return False
                if not ready:
                    return True
                chunk = chunk[os.write(master, chunk) :]
        return True


def _swap_neighbours(data: bytearray) -> None:
    """Swap the first two neighbours that differ: the additive checksum cannot see it."""
    for at in range(FIXED_BYTES, len(data) - 3):
        if data[at] != data[at + 1]:
            data[at], data[at + 1] = data[at + 1], data[at]
            return


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
