"""What an extraction gives: a template, how good it is, and what to tell the person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from biometrics.template import Template


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


class ExtractorKind(Enum):
    """Which extractor made the minutiae."""

    CLASSICAL = "classical"
    LEADER = "leader"


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
    extractor: ExtractorKind = ExtractorKind.CLASSICAL
