"""One finger against one finger."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from biometrics.evidence import NOTHING, Evidence, score_of
from biometrics.overlay import look_again
from biometrics.pair_graph import Counts, FloatRows, describe_neighbours, find_group
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
    places = np.array([(m.x_px, m.y_px, m.angle_256) for m in template.minutiae], dtype=np.float32).reshape(-1, 3)
    return prepare_places(places, template.dpi)


def prepare_places(places: FloatRows, dpi: int) -> PreparedTemplate:
    """What prepare gives, from rows of (x, y downwards, angle in 1/256 turns): all that comparing looks at."""
    scale = np.float32(_MATCHING_DPI / dpi)
    x, y = places[:, 0] * scale, -places[:, 1] * scale
    angle = places[:, 2] * np.float32(2 * math.pi / ANGLE_STEPS)
    return PreparedTemplate(x, y, angle, *describe_neighbours(x, y, angle))


def find_evidence(probe: PreparedTemplate, reference: PreparedTemplate) -> Evidence:
    """What speaks for both being one finger. The same whichever comes first, but for templates of equal size."""
    a, b = (probe, reference) if probe.x.size <= reference.x.size else (reference, probe)
    first, second, support = find_group(
        a.x, a.y, a.angle_rad, a.neighbours, a.counts, b.x, b.y, b.angle_rad, b.neighbours, b.counts
    )
    if not first.size:
        return NOTHING
    pairs, closeness, overlap = look_again(a.x, a.y, a.angle_rad, b.x, b.y, b.angle_rad, first, second)
    return Evidence(support, pairs, closeness, overlap) if pairs else NOTHING


def compare_prepared(probe: PreparedTemplate, reference: PreparedTemplate) -> float:
    """What compare gives, for templates already prepared."""
    return score_of(find_evidence(probe, reference))


def compare(probe: Template, reference: Template) -> float:
    """How much speaks for both being one finger: 0 nothing, rising without limit.

    The score weighs the minutiae that fit together against those that the overlap should have matched
    (evidence.py). Only thresholds.py gives it a meaning: how often different fingers reach it. Finger
    positions are not looked at.
    """
    return compare_prepared(prepare(probe), prepare(reference))
