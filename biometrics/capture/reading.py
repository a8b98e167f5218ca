"""What an engine makes of one picture, before it is a template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.capture.hints import CaptureHint
from biometrics.engine import Engine
from biometrics.template import MinutiaKind

#: Called with a stage's name and its picture: for the bench page and for finding out why a finger fails.
TraceHook = Callable[[str, NDArray[np.generic]], None]


@dataclass(frozen=True, slots=True)
class RawMinutia:
    """A minutia at working resolution. angle_rad is counter-clockwise, 0..2 pi, as in ISO/IEC 19794-2."""

    x_px: float
    y_px: float
    angle_rad: float
    kind: MinutiaKind
    trust: float
    """Log-odds of being real while minutiae are collected, then the chance of being found again, 0..1."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine makes of a picture of 500 dpi: minutiae in its pixels, the rest as in Extraction."""

    minutiae: tuple[RawMinutia, ...]
    quality: int
    hints: tuple[CaptureHint, ...]
    foreground_share: float
    engine: Engine
