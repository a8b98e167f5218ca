"""People by the million from a few prints: halves of two of them, mirrored at will, turned, stretched and shaken.

The small neighbourhoods that the index looks at stay those of real skin; the whole is nobody's finger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.packed_template import MinutiaRows, PackedTemplate
from biometrics.index.segment import Enrolled
from biometrics.template import Template
from domain.fingers import ENROLMENT_ORDER, FingerPosition

#: x and y (upwards) in pixels at 500 dpi from the middle, angle in radians, quality.
Points = NDArray[np.float64]

_DPI = 500
_SIDE_PX = 1024
_LEAST_MINUTIAE = 8
_TURN_RAD, _STRETCH, _SHAKE_PX, _SHAKE_RAD = 0.26, 0.08, 1.0, 0.04
_SHAKES = 128
_KIND_ENDING = 1 << 14


def points_of(template: Template) -> Points:
    """The minutiae about their middle."""
    scale = _DPI / template.dpi
    rows = [(m.x_px * scale, -m.y_px * scale, m.angle_256 * math.pi / 128, m.quality) for m in template.minutiae]
    points = np.array(rows, np.float64).reshape(-1, 4)
    if len(points):
        points[:, :2] -= points[:, :2].mean(axis=0)
    return points


def mosaic_people(
    prints: Sequence[Points], people: int, fingers: int, seed: int, prefix: str = "mosaic"
) -> Iterator[Enrolled]:
    """That many people; the same seed always gives the same ones."""
    random = np.random.default_rng(seed)
    usable = [points for points in prints if len(points) >= 2 * _LEAST_MINUTIAE]
    for number in range(people):
        hand = tuple(_finger(random, usable, position) for position in ENROLMENT_ORDER[:fingers])
        yield Enrolled(f"{prefix}-{number:08}", hand)


def _finger(random: np.random.Generator, prints: Sequence[Points], position: FingerPosition) -> PackedTemplate:
    while True:
        one, other = random.integers(0, len(prints), 2)
        choice = random.random(4)
        turns = random.normal(0, _TURN_RAD, 2)
        shake = random.normal(0, 1, (_SHAKES, 3))
        rows = _joined(prints[one], prints[other], choice, turns, shake)
        if len(rows) >= _LEAST_MINUTIAE:
            return PackedTemplate(position, _SIDE_PX, _SIDE_PX, _DPI, 60, rows)


@compiled
def _joined(one: Points, other: Points, choice: Points, turns: Points, shake: Points) -> MinutiaRows:
    """One side of the cut from one print, the other side from the other."""
    cut = 2 * math.pi * choice[0]
    across_x, across_y = math.cos(cut), math.sin(cut)
    stretch = 1 + _STRETCH * (2 * choice[1] - 1)
    rows = np.empty((one.shape[0] + other.shape[0], 3), np.uint16)
    count = 0
    for half in range(2):
        points = one if half == 0 else other
        is_mirrored = choice[2 + half] < 0.5
        cosine, sine = math.cos(turns[half]), math.sin(turns[half])
        for i in range(points.shape[0]):
            x, y, angle = points[i, 0], points[i, 1], points[i, 2]
            if is_mirrored:
                x, angle = -x, math.pi - angle
            x, y = stretch * (cosine * x - sine * y), stretch * (sine * x + cosine * y)
            if (x * across_x + y * across_y > 0) != (half == 0):
                continue
            noise = shake[count % shake.shape[0]]
            column = round(x + _SHAKE_PX * noise[0] + _SIDE_PX / 2)
            row = round(_SIDE_PX / 2 - y + _SHAKE_PX * noise[1])
            step = round((angle + turns[half] + _SHAKE_RAD * noise[2]) * 128 / math.pi) % 256
            if 0 <= column < _SIDE_PX and 0 <= row < _SIDE_PX:
                rows[count, 0] = _KIND_ENDING | int(column)
                rows[count, 1] = int(row)
                rows[count, 2] = int(step) << 8 | int(points[i, 3])
                count += 1
    return rows[:count].copy()
