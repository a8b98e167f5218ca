"""From the network's maps to minutiae."""

from __future__ import annotations

import math

import cv2
import numpy as np

from biometrics.capture.reading import RawMinutia
from biometrics.leader.runtime import MinutiaMaps
from biometrics.template import MinutiaKind

#: A minutia is the highest place of this many pixels around.
_PEAK_SIDE_PX = 7


def decode_maps(maps: MinutiaMaps, least_trust: float) -> list[RawMinutia]:
    """The places where the network sees a minutia with at least that trust (0..1), most trusted first."""
    highest = cv2.dilate(maps.position, np.ones((_PEAK_SIDE_PX, _PEAK_SIDE_PX), np.uint8))
    rows, columns = np.nonzero((maps.position >= highest) & (maps.position >= least_trust))
    trust = maps.position[rows, columns]
    angle = np.arctan2(maps.direction[1, rows, columns], maps.direction[0, rows, columns]) % (2 * math.pi)
    is_ending = maps.kind[rows, columns] > 0
    found = [
        RawMinutia(float(x), float(y), float(a), _kind(bool(e)), min(1.0, float(t)))
        for x, y, a, e, t in zip(columns, rows, angle, is_ending, trust, strict=True)
    ]
    return sorted(found, key=lambda m: (-m.trust, m.y_px, m.x_px))


def _kind(is_ending: bool) -> MinutiaKind:
    return MinutiaKind.RIDGE_ENDING if is_ending else MinutiaKind.BIFURCATION
