"""From scores of different fingers to a table of score and false match rate, on the strict side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.verification_rates import Scores, upper_bound

#: (score, share of impostor pairs that reach it), scores rising.
Curve = list[tuple[float, float]]

#: Rates counted in the scores; below the last of them the tail is fitted.
COUNTED_RATES = (0.5, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001)
FITTED_RATES = (1e-4, 1e-6)
TAIL_FROM = 0.003
#: One-sided 95 %: few exceedances make thresholds stricter, not laxer.
_CAUTION_DEVIATIONS = 1.64


def fit(groups: Sequence[Scores]) -> Curve:
    """The highest of the groups' curves at each rate: no group's rate is expected above the stated one."""
    curves = [curve_of(scores) for scores in groups]
    table: Curve = [(0.0, 1.0)]
    for i, rate in enumerate((*COUNTED_RATES, *FITTED_RATES)):
        score = round(max(curve[i][0] for curve in curves), 3)
        if score > table[-1][0]:
            table.append((score, rate))
    return table


def curve_of(scores: Scores) -> Curve:
    """What one group says: a score for each counted and fitted rate, each with its bound."""
    rising = np.sort(scores)
    curve = [(bounded_score(rising, rate), rate) for rate in COUNTED_RATES]
    start, start_rate = curve[-1]
    tail_start = float(np.quantile(rising, 1 - TAIL_FROM))
    excess = rising[rising > tail_start] - tail_start
    slope = float(excess.mean()) * (1 + _CAUTION_DEVIATIONS / math.sqrt(excess.size)) if excess.size else 0.0
    return curve + [(start + slope * math.log(start_rate / rate), rate) for rate in FITTED_RATES]


def bounded_score(rising: Scores, rate: float) -> float:
    """The lowest score that so few pairs reach that their true share is, with 95 % confidence, at most ``rate``.

    With too few pairs to say so, the highest score of all: then the table is no better than that.
    """
    allowed = int(rate * rising.size)
    while allowed > 0 and upper_bound(allowed, rising.size) > rate:
        allowed -= max(1, allowed // 1000)
    return float(rising[rising.size - 1 - max(0, allowed)])


def score_at(table: Curve, rate: float) -> float:
    """The score that the table demands for that rate."""
    logs = [math.log(each) for _, each in reversed(table)]
    return float(np.interp(math.log(rate), logs, [score for score, _ in reversed(table)]))


def rate_at(table: Curve, score: float) -> float:
    """The rate that the table states for that score; beyond its end, the last."""
    return float(math.exp(np.interp(score, [each for each, _ in table], [math.log(rate) for _, rate in table])))
