"""Stage 8: how much to trust each minutia and the whole finger, and what to tell the person."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.extraction.orientation import FloatMap, OrientationField

_WINDOW_PX = 19


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
