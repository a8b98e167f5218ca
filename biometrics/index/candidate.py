"""What a search gives: people who may be the probe's person, for a human to look at."""

from __future__ import annotations

from dataclasses import dataclass

from domain.fingers import FingerPosition


@dataclass(frozen=True, slots=True)
class FingerPair:
    """A probe finger that looks like an enrolled one, whatever either was called."""

    probe: FingerPosition
    reference: FingerPosition
    score: float


@dataclass(frozen=True, slots=True)
class GalleryCandidate:
    """An enrolled subject who may be the probe's person: for a human adjudicator, never a verdict.

    pairs hold each probe finger and each enrolled impression at most once, best first, all of them beyond one
    false match in a thousand comparisons. score orders candidates: the pairs' scores fused with zeros for the
    probe fingers that found nothing.
    """

    subject: str
    score: float
    pairs: tuple[FingerPair, ...]


def in_order(candidates: list[GalleryCandidate], limit: int) -> list[GalleryCandidate]:
    """The best first, at most limit of them; equal scores by subject, so that the answer is the same everywhere."""
    return sorted(candidates, key=lambda candidate: (-candidate.score, candidate.subject))[: max(0, limit)]
