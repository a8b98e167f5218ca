"""What a score is worth: decisions at a stated false match rate, never at a raw score."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from domain.errors import NotAvailableYet


class FMR(Enum):
    """How often two different fingers may be taken for one, in one comparison."""

    ONE_IN_100 = 1e-2
    ONE_IN_1_000 = 1e-3
    ONE_IN_10_000 = 1e-4


def threshold_for(fmr: FMR) -> float:
    """The lowest score accepted at that false match rate."""
    raise NotAvailableYet("thresholds")


def decide(score: float, *, fmr: FMR) -> bool:
    """Whether the score speaks for one finger at that false match rate."""
    return score >= threshold_for(fmr)


def fmr_of(score: float) -> float:
    """The share of impostor comparisons that reach this score, 0..1."""
    raise NotAvailableYet("thresholds")


def fuse(scores: Sequence[float]) -> float:
    """One score for several fingers of one person, to be judged by the same thresholds."""
    raise NotAvailableYet("fusion")
