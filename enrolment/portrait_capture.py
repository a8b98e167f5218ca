"""When the photograph takes itself: all checks passed on enough frames in a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

#: The card has room for so much (card_service/layout.py, DG2).
MAX_PORTRAIT_BYTES = 5_000
#: Passed in a row before the picture is taken, so that nobody is taken in the middle of a blink.
STEADY_FRAMES = 2
#: After so many frames without success the officer may take it by hand.
FRAMES_BEFORE_BY_HAND = 12


class PortraitPhase(StrEnum):
    LOOKING = "looking"
    TAKE_NOW = "take_now"


@dataclass(frozen=True, slots=True)
class PortraitCapture:
    """One photograph being taken. Give it the checks of each frame."""

    phase: PortraitPhase = PortraitPhase.LOOKING
    frames: int = 0
    passed_in_row: int = 0
    checks: Mapping[str, bool] = field(default_factory=dict)
    has_face: bool = False

    def after_frame(self, checks: Mapping[str, bool], *, is_acceptable: bool, has_face: bool) -> PortraitCapture:
        """The capture with one more frame looked at."""
        in_row = self.passed_in_row + 1 if is_acceptable else 0
        phase = PortraitPhase.TAKE_NOW if in_row >= STEADY_FRAMES else PortraitPhase.LOOKING
        return replace(
            self, phase=phase, frames=self.frames + 1, passed_in_row=in_row, checks=dict(checks), has_face=has_face
        )

    @property
    def may_take_by_hand(self) -> bool:
        """Whether the officer may take what the checks do not like: a face must be there."""
        return self.has_face and self.frames >= FRAMES_BEFORE_BY_HAND
