"""The ZFM-20 fingerprint sensor, driven through pyfingerprint 1.5.

pyfingerprint waits for ever on a silent line, never compares the address of an answer and reads a picture only into
a file. So it speaks over a line of ours that gives up and checks each frame, and pictures and feature files are read
from that line into memory: no fingerprint touches a disk.

A picture costs 36,864 bytes and its frames: 3.4 s at 115,200 baud. It is read twice, since the checksum of a frame is
weak; a feature file (512 bytes) three times. After any fault the port is opened anew at the next call.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.fingers import FingerPosition
from domain.sensors import SensorIdentity
from enrolment.devices.agreeing_reads import read_until_agreed
from enrolment.devices.ports import FingerImage, SensorError, SensorGarbage, SensorUnplugged
from enrolment.devices.usb_adapter import find_adapter_serial
from enrolment.devices.zfm_link import FACTORY_ADDRESS, FACTORY_BAUD, WORKING_BAUD, ZfmLink, ZfmSettings, open_link

#: How pictures say what took them. The module has no number of its own; its USB adapter may have one.
DRIVER, MODEL = "zfm", "ZFM-20"
_LONGEST_SERIAL = 80
WIDTH_PX = 256
HEIGHT_PX = 288
DPI = 500
IMAGE_BYTES = WIDTH_PX * HEIGHT_PX // 2
FEATURES_BYTES = 512
PICTURE_READINGS = 2
FEATURES_READINGS = 3
GREY_STEP = 17  # 16 levels spread over 0..255
_LEFT_GREYS = bytes((byte >> 4) * GREY_STEP for byte in range(256))
_RIGHT_GREYS = bytes((byte & 0x0F) * GREY_STEP for byte in range(256))
_FIRST_BUFFER = 1
_IMAGE_TO_HOST = b"\x0a"
_FEATURES_TO_HOST = bytes([0x08, _FIRST_BUFFER])
_CONFIRMED = 0x00
_IMAGE_FAILED = 0x03
_TOO_MESSY = 0x06
_TOO_FEW_POINTS = 0x07


class FeatureRefusal(Enum):
    """Why the module made no features: all three end in "please try again"."""

    NO_FINGER = "no_finger"
    TOO_MESSY = "too_messy"
    TOO_FEW_POINTS = "too_few_points"


_REFUSALS = {_TOO_MESSY: FeatureRefusal.TOO_MESSY, _TOO_FEW_POINTS: FeatureRefusal.TOO_FEW_POINTS}


def open_zfm(
    port: str | Path,
    *,
    baud: int = FACTORY_BAUD,
    working_baud: int = WORKING_BAUD,
    address: int = FACTORY_ADDRESS,
    password: int = 0,
    idle_timeout_s: float = 2.0,
    command_timeout_s: float = 8.0,
    image_timeout_s: float = 12.0,
    is_read_twice: bool = True,
) -> ZfmSensor:
    """The sensor at a serial port, its password verified, brought from ``baud`` to ``working_baud``. Must be closed.

    A call raises SensorSilent after ``idle_timeout_s`` without a byte, or when the whole command takes longer than
    its time-out. With ``is_read_twice`` pictures count only when two readings agree, features when three do.
    Raises SensorUnplugged, SensorSilent, SensorGarbage, or SensorDriverMissing without the optional library.
    """
    settings = ZfmSettings(str(port), baud, working_baud, address, password, idle_timeout_s, command_timeout_s)
    return ZfmSensor(settings, open_link(settings), image_timeout_s=image_timeout_s, is_read_twice=is_read_twice)


class ZfmSensor:
    """A FingerprintSensor that comes back by itself: a call after a fault opens the port anew."""

    def __init__(self, settings: ZfmSettings, link: ZfmLink, *, image_timeout_s: float, is_read_twice: bool) -> None:
        self._settings = settings
        self._link: ZfmLink | None = link
        self._last_baud = link.baud
        self._is_closed = False
        self._image_timeout_s = image_timeout_s
        self._is_read_twice = is_read_twice
        self._identity = SensorIdentity(
            driver=DRIVER, model=MODEL, serial=find_adapter_serial(settings.port)[:_LONGEST_SERIAL]
        )

    @property
    def baud(self) -> int:
        """The speed at which the sensor last spoke."""
        return self._last_baud

    def expect(self, position: FingerPosition) -> None:
        """Nothing changes: the module cannot tell one finger from another."""

    def finger_present(self) -> bool:
        """Whether a finger lies on the window and was seen sharply. Raises a SensorError for a fault."""
        link = self._opened()
        try:
            return link.call(link.library.readImage, self._settings.command_timeout_s)
        except SensorGarbage:
            if link.line.last_confirmation == _IMAGE_FAILED:
                return False  # a finger that moved: expected, the caller asks again
            self._let_go()
            raise
        except SensorError:
            self._let_go()
            raise

    def capture(self) -> FingerImage | None:
        """The picture of the finger now on the window, None when there is none. Raises a SensorError."""
        if not self.finger_present():
            return None
        packed = self._download(_IMAGE_TO_HOST, IMAGE_BYTES, PICTURE_READINGS)
        greys = bytearray(2 * IMAGE_BYTES)
        greys[0::2] = packed.translate(_LEFT_GREYS)
        greys[1::2] = packed.translate(_RIGHT_GREYS)
        return FingerImage(bytes(greys), WIDTH_PX, HEIGHT_PX, DPI, sensor=self._identity)

    def read_features(self) -> bytes | FeatureRefusal:
        """The module's own features of the finger now on the window: 512 bytes that only such a module understands.

        Also a quick look at a finger (under a second): too messy or too few points, before the picture is fetched.
        """
        if not self.finger_present():
            return FeatureRefusal.NO_FINGER
        link = self._opened()
        try:
            link.call(lambda: link.library.convertImage(_FIRST_BUFFER), self._settings.command_timeout_s)
        except SensorGarbage:
            refusal = _REFUSALS.get(link.line.last_confirmation or _CONFIRMED)
            if refusal is not None:
                return refusal
            self._let_go()
            raise
        except SensorError:
            self._let_go()
            raise
        return self._download(_FEATURES_TO_HOST, FEATURES_BYTES, FEATURES_READINGS)

    def close(self) -> None:
        """Let go of the port for good; calling it twice is allowed."""
        self._is_closed = True
        self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(self) -> ZfmLink:
        if self._is_closed:
            raise SensorUnplugged("the sensor was closed")
        if self._link is None:
            self._link = open_link(self._settings, last_baud=self._last_baud)
            self._last_baud = self._link.baud
        return self._link

    def _let_go(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _download(self, instruction: bytes, size: int, readings: int) -> bytes:
        link = self._opened()

        def read_once() -> bytes:
            return link.call(lambda: _download_once(link, instruction, size), self._image_timeout_s)

        try:
            return read_until_agreed(read_once, agreeing=readings) if self._is_read_twice else read_once()
        except SensorError:
            self._let_go()
            raise


def _download_once(link: ZfmLink, instruction: bytes, size: int) -> bytes:
    if link.line.ask(instruction)[0] != _CONFIRMED:
        raise SensorGarbage("the sensor will not give its picture or features")
    return link.line.receive_data(size)
