"""Searching: mates are found, whatever the fingers are called and however the index is cut."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from biometrics.index.errors import SubjectRefused
from biometrics.index.packed_template import pack, prepare_packed
from biometrics.index.search import SearchAnswer, SearchLimits, search
from biometrics.index.segment import Enrolled
from biometrics.index.shard import LocalShard
from biometrics.index.snapshot import Snapshot
from biometrics.matcher import prepare
from biometrics.template import Template
from domain.fingers import FingerPosition
from tests.unit.biometrics.fingers_in_tests import invented_finger
from tests.unit.biometrics_index.people_in_index import enrolled, fingers_of, name_of, people, probes_of

PEOPLE = 160
#: So few that the votes decide who is compared.
LIMITS = SearchLimits(candidates=5, shortlist=12)


@pytest.fixture(scope="module")
def town() -> Snapshot:
    snapshot = Snapshot()
    for first in range(0, PEOPLE, 40):
        snapshot = snapshot.put(people(first, first + 40))
    return snapshot


def ask(snapshot: Snapshot, probes: list[Template], limits: SearchLimits = LIMITS) -> SearchAnswer:
    return search([LocalShard(snapshot)], probes, limits)


def test_everybody_is_found_by_two_fingers(town: Snapshot) -> None:
    for number in range(0, PEOPLE, 9):
        answer = ask(town, probes_of(number))
        assert answer.candidates[0].subject == name_of(number)
        assert len(answer.candidates[0].pairs) == 2
        assert (answer.people, answer.is_complete) == (PEOPLE, True)
        assert answer.shortlisted == LIMITS.shortlist


def test_one_finger_finds_its_person(town: Snapshot) -> None:
    found = [ask(town, probes_of(number)[:1]).candidates for number in range(0, PEOPLE, 9)]
    assert [candidates[0].subject for candidates in found] == [name_of(number) for number in range(0, PEOPLE, 9)]


def test_permuted_fingers_are_found_as_well_as_in_order() -> None:
    """T-10: re-enrolled with the fingers in another order and under other names."""
    in_order, permuted = _rates_of_permutations(people_enrolled=40, step=20)
    assert permuted == pytest.approx(in_order, abs=0.005)
    assert in_order == 1.0


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_all_permutations_of_a_thousand_people_are_found_as_well_as_in_order() -> None:
    """T-10 in full: 24,000 searches."""
    in_order, permuted = _rates_of_permutations(people_enrolled=1000, step=1)
    assert permuted == pytest.approx(in_order, abs=0.005)
    assert in_order > 0.9


def _rates_of_permutations(people_enrolled: int, step: int) -> tuple[float, float]:
    """How often the person stands first: fingers in the order of enrolment, and in each of the 24 orders."""
    fingers = 4
    snapshot = Snapshot().put(people(0, people_enrolled, fingers))
    searched = range(0, people_enrolled, step)
    in_order, permuted = 0, 0
    for number in searched:
        probes, positions = probes_of(number, fingers), [finger.position for finger in fingers_of(number, fingers)]
        in_order += _hit(snapshot, number, probes)
        for order in itertools.permutations(range(fingers)):
            shuffled = [replace(probes[n], position=position) for n, position in zip(order, positions, strict=True)]
            permuted += _hit(snapshot, number, shuffled)
    trials = len(searched) * math.factorial(fingers)
    rates = in_order / len(searched), permuted / trials
    print(f"\nT-10: {trials} permutations, hit rate {rates[1]:.4f}, {rates[0]:.4f} in order")  # noqa: T201
    return rates


def _hit(snapshot: Snapshot, number: int, probes: list[Template]) -> bool:
    candidates = ask(snapshot, probes).candidates
    return bool(candidates) and candidates[0].subject == name_of(number)


def test_the_answer_is_the_same_on_any_number_of_shards(town: Snapshot) -> None:
    probes = [*probes_of(17), *probes_of(93)]
    whole = ask(town, probes)
    assert {candidate.subject for candidate in whole.candidates[:2]} == {name_of(17), name_of(93)}
    for shards in (2, 3, 4):
        cut = [LocalShard(Snapshot(town.parts[n::shards])) for n in range(shards)]
        assert search(cut, probes, LIMITS) == whole
        assert search(list(reversed(cut)), probes, LIMITS) == whole


def test_merging_changes_no_answer(town: Snapshot) -> None:
    merged = town.merge((0, 2)).merge((0, 1, 2))
    assert len(merged.parts) == 1
    assert merged.people == town.people
    assert np.array_equal(merged.key_counts, town.key_counts)
    for number in (3, 50, 121):
        assert ask(merged, probes_of(number)) == ask(town, probes_of(number))


def test_a_merged_segment_is_what_building_it_at_once_gives(town: Snapshot) -> None:
    (merged,) = town.merge(range(len(town.parts))).parts
    (built,) = Snapshot().put(people(0, PEOPLE)).parts
    for name in ("subjects", "entry_starts", "slots", "minutia_starts", "minutiae", "postings"):
        assert np.array_equal(getattr(merged.segment, name), getattr(built.segment, name)), name
    for name in ("words", "ranks", "starts"):
        assert np.array_equal(getattr(merged.segment.directory, name), getattr(built.segment.directory, name)), name


def test_the_removed_are_not_found_and_their_postings_go_at_the_next_merge(town: Snapshot) -> None:
    before = ask(town, probes_of(7)).candidates
    smaller = town.remove([name_of(7), "nobody"])
    assert before[0].subject == name_of(7)
    assert smaller.people == PEOPLE - 1
    assert name_of(7) not in {candidate.subject for candidate in ask(smaller, probes_of(7)).candidates}
    merged = smaller.merge(range(4))
    assert merged.fingers == 2 * (PEOPLE - 1)
    assert int(merged.key_counts.sum()) < int(smaller.key_counts.sum())
    assert name_of(8) == ask(merged, probes_of(8)).candidates[0].subject


def test_enrolling_again_replaces_all_fingers(town: Snapshot) -> None:
    again = town.put([Enrolled(name_of(5), (pack(invented_finger(999_999)),))])
    assert again.people == PEOPLE
    assert again.fingers == 2 * PEOPLE - 1
    found = {candidate.subject for candidate in ask(again, probes_of(5)).candidates}
    assert name_of(5) not in found
    assert ask(again, [invented_finger(999_999)]).candidates[0].subject == name_of(5)
    assert sorted(again.subjects()) == sorted(town.subjects())


def test_equal_scores_are_ordered_by_subject() -> None:
    twin = fingers_of(1)
    snapshot = Snapshot()
    for subject in ("c", "a", "d", "b"):
        snapshot = snapshot.put([Enrolled(subject, tuple(map(pack, twin)))])
    snapshot = snapshot.put(people(20, 60))
    for shortlist in (2, 3, 500):
        answer = ask(snapshot, probes_of(1), SearchLimits(candidates=3, shortlist=shortlist))
        assert [candidate.subject for candidate in answer.candidates] == ["a", "b", "c"][:shortlist]


def test_a_small_gallery_is_compared_whole() -> None:
    snapshot = Snapshot().put(people(0, 10))
    answer = ask(snapshot, probes_of(3), SearchLimits(candidates=5, shortlist=10))
    assert (answer.shortlisted, answer.compared) == (10, 10)
    assert answer.candidates[0].subject == name_of(3)


def test_the_likeliest_are_compared_first_when_time_is_short(town: Snapshot) -> None:
    clock = itertools.count()
    answer = search(
        [LocalShard(town)], probes_of(31), replace(LIMITS, shortlist=50, time_s=1.5), now=lambda: float(next(clock))
    )
    assert not answer.is_complete
    assert 0 < answer.compared < answer.shortlisted == 50
    assert answer.candidates[0].subject == name_of(31)


def test_nothing_comes_of_nothing(town: Snapshot) -> None:
    empty = Template(256, 288, 500, FingerPosition.UNKNOWN, 0, ())
    assert ask(Snapshot(), probes_of(1)).candidates == ()
    assert ask(town, []).candidates == ()
    assert ask(town, [empty]) == SearchAnswer((), PEOPLE, 0, 0)
    assert ask(town, probes_of(1), SearchLimits(candidates=0)).candidates == ()
    bare = Snapshot().put([Enrolled("bare", ()), Enrolled("blank", (pack(empty),)), enrolled(1)])
    assert [c.subject for c in ask(bare, probes_of(1)).candidates] == [name_of(1)]
    assert bare.people == 3


def test_people_who_cannot_be_filed_are_refused() -> None:
    for subject in ("", "ends in zero\0", "x" * 2000):
        with pytest.raises(SubjectRefused):
            Snapshot().put([Enrolled(subject, ())])
    with pytest.raises(SubjectRefused):
        Snapshot().put([enrolled(1), enrolled(1)])


def test_a_packed_finger_is_made_ready_as_the_template_is() -> None:
    for seed in range(4):
        finger = replace(invented_finger(seed, 20 + seed), dpi=500 + 10 * seed)
        ready, expected = prepare_packed(pack(finger)), prepare(finger)
        for mine, others in zip(
            (ready.x, ready.y, ready.angle_rad, ready.neighbours, ready.counts),
            (expected.x, expected.y, expected.angle_rad, expected.neighbours, expected.counts),
            strict=True,
        ):
            assert np.array_equal(mine, others)
