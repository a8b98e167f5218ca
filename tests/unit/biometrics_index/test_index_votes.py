"""Votes: counted as a slow and plain count does, apart by turn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.index.key_directory import directory_of
from biometrics.index.keys import DIRECTIONS, KEY_COUNT, reference_marks
from biometrics.index.packed_template import PackedTemplate, pack
from biometrics.index.question import Question, ask, keys_of, look_at
from biometrics.index.segment import Enrolled
from biometrics.index.shortlist import PartCounter
from biometrics.index.snapshot import Snapshot
from biometrics.index.voting import room_for_votes
from tests.unit.biometrics.fingers_in_tests import another_impression
from tests.unit.biometrics_index.people_in_index import enrolled, fingers_of, name_of, people, probes_of


def question_for(snapshot: Snapshot, fingers: list[PackedTemplate]) -> Question:
    looked = look_at(fingers)
    return ask(looked, snapshot.count_keys(keys_of(looked)), snapshot.fingers)


def plainly_counted(finger: PackedTemplate, question: Question, probe: int) -> int:
    """The votes of the turn that has most, of two neighbouring eighths within a quarter of a turn."""
    asked = question.votes[probe]
    worth = {
        (int(key), turn): int(votes)
        for key, turn, votes in zip(asked.keys, asked.turns // (2**16 // DIRECTIONS), asked.votes, strict=True)
    }
    by_turn = [0] * DIRECTIONS
    for mark in reference_marks(finger.rows, finger.dpi).tolist():
        for turn in range(DIRECTIONS):
            by_turn[(mark % DIRECTIONS + turn) % DIRECTIONS] += worth.get((mark // DIRECTIONS, turn), 0)
    return max(by_turn[turn] + by_turn[turn + 1] for turn in (-2, -1, 0, 1))


def test_votes_are_those_of_a_plain_count() -> None:
    snapshot = Snapshot().put(people(0, 12))
    (part,) = snapshot.parts
    question = question_for(snapshot, [pack(finger) for finger in probes_of(4)])
    with room_for_votes() as room:
        by_slot, by_entry = PartCounter(question).count(part, room)
    fingers = [finger for person in people(0, 12) for finger in person.fingers]
    for probe in range(2):
        expected = [plainly_counted(finger, question, probe) for finger in fingers]
        assert max(expected) > 0
        assert by_slot[probe].tolist() == [
            votes * int(scale) for votes, scale in zip(expected, part.slot_scales, strict=True)
        ]
    best = by_slot.reshape(2, 12, 2).max(axis=2).astype(np.int64)
    scales = np.array([probe.scale for probe in question.votes])[:, None]
    assert by_entry.tolist() == (best * scales >> 16).sum(axis=0).tolist()


@pytest.mark.parametrize(("turn_deg", "is_likely"), [(-80.0, True), (-30.0, True), (85.0, True), (180.0, False)])
def test_a_finger_turned_beyond_a_quarter_is_not_taken_for_likely(turn_deg: float, is_likely: bool) -> None:
    snapshot = Snapshot().put(people(0, 30))
    turned = another_impression(fingers_of(7)[0], 3, turn_deg=turn_deg)
    with room_for_votes() as room:
        _, scores = PartCounter(question_for(snapshot, [pack(turned)])).count(snapshot.parts[0], room)
    assert bool(scores[7] > 2 * np.delete(scores, 7).max()) == is_likely


def test_a_key_leads_to_its_own_list() -> None:
    random = np.random.default_rng(5)
    for keys in (np.sort(random.choice(KEY_COUNT, 3000, replace=False)), np.array([0, 63, 64, KEY_COUNT - 1])):
        counts = random.integers(1, 9, len(keys))
        directory = directory_of(keys.astype(np.uint32), counts)
        assert np.array_equal(directory.keys, keys)
        assert np.array_equal(directory.counts, counts)
    assert len(directory_of(np.empty(0, np.uint32), np.empty(0, np.uint32)).keys) == 0


def test_key_counts_carried_along_are_those_counted_anew() -> None:
    snapshot = Snapshot().put(people(0, 6))
    assert snapshot.key_counts.any()
    for changed in (
        snapshot.put([enrolled(8)]),
        snapshot.put([enrolled(8)]).remove([name_of(8)]),
        snapshot.put([enrolled(8)]).remove([name_of(1)]).merge((0, 1)),
        snapshot.put([replace(enrolled(3), fingers=())]),
        snapshot.put([Enrolled("else", ())]).remove(name_of(n) for n in range(6)),
    ):
        assert "key_counts" in changed.__dict__
        assert np.array_equal(changed.key_counts, Snapshot(changed.parts).key_counts)
