"""What can go wrong with each simulated device, and a switch that turns it on for so many uses.

Rows F-11 to F-16, F-28 to F-31 and F-39 of the fault catalogue. Each enum lists one device's ways to fail.
"""

from __future__ import annotations

import threading
from enum import Enum
from typing import Generic, TypeVar


class SensorFault(Enum):
    """How the fingerprint sensor misbehaves on its serial line."""

    NONE = "none"
    SILENT = "silent"
    GARBAGE = "garbage"
    HALF_PACKET = "half_packet"
    LYING_LENGTH = "lying_length"
    WRONG_ADDRESS = "wrong_address"
    BAD_CHECKSUM = "bad_checksum"
    SWAPPED_BYTES = "swapped_bytes"
    NOISE_BEFORE = "noise_before"
    UNPLUGGED_MID_IMAGE = "unplugged_mid_image"
    SILENT_MID_IMAGE = "silent_mid_image"


class CameraFault(Enum):
    """How the camera's stream or its picture is spoilt."""

    NONE = "none"
    STALLED = "stalled"
    DROPPED = "dropped"
    BLACK = "black"
    DARK = "dark"
    BLURRED = "blurred"
    TWO_FACES = "two_faces"
    NOBODY = "nobody"
    SLOW = "slow"
    WRONG_LENGTH = "wrong_length"


class PrinterFault(Enum):
    """What stops a printer."""

    NONE = "none"
    PAPER_OUT = "paper_out"
    OFFLINE = "offline"
    JAMMED = "jammed"


class NetworkFault(Enum):
    """What happens to a request between kiosk and registry."""

    NONE = "none"
    DOWN = "down"
    RESET = "reset"
    HALF_OPEN = "half_open"
    ANSWER_LOST = "answer_lost"
    ANSWER_LATE = "answer_late"
    REQUEST_TWICE = "request_twice"
    OLD_REQUEST_AGAIN = "old_request_again"
    SERVER_ERROR = "server_error"
    GARBAGE = "garbage"
    CAPTIVE_PORTAL = "captive_portal"
    ANSWER_CUT = "answer_cut"


Fault = TypeVar("Fault", bound=Enum)


class FaultSwitch(Generic[Fault]):
    """Holds the fault that is on, for ever or for the next so many uses. Safe to use from several threads."""

    def __init__(self, none: Fault) -> None:
        self._none = none
        self._fault = none
        self._uses_left: int | None = None
        self._lock = threading.Lock()

    def set(self, fault: Fault, *, uses: int | None = None) -> None:
        """Turn a fault on for the next ``uses`` uses, or until told otherwise."""
        if uses is not None and uses < 1:
            raise ValueError("a fault is used at least once")
        with self._lock:
            self._fault, self._uses_left = fault, uses

    def clear(self) -> None:
        """All is well again."""
        self.set(self._none)

    @property
    def now(self) -> Fault:
        """The fault that is on, without using it up."""
        with self._lock:
            return self._fault

    def use(self) -> Fault:
        """The fault that applies to this use; counts the use."""
        with self._lock:
            fault = self._fault
            if fault is not self._none and self._uses_left is not None:
                self._uses_left -= 1
                if self._uses_left == 0:
                    self._fault, self._uses_left = self._none, None
            return fault
