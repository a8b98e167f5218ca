"""Everything that is slow only once, done before the first person comes."""

from __future__ import annotations

import time

import numpy as np

from biometrics.extraction.pipeline import CLASSICAL_ENGINE, extract
from biometrics.images import GreyImage
from biometrics.index.warming import warm_up_index
from biometrics.leader.model_file import ensure_model, models_folder
from biometrics.matcher import compare
from biometrics.portrait import check_portrait
from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition

_DPI = 500
_SIDE_PX = 256
_RIDGE_PERIOD_PX = 9.0
_MINUTIAE = 12


def warm_up() -> float:
    """Make the network's model where it is missing, and run every native part once; returns the seconds it took.

    With an empty Numba cache this compiles for about half a minute, else it loads in a second or two. ./run setup
    calls it, so that a kiosk never compiles.
    """
    started = time.perf_counter()
    ensure_model(models_folder())
    extract(_rings(), dpi=_DPI, position=FingerPosition.UNKNOWN, configuration=CLASSICAL_ENGINE)
    extract(_rings(), dpi=_DPI, position=FingerPosition.UNKNOWN)
    spiral = _spiral()
    compare(spiral, spiral)
    warm_up_index(spiral)
    check_portrait(np.full((_SIDE_PX, _SIDE_PX, 3), 128, np.uint8))
    return time.perf_counter() - started


def _rings() -> GreyImage:
    """A picture of ring-shaped ridges with a fault line, so that every stage has something to do."""
    y, x = np.mgrid[0:_SIDE_PX, 0:_SIDE_PX] - _SIDE_PX / 2.0
    phase = 2 * np.pi * np.hypot(x, y) / _RIDGE_PERIOD_PX + np.arctan2(y, x)
    return np.asarray(128 + 100 * np.cos(phase), np.uint8)


def _spiral() -> Template:
    minutiae = tuple(
        Minutia(
            round(128 + 9 * n * np.cos(2.4 * n)), round(128 + 9 * n * np.sin(2.4 * n)), 20 * n, MinutiaKind.OTHER, 50
        )
        for n in range(_MINUTIAE)
    )
    return Template(_SIDE_PX, _SIDE_PX, _DPI, FingerPosition.UNKNOWN, 50, minutiae)
