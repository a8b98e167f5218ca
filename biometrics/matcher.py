"""One finger against one finger."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from biometrics.pair_graph import Counts, FloatRows, compare_described, describe_neighbours
from biometrics.template import ANGLE_STEPS, Template

_MATCHING_DPI = 500


@dataclass(frozen=True, slots=True, eq=False)
class PreparedTemplate:
    """A template with its neighbours described: what many comparisons of one finger should share."""

    x: FloatRows
    y: FloatRows
    angle_rad: FloatRows
    neighbours: FloatRows
    counts: Counts


def prepare(template: Template) -> PreparedTemplate:
    """The template made ready for comparing, brought to 500 dpi and y upwards."""
    points = [(m.x_px, -m.y_px, m.angle_256) for m in template.minutiae]
    rows = np.array(points, dtype=np.float32).reshape(-1, 3)
    scale = np.float32(_MATCHING_DPI / template.dpi)
    x, y = rows[:, 0] * scale, rows[:, 1] * scale
    angle = (rows[:, 2] * np.float32(2 * math.pi / ANGLE_STEPS)).astype(np.float32)
    return PreparedTemplate(x, y, angle, *describe_neighbours(x, y, angle))


def compare_prepared(probe: PreparedTemplate, reference: PreparedTemplate) -> float:
    """What compare gives, for templates already prepared."""
    return compare_described(
        probe.x,
        probe.y,
        probe.angle_rad,
        probe.neighbours,
        probe.counts,
        reference.x,
        reference.y,
        reference.angle_rad,
        reference.neighbours,
        reference.counts,
    )


def compare(probe: Template, reference: Template) -> float:
    """How much speaks for both being one finger: 0 nothing, rising without limit.

    The score is a weighted count of minutiae that fit together, less where the overlap should have
    matched more. Only thresholds.py gives it a meaning: how often different fingers reach it. Finger
    positions are not looked at.
    """
    return compare_prepared(prepare(probe), prepare(reference))
