"""What the minutiae of fingers are like, real or invented: how many, how dense, how evenly spread.

No command of its own: benchmarks.synthetic_realism shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.verification_rates import Scores
from biometrics.template import MinutiaKind, Template

_LEAST_MINUTIAE = 8
_CM_PER_INCH = 2.54
_DPI = 500
_APART_QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Seen:
    """A template, and the part of the picture that showed ridges."""

    template: Template
    foreground_share: float


Fingers = Sequence[Sequence[Seen]]


@dataclass(frozen=True, slots=True)
class MinutiaStatistics:
    """What the minutiae of a set are like; the same of every engine."""

    count: float
    count_spread: float
    per_cm2: float
    ending_share: float
    evenness: float
    """Mean distance to the nearest neighbour over that of points thrown at random (Clark and Evans); 1 is random."""
    apart_px: tuple[float, ...]
    opposite_share: float
    """Nearest neighbours that point the other way."""
    along: float
    """How far the minutiae of an impression lie along one line, 0 (all ways alike) to 1 (all along one line)."""


def minutia_statistics(fingers: Fingers) -> MinutiaStatistics:
    """Over all templates with enough minutiae to speak of neighbours."""
    seen = [each for row in fingers for each in row]
    counts = np.array([len(each.template.minutiae) for each in seen])
    rows = [_neighbours(each) for each in seen if len(each.template.minutiae) >= _LEAST_MINUTIAE]
    apart = np.concatenate([nearest for nearest, _, _, _ in rows])
    return MinutiaStatistics(
        count=float(counts.mean()),
        count_spread=float(counts.std()),
        per_cm2=float(np.mean([density for _, _, density, _ in rows])),
        ending_share=float(np.mean([_ending_share(each.template) for each in seen if each.template.minutiae])),
        evenness=float(np.mean([evenness for _, _, _, evenness in rows])),
        apart_px=tuple(float(value) for value in np.quantile(apart, _APART_QUANTILES)),
        along=float(np.mean([_along(each.template) for each in seen if each.template.minutiae])),
        opposite_share=float(np.mean([opposite for _, opposite, _, _ in rows])),
    )


def _neighbours(seen: Seen) -> tuple[Scores, float, float, float]:
    """Distances to the nearest at 500 dpi, share of opposite nearest, minutiae per square centimetre, evenness."""
    template = seen.template
    scale = _DPI / template.dpi
    places = scale * np.array([(m.x_px, m.y_px) for m in template.minutiae], np.float64)
    angles = np.array([m.angle_256 for m in template.minutiae]) * 2 * np.pi / 256
    distances = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(distances, np.inf)
    nearest = distances.min(axis=1)
    opposite = float((np.cos(angles - angles[distances.argmin(axis=1)]) < 0).mean())
    area_px = max(1.0, seen.foreground_share * template.width_px * template.height_px * scale**2)
    evenness = float(nearest.mean() * 2 * np.sqrt(len(places) / area_px))
    return nearest, opposite, len(places) / (area_px * (_CM_PER_INCH / _DPI) ** 2), evenness


def _ending_share(template: Template) -> float:
    return sum(m.kind is MinutiaKind.RIDGE_ENDING for m in template.minutiae) / len(template.minutiae)


def _along(template: Template) -> float:
    """The mean resultant length of the doubled directions: a line has no front and back."""
    angles = np.array([m.angle_256 for m in template.minutiae]) * 2 * np.pi / 256
    return float(np.abs(np.exp(2j * angles).mean()))
