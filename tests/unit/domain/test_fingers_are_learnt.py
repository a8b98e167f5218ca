"""Which finger is asked for is learnt from outcomes; the chance of a false match of a visit never rises."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.finger_rank import FLOOR, FingerOutcome, RankedFinger, expected_now, rank_fingers, rerank
from domain.fingers import FingerPosition
from domain.visit_limits import (
    TRIES_A_VISIT,
    VISIT_FMR,
    MemberLikeness,
    Recognised,
    VisitEvidence,
    fused_limit,
    single_limit,
)

NOW = datetime(2026, 3, 10, tzinfo=UTC)
THUMB, INDEX, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX
VISITS = 20_000


def finger(position: FingerPosition, quality: int = 60, evidence: int = 50, attempts: int = 2) -> RankedFinger:
    return RankedFinger(position=position, quality=quality, pair_evidence=evidence, attempts=attempts)


def outcomes(position: FingerPosition, *matches: bool, days_ago: int = 0) -> list[FingerOutcome]:
    at = NOW - timedelta(days=days_ago)
    return [FingerOutcome(position=position, is_match=is_match, at=at) for is_match in matches]


def test_without_outcomes_the_pair_score_and_quality_of_enrolment_decide() -> None:
    fingers = [finger(THUMB, 50, 30), finger(INDEX, 50, 60), finger(LEFT, 90, 60)]
    assert rank_fingers(fingers) == (LEFT, INDEX, THUMB)


def test_a_finger_that_fails_again_and_again_gives_way_to_one_that_matches() -> None:
    seen = outcomes(THUMB, False, False, False) + outcomes(INDEX, True, True, True)
    assert rerank([THUMB, INDEX], [finger(THUMB), finger(INDEX)], seen, at=NOW) == (INDEX, THUMB)


def test_one_bad_day_changes_nobodys_habit_when_the_fingers_are_far_apart() -> None:
    fingers = [finger(THUMB, 95, 80), finger(INDEX, 30, 20)]
    assert rank_fingers(fingers, outcomes(THUMB, False), at=NOW) == (THUMB, INDEX)


def test_old_failures_fade() -> None:
    old = outcomes(THUMB, False, False, False, days_ago=5 * 365)
    fresh = outcomes(THUMB, False, False, False)
    assert expected_now(finger(THUMB), old, at=NOW) > 0.7 > expected_now(finger(THUMB), fresh, at=NOW)


@given(st.lists(st.tuples(st.sampled_from([THUMB, INDEX, LEFT]), st.booleans(), st.integers(0, 900)), max_size=60))
def test_no_finger_is_ever_lost_and_none_falls_below_the_floor(tries: list[tuple[FingerPosition, bool, int]]) -> None:
    seen = [each for position, hit, days in tries for each in outcomes(position, hit, days_ago=days)]
    fingers = [finger(THUMB), finger(INDEX), finger(LEFT)]
    assert sorted(rank_fingers(fingers, seen, at=NOW)) == [THUMB, INDEX, LEFT]
    assert all(FLOOR <= expected_now(each, seen, at=NOW) <= 1 - FLOOR for each in fingers)


def like(rate: float, compared: int = 4) -> MemberLikeness:
    return MemberLikeness(rate, compared)


def test_the_limits_of_all_tests_add_up_to_the_visits_rate() -> None:
    members, comparisons = 8, 32
    singles = TRIES_A_VISIT * comparisons * single_limit(comparisons)
    fused = 3 * members * fused_limit(members)
    assert singles + fused == pytest.approx(VISIT_FMR)


def test_one_clear_finger_is_enough_and_two_weak_ones_together_are() -> None:
    assert VisitEvidence().after(THUMB, [like(0.3), like(1e-7)]) == Recognised(1, by_two_fingers=False)
    visit = VisitEvidence()
    assert visit.after(THUMB, [like(1.5e-4)]) is None
    assert visit.after(INDEX, [like(1.5e-4)]) == Recognised(0, by_two_fingers=True)


def test_the_same_finger_again_does_not_count_as_a_second_one() -> None:
    visit = VisitEvidence()
    assert [visit.after(THUMB, [like(1.5e-4)]) for _ in range(3)] == [None] * 3


def test_after_six_tries_no_finger_counts_any_more() -> None:
    visit = VisitEvidence()
    for asked in (THUMB, THUMB, THUMB, INDEX, INDEX, INDEX):
        assert visit.after(asked, [like(0.5)]) is None
    assert visit.is_used_up
    assert visit.after(LEFT, [like(1e-9)]) is None


def strangers_let_in(members: int, rng: random.Random, *, careless: bool = False) -> int:
    """Strangers at a card of so many members, four fingers each; rates of impostor comparisons are even on 0..1."""
    passed = 0
    for _ in range(VISITS):
        visit = VisitEvidence()
        for asked in (THUMB, THUMB, THUMB, INDEX, INDEX, INDEX):
            # the smallest of four even numbers
            likenesses = [like(1 - (1 - rng.random()) ** 0.25) for _ in range(members)]
            let_in = min(each.false_match_rate for each in likenesses) <= 1e-4 if careless else None
            if let_in or visit.after(asked, likenesses) is not None:
                passed += 1
                break
    return passed


@pytest.mark.parametrize("members", [1, 8])
def test_a_stranger_passes_no_visit_more_often_than_stated(members: int) -> None:
    passed = strangers_let_in(members, random.Random(members))
    most = VISITS * VISIT_FMR + 4 * (VISITS * VISIT_FMR) ** 0.5
    print(f"{members} members: {passed} of {VISITS} strangers, at most {VISITS * VISIT_FMR:.0f} expected")  # noqa: T201
    assert passed <= most


def test_the_simulation_finds_a_threshold_that_forgets_how_many_comparisons_there_are() -> None:
    assert strangers_let_in(8, random.Random(3), careless=True) > 5 * VISITS * VISIT_FMR


@given(
    st.lists(st.tuples(st.integers(0, 1), st.floats(1e-9, 1.0), st.floats(1e-9, 1.0)), max_size=8),
    st.permutations(list(FingerPosition)[1:]),
)
def test_whom_a_visit_lets_in_does_not_depend_on_which_fingers_learning_had_it_ask_for(
    tries: list[tuple[int, float, float]], order: list[FingerPosition]
) -> None:
    def visit(asked: list[FingerPosition]) -> list[Recognised | None]:
        evidence = VisitEvidence()
        return [evidence.after(asked[finger], [like(one), like(other)]) for finger, one, other in tries]

    assert visit(order) == visit([THUMB, INDEX])
    assert sum(each is not None for each in visit(order)) <= TRIES_A_VISIT
