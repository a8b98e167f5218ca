"""Parts that screens are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.screen_models.text import Text


class Tone(StrEnum):
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Action:
    """A button or tile. ``icon`` is a name of the icon table (``kiosk/icons.py``)."""

    id: str
    text: Text
    icon: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in a file format (``png`` or ``jpeg``), as bytes."""

    data: bytes
    format: str


@dataclass(frozen=True, slots=True)
class RawPicture:
    """Pixels as they came from a device: 8-bit ``L`` or ``RGB``, row-major, top row first."""

    pixels: bytes
    width_px: int
    height_px: int
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What every screen has: a title, what is spoken when it opens, a way on, a way back, and a time-out."""

    title: Text
    speak: Text | None = None
    actions: tuple[Action, ...] = ()
    has_back: bool = False
    #: After so long without a touch the answer is ``timeout``; None waits for ever (attract, live captures).
    timeout_s: float | None = 60.0
    #: Dots at the top: (step now, steps in all); None shows none.
    progress: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A condition with a tick, a cross, or nothing yet."""

    text: Text
    passed: bool | None
