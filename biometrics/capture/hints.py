"""What to tell the person after a capture, from where the print lies and how its grey levels look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from biometrics.images import GreyImage


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
class HintParameters:
    """When to say what. Shares are of the picture or of the print, grey levels of 256."""

    good_quality: int = 65
    small_share: float = 0.22
    off_centre_share: float = 0.10
    """How far the middle of the print may lie from the middle of the picture, in picture sides."""
    wet_dark_share: float = 0.52
    dry_dark_share: float = 0.20
    blurred_reliability: float = 0.35
    full_share: float = 0.75


DEFAULT_HINTS = HintParameters()


def give_hints(
    image: GreyImage,
    mask: NDArray[np.uint8],
    reliability: float,
    quality: int,
    parameters: HintParameters = DEFAULT_HINTS,
) -> tuple[CaptureHint, ...]:
    """GOOD alone when the quality suffices, else what to change, most helpful first; never empty.

    reliability is the mean over the print, 0..1. Directions are those of the picture: its top is the fingertip.
    """
    if quality >= parameters.good_quality:
        return (CaptureHint.GOOD,)
    share = float(mask.mean())
    if share == 0:
        return (CaptureHint.TOO_SMALL, CaptureHint.PRESS_HARDER)
    hints: list[CaptureHint] = []
    if share < parameters.small_share:
        hints.append(CaptureHint.TOO_SMALL)
    hints += _moves(mask, parameters.off_centre_share)
    hints += _skin(_dark_share(image, mask), share, parameters)
    if not hints:
        is_smeared = reliability < parameters.blurred_reliability
        hints.append(CaptureHint.HOLD_STILL if is_smeared else CaptureHint.PRESS_HARDER)
    return tuple(hints)


def _moves(mask: NDArray[np.uint8], most_share: float) -> list[CaptureHint]:
    rows, columns = np.nonzero(mask)
    down = float(rows.mean()) / mask.shape[0] - 0.5
    right = float(columns.mean()) / mask.shape[1] - 0.5
    moves = []
    if abs(down) > most_share:
        moves.append(CaptureHint.MOVE_UP if down > 0 else CaptureHint.MOVE_DOWN)
    if abs(right) > most_share:
        moves.append(CaptureHint.MOVE_LEFT if right > 0 else CaptureHint.MOVE_RIGHT)
    return moves


def _skin(dark_share: float, share: float, parameters: HintParameters) -> list[CaptureHint]:
    """Wet or hard pressed ridges run together into dark areas; dry or lightly pressed ones break into dots."""
    if dark_share > parameters.wet_dark_share:
        pressed = share > parameters.full_share
        return [CaptureHint.PRESS_LESS, CaptureHint.TOO_WET] if pressed else [CaptureHint.TOO_WET]
    if dark_share < parameters.dry_dark_share:
        return [CaptureHint.TOO_DRY, CaptureHint.PRESS_HARDER]
    return []


def _dark_share(image: GreyImage, mask: NDArray[np.uint8]) -> float:
    """The part of the print darker than halfway between its own darkest and lightest."""
    print_ = image[mask > 0]
    dark, light = np.percentile(print_, (3, 97))
    return float((print_ < (dark + light) / 2).mean())
