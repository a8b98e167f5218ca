"""What a score is worth: decisions at a stated false match rate, never at a raw score."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from enum import Enum

from biometrics.calibration import IMPOSTOR_TAIL


class FMR(Enum):
    """How often two different fingers may be taken for one, in one comparison."""

    ONE_IN_100 = 1e-2
    ONE_IN_1_000 = 1e-3
    ONE_IN_10_000 = 1e-4


_SCORES = tuple(score for score, _ in IMPOSTOR_TAIL)
_LOG_RATES = tuple(math.log(rate) for _, rate in IMPOSTOR_TAIL)


def threshold_for(fmr: FMR) -> float:
    """The lowest score accepted at that false match rate."""
    return _score_at(fmr.value)


def decide(score: float, *, fmr: FMR) -> bool:
    """Whether the score speaks for one finger at that false match rate."""
    return score >= threshold_for(fmr)


def fmr_of(score: float) -> float:
    """The share of impostor comparisons that reach this score, 0..1.

    Measured down to the last entries of the calibration table; beyond, its tail goes on as an exponential.
    """
    if score <= _SCORES[0]:
        return 1.0
    return min(1.0, math.exp(_line(score, _SCORES, _LOG_RATES)))


def fuse(scores: Sequence[float]) -> float:
    """One score for several *different* fingers of one person, to be judged by the same thresholds.

    Fisher's combination of the fingers' false match rates, which holds when different fingers of one impostor
    are independent. Only a finger that was really asked for belongs here, failed ones included: leaving out the
    fingers that did badly makes false matches more frequent than stated.
    """
    if not scores:
        return 0.0
    evidence = -sum(math.log(fmr_of(score)) for score in scores)
    term, total = 1.0, 1.0
    for order in range(1, len(scores)):
        term *= evidence / order
        total += term
    return _score_at_log(min(0.0, math.log(total) - evidence))


def fuse_tries(scores: Sequence[float]) -> float:
    """One score for several tries of *one* finger: the best, made to pay for the number of tries (Bonferroni)."""
    if not scores:
        return 0.0
    return _score_at_log(min(0.0, math.log(fmr_of(max(scores))) + math.log(len(scores))))


def _score_at(rate: float) -> float:
    return _score_at_log(math.log(rate))


def _score_at_log(log_rate: float) -> float:
    """The score that this share of impostors reaches; the table's rates fall, so they are read negated."""
    if log_rate >= 0:
        return _SCORES[0]
    return _line(-log_rate, tuple(-rate for rate in _LOG_RATES), _SCORES)


def _line(at: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """The value on the straight pieces through the points; the last piece goes on for ever."""
    piece = min(max(bisect_right(xs, at), 1), len(xs) - 1)
    left, right = piece - 1, piece
    share = (at - xs[left]) / (xs[right] - xs[left])
    return ys[left] + share * (ys[right] - ys[left])
