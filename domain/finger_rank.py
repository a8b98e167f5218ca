"""Which finger to ask for first: by the two impressions of enrolment, then by what happened at the desks since.

The order decides only which finger is asked for. It moves no threshold, so that no learning makes false matches
likelier; how many comparisons a visit may hold is bounded elsewhere (``domain.visit_limits``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.fingers import FingerPosition
from domain.record import Record

#: What enrolment says weighs as much as so many visits.
_ENROLMENT_WEIGHT = 4.0
#: After so many days a visit counts half: skin heals, and wears.
HALF_LIFE_DAYS = 180.0
#: No finger falls below this: after a bad season it is still asked for, as the last one.
FLOOR = 0.05
#: A finger must be better by this much to pass the one before it: nobody's habit is changed for a trifle.
_MARGIN = 0.05
#: Evidence (FingerRecord.pair_evidence) that leaves nothing to wish for: one false match in ten million.
_FULL_EVIDENCE = 70
_USUAL_ATTEMPTS = 2
_SECONDS_A_DAY = 86_400.0


class RankedFinger(Record):
    """What enrolment knows of a finger."""

    position: FingerPosition
    quality: int
    pair_evidence: int = 0
    attempts: int = 2


class FingerOutcome(Record):
    """One finger tried at a desk, and whether it matched. Bad pictures count as not matched: the finger is worn."""

    position: FingerPosition
    is_match: bool
    at: datetime


def expected_at_enrolment(finger: RankedFinger) -> float:
    """0–1: how likely the finger is to be matched at the next try, by what enrolment saw."""
    strength = min(1.0, finger.pair_evidence / _FULL_EVIDENCE)
    hurdles = 0.05 * max(0, finger.attempts - _USUAL_ATTEMPTS)
    return _bounded(0.5 + 0.3 * strength + 0.2 * finger.quality / 100 - hurdles)


def expected_now(finger: RankedFinger, outcomes: Iterable[FingerOutcome], *, at: datetime | None = None) -> float:
    """The same with what happened since; ``at`` is needed as soon as there are outcomes."""
    won = _ENROLMENT_WEIGHT * expected_at_enrolment(finger)
    weight = _ENROLMENT_WEIGHT
    for outcome in outcomes:
        if outcome.position is not finger.position or at is None:
            continue
        days = max(0.0, (at - outcome.at).total_seconds() / _SECONDS_A_DAY)
        share = 0.5 ** (days / HALF_LIFE_DAYS)
        weight += share
        won += share * outcome.is_match
    return _bounded(won / weight)


def rank_fingers(
    fingers: Sequence[RankedFinger], outcomes: Sequence[FingerOutcome] = (), *, at: datetime | None = None
) -> tuple[FingerPosition, ...]:
    """The fingers to ask for, the best first.

    Without outcomes purely by enrolment. With them the order of enrolment changes only where the difference is clear.
    """
    by_enrolment = sorted(fingers, key=lambda each: (-expected_at_enrolment(each), -each.quality, int(each.position)))
    return rerank([each.position for each in by_enrolment], by_enrolment, outcomes, at=at)


def rerank(
    order: Sequence[FingerPosition],
    fingers: Sequence[RankedFinger],
    outcomes: Sequence[FingerOutcome],
    *,
    at: datetime | None,
) -> tuple[FingerPosition, ...]:
    """``order`` with every finger moved up past those it is clearly better than (insertion, so it ends)."""
    if not outcomes or at is None:
        return tuple(order)
    known = {each.position: each for each in fingers}
    hope = {position: expected_now(known[position], outcomes, at=at) for position in order}
    ranked: list[FingerPosition] = []
    for position in order:
        place = len(ranked)
        while place and hope[position] > hope[ranked[place - 1]] + _MARGIN:
            place -= 1
        ranked.insert(place, position)
    return tuple(ranked)


def _bounded(chance: float) -> float:
    return min(1.0 - FLOOR, max(FLOOR, chance))
