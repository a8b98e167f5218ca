"""Stage 8: how much to trust each minutia and the whole finger."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.extraction.orientation import FloatMap, OrientationField

_WINDOW_PX = 19
#: The sum of trusts at which a finger has 63 of 100 points.
_ORDINARY_TRUST = 12.0


def reliability_map(normalised: FloatMap, enhanced: FloatMap, field: OrientationField) -> FloatMap:
    """0..1 per pixel.

    How like its clean ridges the raw picture is nearby, times how well directions agree.
    """
    window = (_WINDOW_PX, _WINDOW_PX)
    together = cv2.blur(normalised * enhanced, window)
    alone = cv2.blur(normalised * normalised, window) * cv2.blur(enhanced * enhanced, window)
    likeness = together / np.sqrt(alone + 1e-6)
    reliability: NDArray[np.float32] = np.clip(likeness * field.coherence, 0, 1).astype(np.float32)
    return reliability


def finger_quality(trusts: Sequence[float]) -> int:
    """0..100 from the sum of the minutiae's trusts: of what was tried, the best forecast of a false rejection."""
    return round(100 * (1 - math.exp(-sum(trusts) / _ORDINARY_TRUST)))
