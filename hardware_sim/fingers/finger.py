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


@dataclass(frozen=True)
class Window:
    """What a sensor sees of a finger: its glass in pixels, and how fine they are."""

    width_px: int
    height_px: int
    dpi: int = WINDOW_DPI


#: 14.5 x 19.4 mm of glass are read as 256 x 288 pixels by the ZFM family.
ZFM_WINDOW = Window(WINDOW_WIDTH_PX, WINDOW_HEIGHT_PX)
#: Sizes of common optical desk scanners and of a finer small one.
DESK_WINDOW = Window(388, 374)
TALL_WINDOW = Window(296, 560, 569)
SMALL_WINDOW = Window(192, 192, 508)


class FingerCondition(Enum):
    """How a finger is laid on the window."""

    GOOD = "good"
    DRY = "dry"
    WET = "wet"
    WORN = "worn"
    SHORT = "short"
    CUT = "cut"
    WRONG = "wrong"


@dataclass(frozen=True)
class Skin:
    """What age and work make of a person's ridges."""

    ridge_period_px: float = ADULT_RIDGE_PERIOD_PX
    wear: float = 0.0
    """0 untouched, 1 ridges gone over most of the finger."""
    dryness: float = 0.0
    """0 as skin of young people, 1 leaves only the crests of the ridges; shows in everyday impressions only."""


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
