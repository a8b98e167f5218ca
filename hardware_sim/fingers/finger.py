"""Which finger lies on the window, how, and who can draw it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from domain.errors import ProjectError
from domain.fingers import FingerPosition

WINDOW_WIDTH_PX = 256
WINDOW_HEIGHT_PX = 288
WINDOW_DPI = 500
ADULT_RIDGE_PERIOD_PX = 9.0


class FingerCondition(Enum):
    """How a finger is laid on the window."""

    GOOD = "good"
    DRY = "dry"
    WET = "wet"
    WORN = "worn"
    SHORT = "short"
    WRONG = "wrong"


@dataclass(frozen=True)
class Skin:
    """What age and work make of a person's ridges."""

    ridge_period_px: float = ADULT_RIDGE_PERIOD_PX
    wear: float = 0.0
    """0 untouched, 1 ridges gone over most of the finger."""


@dataclass(frozen=True)
class Finger:
    """One finger of one person, for ever the same."""

    person_seed: int
    position: FingerPosition
    skin: Skin = field(default_factory=Skin, compare=False)


class NoSuchFinger(ProjectError):
    """The pictures at hand hold no such finger."""

    code = "simulator.no_such_finger"
    message_key = "error.simulator"


class FingerSource(Protocol):
    """Draws fingers as the sensor's window sees them."""

    def has(self, finger: Finger) -> bool:
        """Whether there is a picture of that finger."""
        ...

    def picture(self, finger: Finger, impression: int, condition: FingerCondition) -> bytes:
        """That impression of the finger: 256 x 288 pixels, 8-bit grey, 500 dpi, ridges dark.

        The same arguments give the same bytes. WRONG is for the caller to choose another finger; here it is GOOD.
        """
        ...
