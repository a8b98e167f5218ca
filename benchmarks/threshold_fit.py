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
#: One-sided 95 %: few exceedances make thresholds stricter, not laxer.
_CAUTION_DEVIATIONS = 1.64
#: The same two fingers are met as whole and small pictures and by three pairs of engines: six groups tell of one pair.
_TIMES_TOLD = 6


def fit(groups: Sequence[Scores]) -> Curve:
    """The highest of the groups' scores at each counted rate, and from there the tail that all groups together have."""
    rising = [np.sort(scores) for scores in groups]
    table: Curve = [(0.0, 1.0)]
    for rate in COUNTED_RATES:
        score = round(max(bounded_score(each, rate) for each in rising), 3)
        if score > table[-1][0]:
            table.append((score, rate))
    start, start_rate = table[-1]
    slope = tail_slope(rising, start_rate)
    return table + [(round(start + slope * math.log(start_rate / rate), 3), rate) for rate in FITTED_RATES]


def tail_slope(groups: Sequence[Scores], rate: float) -> float:
    """How far scores rise while their rate falls to 1/e, with 95 % confidence at most.

    The mean excess over each group's own score for that rate, made larger by what so few exceedances may hide.
    """
    starts = [float(np.quantile(scores, 1 - rate)) for scores in groups]
    excess = np.concatenate([scores[scores > start] - start for scores, start in zip(groups, starts, strict=True)])
    told = max(1.0, excess.size / min(_TIMES_TOLD, len(groups)))
    return float(excess.mean()) * (1 + _CAUTION_DEVIATIONS / math.sqrt(told)) if excess.size else 0.0


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
