"""A ZFM-20 found at whichever speed it speaks, let in with its password, and brought to the working speed."""

from __future__ import annotations

import contextlib
import termios
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import serial

from enrolment.devices.ports import SensorDriverMissing, SensorError, SensorGarbage, SensorSilent, SensorUnplugged
from enrolment.devices.zfm_line import ZfmLine

FACTORY_ADDRESS = 0xFFFFFFFF
FACTORY_BAUD = 57600
WORKING_BAUD = 115200
#: A module answers VerifyPassword within 50 ms; longer silence means another speed, or nobody.
PROBE_TIMEOUT_S = 1.0
_UNDERSTOOD_BUT_REFUSED = "the sensor refuses its password"

Answer = TypeVar("Answer")


class Library(Protocol):
    """What we use of pyfingerprint.PyFingerprint 1.5."""

    def verifyPassword(self) -> bool: ...

    def readImage(self) -> bool: ...

    def convertImage(self, charBufferNumber: int = 1) -> bool: ...

    def setBaudRate(self, baudRate: int) -> bool: ...


class PasswordRefused(SensorGarbage):
    """There is a sensor, and it has another password: no other speed would help."""


@dataclass(frozen=True, slots=True)
class ZfmSettings:
    """Where a sensor is and how patient we are with it."""

    port: str
    baud: int = FACTORY_BAUD
    working_baud: int = WORKING_BAUD
    address: int = FACTORY_ADDRESS
    password: int = 0
    idle_timeout_s: float = 2.0
    command_timeout_s: float = 8.0


@dataclass(slots=True)
class ZfmLink:
    """An open line, and the library on it."""

    library: Library
    line: ZfmLine
    baud: int
    """The speed both ends speak at now."""

    def call(self, command: Callable[[], Answer], timeout_s: float) -> Answer:
        """The command's answer within that time. Whatever the library or the port raise comes as a SensorError."""
        try:
            self.line.begin(timeout_s)
            return command()
        except SensorError:
            raise
        except serial.SerialTimeoutException as error:
            raise SensorSilent("the sensor takes no command") from error
        except (OSError, termios.error) as error:  # SerialException is an OSError, termios.error is none
            raise SensorUnplugged("the serial port is gone") from error
        except Exception as error:  # pyfingerprint raises bare Exception, TypeError or IndexError
            raise SensorGarbage("the sensor's answer makes no sense") from error

    def verify_password(self, timeout_s: float) -> None:
        """Make sure that a sensor is there and lets us in."""
        if not self.call(self.library.verifyPassword, timeout_s):
            raise PasswordRefused(_UNDERSTOOD_BUT_REFUSED)

    def close(self) -> None:
        """Let go of the port; calling it twice is allowed."""
        with contextlib.suppress(OSError, termios.error):
            self.line.close()


def open_link(settings: ZfmSettings, *, last_baud: int | None = None) -> ZfmLink:
    """The sensor at the working speed, or at the one it insists on. ``last_baud`` is tried first.

    A module keeps its speed without power, so it may be at the working speed already, or still at the factory's.
    Raises SensorUnplugged, SensorSilent, SensorGarbage, or SensorDriverMissing.
    """
    failure: SensorError = SensorSilent("no answer at any speed")
    for baud in _speeds(last_baud, settings.working_baud, settings.baud, FACTORY_BAUD):
        link = _open_port(settings, baud)
        try:
            _greet(link, settings)
            return _at_working_speed(link, settings)
        except (SensorUnplugged, PasswordRefused):
            link.close()
            raise
        except SensorError as error:
            # Silence at another speed says less than nonsense at the right one.
            failure = failure if isinstance(failure, SensorGarbage) else error
            link.close()
    raise failure


def _speeds(*wanted: int | None) -> Iterable[int]:
    return dict.fromkeys(baud for baud in wanted if baud is not None)


def _open_port(settings: ZfmSettings, baud: int) -> ZfmLink:
    try:
        from pyfingerprint.pyfingerprint import PyFingerprint
    except ImportError as error:
        raise SensorDriverMissing("install the extra 'zfm' (pyfingerprint) to use this sensor") from error
    try:
        library = PyFingerprint(settings.port, baud, settings.address, settings.password)
    except (OSError, termios.error) as error:
        raise SensorUnplugged("the serial port cannot be opened") from error
    line = ZfmLine(library._PyFingerprint__serial, settings.address, settings.idle_timeout_s)
    library._PyFingerprint__serial = line
    return ZfmLink(library, line, baud)


def _greet(link: ZfmLink, settings: ZfmSettings) -> None:
    link.line.set_idle_timeout(min(PROBE_TIMEOUT_S, settings.idle_timeout_s))
    link.verify_password(settings.command_timeout_s)
    link.line.set_idle_timeout(settings.idle_timeout_s)


def _at_working_speed(link: ZfmLink, settings: ZfmSettings) -> ZfmLink:
    """The link at the working speed; as it was, where the sensor does not follow."""
    before = link.baud
    if before == settings.working_baud:
        return link
    try:
        link.call(lambda: link.library.setBaudRate(settings.working_baud), settings.command_timeout_s)
        _switch(link, settings.working_baud, settings)
    except SensorUnplugged:
        raise
    except SensorError:
        # A clone that only says yes, or a cable too long for this speed: slow is better than nothing.
        _switch(link, before, settings)
    return link


def _switch(link: ZfmLink, baud: int, settings: ZfmSettings) -> None:
    link.line.set_baud(baud)
    link.baud = baud
    _greet(link, settings)
