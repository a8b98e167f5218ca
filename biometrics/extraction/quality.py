"""Stage 8: how much to trust each minutia and the whole finger.

Trust is the chance that the minutia is found again in another impression of the finger. The weights are a logistic
regression on 29 770 minutiae of fingers 101-108 of the three shared sets, each looked for in an impression that
overlaps it (docs/accuracy.md); energy, loneliness and coherence told nearly all that ten measures together did.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from biometrics.extraction.orientation import FloatMap, OrientationField

_WINDOW_PX = 19
#: Mean, deviation and weight of each measure; the base is the log-odds of an average minutia.
_BASE_LOG_ODDS = 2.67
_ENERGY_MEAN, _ENERGY_DEVIATION, _ENERGY_WEIGHT = 0.595, 0.109, 0.64
_COHERENCE_MEAN, _COHERENCE_DEVIATION, _COHERENCE_WEIGHT = 0.869, 0.145, 0.30
_NEAREST_MEAN_PX, _NEAREST_DEVIATION_PX, _NEAREST_WEIGHT = 19.7, 7.3, 0.60
_NEAREST_COUNTED_PX = 30.0
#: Minutiae of less trust add nothing to a finger: worn skin and pure noise have many of them.
_WORTHLESS_TRUST = 0.75
#: The sum of trusts at which a finger has 63 of 100 points.
_ORDINARY_TRUST = 9.0


def evidence_map(enhanced: FloatMap, field: OrientationField) -> FloatMap:
    """Log-odds per pixel that a minutia there is real, from how strong and how steady the ridges are nearby."""
    energy = np.sqrt(np.maximum(cv2.blur(enhanced * enhanced, (_WINDOW_PX, _WINDOW_PX)), 0))
    evidence = (
        _BASE_LOG_ODDS
        + _ENERGY_WEIGHT * (energy - _ENERGY_MEAN) / _ENERGY_DEVIATION
        + _COHERENCE_WEIGHT * (field.coherence - _COHERENCE_MEAN) / _COHERENCE_DEVIATION
    )
    return np.asarray(evidence, np.float32)


def trust_of(evidence: float, nearest_px: float) -> float:
    """0..1 for a minutia with that evidence whose nearest neighbour is so far away: false ones come in heaps."""
    nearest = min(nearest_px, _NEAREST_COUNTED_PX) - _NEAREST_MEAN_PX
    return probability(evidence + _NEAREST_WEIGHT * nearest / _NEAREST_DEVIATION_PX)


def probability(log_odds: float) -> float:
    """0..1 for log-odds."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, log_odds))))


def finger_quality(trusts: Sequence[float]) -> int:
    """0..100 from the sum of the minutiae's trusts: of what was tried, the best forecast of a false rejection."""
    worth = sum(max(0.0, trust - _WORTHLESS_TRUST) for trust in trusts) / (1 - _WORTHLESS_TRUST)
    return round(100 * (1 - math.exp(-worth / _ORDINARY_TRUST)))
