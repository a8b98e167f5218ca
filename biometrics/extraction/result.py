"""What an extraction gives: a template, how good it is, and what to tell the person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from biometrics.engine import Engine
from biometrics.extraction.minutiae import RawMinutia
from biometrics.template import Template

#: Called with a stage's name and its picture: for the bench page and for finding out why a finger fails.
TraceHook = Callable[[str, NDArray[np.generic]], None]


class CaptureHint(Enum):
    """What the person can do for a better picture, most helpful first; GOOD stands alone."""

    GOOD = "good"
    PRESS_HARDER = "press_harder"
    PRESS_LESS = "press_less"
    TOO_DRY = "too_dry"
    TOO_WET = "too_wet"
    MOVE_UP = "move_up"
    MOVE_DOWN = "move_down"
    MOVE_LEFT = "move_left"
    MOVE_RIGHT = "move_right"
    TOO_SMALL = "too_small"
    HOLD_STILL = "hold_still"

    @property
    def hint_key(self) -> str:
        """Key of the sentence in the translation catalogues."""
        return f"capture.hint.{self.value}"


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything known about one captured picture.

    quality is 0..100: the higher, the less likely a false rejection; 0 means nothing usable.
    foreground_share is the part of the picture covered by ridges, 0..1.
    """

    template: Template
    quality: int
    hints: tuple[CaptureHint, ...]
    foreground_share: float
    engine: Engine = Engine.CLASSICAL


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine makes of a picture of 500 dpi: minutiae in its pixels, the rest as in Extraction."""

    minutiae: tuple[RawMinutia, ...]
    quality: int
    hints: tuple[CaptureHint, ...]
    foreground_share: float
    engine: Engine
