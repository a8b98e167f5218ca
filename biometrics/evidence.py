"""What speaks for two impressions being one finger, weighed into one score.

Four measures tell nearly all that fourteen did. Their weights are a logistic regression on genuine and impostor pairs
of fingers 101-108 of the three shared sets, as they are and made worse in nine ways, of both engines; pairs near the
working threshold count most. Made by `python -m benchmarks.score_fit`, described in docs/accuracy.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from biometrics.score_weights import BEGINNING, CLOSENESS, OVERLAP, SHARE, SUPPORT


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a comparison found."""

    support: float
    """How well the pairs of the first look fit each other, summed (pair_graph.py)."""
    pairs: int
    """Minutiae that lie on each other after the second look (overlay.py)."""
    closeness: float
    """How close those lie, 1 a pair at most, summed."""
    overlap: float
    """Minutiae that could have been paired in the part that both show."""

    @property
    def measures(self) -> tuple[float, float, float, float]:
        """What is weighed: logarithms of support, closeness and overlap, and the paired share of the overlap."""
        return (
            math.log1p(self.support),
            math.log1p(self.closeness),
            math.log1p(self.overlap),
            self.pairs / (self.overlap + 1),
        )


NOTHING = Evidence(0.0, 0, 0.0, 0.0)


def score_of(evidence: Evidence) -> float:
    """0 for nothing, rising without limit: log odds up to a constant, laid out smoothly at 0."""
    if not evidence.pairs:
        return 0.0
    support, closeness, overlap, share = evidence.measures
    weighed = SUPPORT * support + CLOSENESS * closeness + OVERLAP * overlap + SHARE * share - BEGINNING
    return max(weighed, 0.0) + math.log1p(math.exp(-abs(weighed)))
