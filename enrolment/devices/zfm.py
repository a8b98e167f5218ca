"""The ZFM-20 fingerprint sensor, driven through pyfingerprint 1.5.

pyfingerprint waits for ever on a silent line, never compares the address of an answer and reads a picture only into
a file. So its serial port is wrapped in a line that gives up and checks each answer as it arrives, and the picture is
read from the library's own packets into memory: no fingerprint touches a disk.
"""

from __future__ import annotations

import contextlib
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar, cast

import serial

from enrolment.devices.ports import (
    FingerImage,
    FingerprintSensor,
    SensorDriverMissing,
    SensorError,
    SensorGarbage,
    SensorSilent,
    SensorUnplugged,
)

WIDTH_PX = 256
HEIGHT_PX = 288
DPI = 500
IMAGE_BYTES = WIDTH_PX * HEIGHT_PX // 2
GREY_STEP = 17  # 16 levels spread over 0..255
FACTORY_ADDRESS = 0xFFFFFFFF
FACTORY_BAUD = 57600
HEADER = b"\xef\x01"
LENGTH_AT = slice(7, 9)
FIXED_BYTES = 9
LONGEST_BODY_BYTES = 256 + 2
SHORTEST_BODY_BYTES = 3
TYPE_AT = 6
TYPE_COMMAND = 0x01
TYPE_DATA = 0x02
TYPE_ACK = 0x07
TYPE_END_OF_DATA = 0x08
INSTRUCTION_IMAGE_TO_HOST = 0x0A
CONFIRMED = 0x00
IMAGE_FAILED = 0x03
# Both the swap of two bytes and equal and opposite errors pass the additive checksum (99 % unseen), hence two reads.
MAX_READS = 3

Packet = tuple[int, list[int]]
Answer = TypeVar("Answer")


class _Library(Protocol):
    """What we use of pyfingerprint.PyFingerprint."""

    def verifyPassword(self) -> bool: ...

    def readImage(self) -> bool: ...


def open_zfm(
    port: str | Path,
    *,
    baud: int = FACTORY_BAUD,
    address: int = FACTORY_ADDRESS,
    password: int = 0,
    idle_timeout_s: float = 2.0,
    command_timeout_s: float = 8.0,
    image_timeout_s: float = 12.0,
    is_read_twice: bool = True,
) -> FingerprintSensor:
    """The sensor at a serial port, its password verified. Must be closed.

    A call raises SensorSilent after ``idle_timeout_s`` without a byte, or when the whole command (the picture: 7 s at
    57,600 baud) takes longer than its time-out. With ``is_read_twice`` a picture counts only when two reads agree.
    Raises SensorUnplugged, SensorSilent, SensorGarbage, or SensorDriverMissing without the optional library.
    """
    try:
        from pyfingerprint.pyfingerprint import PyFingerprint
    except ImportError as error:
        raise SensorDriverMissing("install the extra 'zfm' (pyfingerprint) to use this sensor") from error
    try:
        library = PyFingerprint(str(port), baud, address, password)
    except serial.SerialException as error:
        raise SensorUnplugged("the serial port cannot be opened") from error
    line = _CheckedLine(library._PyFingerprint__serial, address, idle_timeout_s)
    library._PyFingerprint__serial = line
    sensor = _ZfmSensor(library, line, command_timeout_s, image_timeout_s, is_read_twice)
    try:
        sensor.verify_password()
    except SensorError:
        sensor.close()
        raise
    return sensor


class _CheckedLine:
    """A serial port as pyfingerprint uses it, one byte a read, that neither waits for ever nor accepts nonsense."""

    def __init__(self, port: serial.Serial, address: int, idle_timeout_s: float) -> None:
        self._port = port
        self._port.timeout = idle_timeout_s
        self._port.write_timeout = idle_timeout_s
        self._expected_start = HEADER + address.to_bytes(4, "big")
        self._deadline_s = 0.0
        self._waiting = b""
        self._at = 0
        self._frame = bytearray()
        self.last_confirmation: int | None = None

    def begin(self, timeout_s: float) -> None:
        """Start a command: forget what an earlier one left on the line."""
        self._deadline_s = time.monotonic() + timeout_s
        self._waiting, self._at = b"", 0
        self._frame.clear()
        self.last_confirmation = None
        self._port.reset_input_buffer()

    def write(self, data: bytes) -> None:
        self._port.write(data)

    def read(self) -> bytes:
        """The next byte of the answer."""
        if self._at == len(self._waiting):
            self._refill()
        value = self._waiting[self._at]
        self._at += 1
        self._check(value)
        return bytes((value,))

    def _refill(self) -> None:
        if time.monotonic() > self._deadline_s:
            raise SensorSilent("no complete answer in time")
        self._waiting = self._port.read(max(1, self._port.in_waiting))
        self._at = 0
        if not self._waiting:
            raise SensorSilent("no answer")

    def _check(self, value: int) -> None:
        frame = self._frame
        frame.append(value)
        size = len(frame)
        if size <= len(self._expected_start):
            if value != self._expected_start[size - 1]:
                raise SensorGarbage("the answer does not come from this sensor")
        elif size >= FIXED_BYTES:
            body = int.from_bytes(frame[LENGTH_AT], "big")
            if not SHORTEST_BODY_BYTES <= body <= LONGEST_BODY_BYTES:
                raise SensorGarbage("the answer gives an impossible length")
            if size == FIXED_BYTES + body:
                if frame[TYPE_AT] == TYPE_ACK:
                    self.last_confirmation = frame[FIXED_BYTES]
                frame.clear()

    def isOpen(self) -> bool:
        return bool(self._port.is_open)

    def close(self) -> None:
        self._port.close()


class _ZfmSensor:
    """A FingerprintSensor over one pyfingerprint object."""

    def __init__(
        self,
        library: _Library,
        line: _CheckedLine,
        command_timeout_s: float,
        image_timeout_s: float,
        is_read_twice: bool,
    ) -> None:
        self._library = library
        self._line = line
        self._command_timeout_s = command_timeout_s
        self._image_timeout_s = image_timeout_s
        self._is_read_twice = is_read_twice

    def verify_password(self) -> None:
        """Make sure that a sensor is there and lets us in."""
        if not self._call(self._library.verifyPassword, self._command_timeout_s):
            raise SensorGarbage("the sensor refuses its password")

    def finger_present(self) -> bool:
        try:
            return self._call(self._library.readImage, self._command_timeout_s)
        except SensorGarbage:
            if self._line.last_confirmation == IMAGE_FAILED:
                return False  # a finger that moved: expected, the caller asks again
            raise

    def capture(self) -> FingerImage | None:
        if not self.finger_present():
            return None
        packed = self._read_packed()
        if self._is_read_twice:
            packed = self._agreeing_read(packed)
        greys = bytearray(2 * IMAGE_BYTES)
        greys[0::2] = bytes((byte >> 4) * GREY_STEP for byte in packed)
        greys[1::2] = bytes((byte & 0x0F) * GREY_STEP for byte in packed)
        return FingerImage(bytes(greys), WIDTH_PX, HEIGHT_PX, DPI)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _agreeing_read(self, first: bytes) -> bytes:
        seen = {first}
        for _ in range(MAX_READS - 1):
            again = self._read_packed()
            if again in seen:
                return again
            seen.add(again)
        raise SensorGarbage("no two reads of the picture agree")

    def _read_packed(self) -> bytes:
        return self._call(self._image_packets, self._image_timeout_s)

    def _image_packets(self) -> bytes:
        library = cast("_PacketLibrary", self._library)
        library._PyFingerprint__writePacket(TYPE_COMMAND, (INSTRUCTION_IMAGE_TO_HOST,))
        kind, payload = library._PyFingerprint__readPacket()
        if kind != TYPE_ACK or payload[0] != CONFIRMED:
            raise SensorGarbage("the sensor will not give its picture")
        packed = bytearray()
        while kind != TYPE_END_OF_DATA and len(packed) <= IMAGE_BYTES:
            kind, payload = library._PyFingerprint__readPacket()
            if kind not in (TYPE_DATA, TYPE_END_OF_DATA):
                raise SensorGarbage("something else among the packets of the picture")
            packed += bytes(payload)
        if len(packed) != IMAGE_BYTES:
            raise SensorGarbage("the picture has the wrong size")
        return bytes(packed)

    def _call(self, command: Callable[[], Answer], timeout_s: float) -> Answer:
        try:
            self._line.begin(timeout_s)
            return command()
        except SensorError:
            raise
        except serial.SerialTimeoutException as error:
            raise SensorSilent("the sensor takes no command") from error
        except (OSError, termios.error) as error:  # SerialException is an OSError, termios.error is none
            raise SensorUnplugged("the serial port is gone") from error
        except Exception as error:  # pyfingerprint raises bare Exception, TypeError or IndexError
            raise SensorGarbage("the sensor's answer makes no sense") from error


class _PacketLibrary(Protocol):
    """The two packet methods of pyfingerprint 1.5; private there, and the version is pinned."""

    def _PyFingerprint__writePacket(self, kind: int, payload: tuple[int, ...]) -> None: ...

    def _PyFingerprint__readPacket(self) -> Packet: ...
