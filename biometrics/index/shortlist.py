"""Who is worth comparing one to one: the entries with most votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.index.question import Question
from biometrics.index.snapshot import Part, Snapshot
from biometrics.index.voting import (
    Scores,
    SlotScores,
    VoteCounts,
    best_slots,
    count_segment,
    entries_among_best,
    room_for_votes,
)


@dataclass(frozen=True, slots=True, eq=False)
class Shortlist:
    """People by their places in the snapshot, in columns; slots hold, per probe finger, the enrolled finger with most
    votes.
    """

    scores: Scores
    subjects: NDArray[np.bytes_]
    parts: NDArray[np.int64]
    entries: NDArray[np.int64]
    slots: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Shortlist:
        """These rows only, in that order."""
        return Shortlist(self.scores[rows], self.subjects[rows], self.parts[rows], self.entries[rows], self.slots[rows])

    def in_order(self) -> NDArray[np.intp]:
        """The rows, best first and equals by subject."""
        return np.lexsort((self.subjects, -self.scores))


def joined(lists: Sequence[Shortlist]) -> Shortlist:
    """One after the other."""
    return Shortlist(
        np.concatenate([each.scores for each in lists]),
        np.concatenate([each.subjects for each in lists]),
        np.concatenate([each.parts for each in lists]),
        np.concatenate([each.entries for each in lists]),
        np.concatenate([each.slots for each in lists]),
    )


def nobody(probes: int) -> Shortlist:
    """An empty list for so many probe fingers."""
    none = np.empty(0, np.int64)
    return Shortlist(none, np.empty(0, "S1"), none, none, np.empty((0, probes), np.int64))


def shortlist(snapshot: Snapshot, question: Question, limit: int) -> Shortlist:
    """The entries with most votes, best first and equals by subject: limit of them, and all that equal the last.

    Entries without any vote are never among them.
    """
    if limit < 1 or not question.votes:
        return nobody(len(question.votes))
    counter, best, found = PartCounter(question), np.zeros(limit, np.int64), [nobody(len(question.votes))]
    with room_for_votes() as room:
        for number, part in enumerate(snapshot.parts):
            by_slot, scores = counter.count(part, room)
            entries = entries_among_best(scores, part.alive, best)
            if len(entries):
                found.append(_listed(number, part, entries, scores, by_slot))
    rows = joined(found)
    order = rows.in_order()
    # What was among the best of the first parts may not be among the best of all.
    return rows.take(order[: np.searchsorted(-rows.scores[order], -max(1, best[0]), side="right")])


def everybody(snapshot: Snapshot, question: Question) -> Shortlist:
    """Every living entry with a finger, by subject: for galleries that are smaller than a shortlist."""
    probes, found = len(question.votes), [nobody(len(question.votes))]
    for number, part in enumerate(snapshot.parts):
        entries = np.flatnonzero(part.alive & (np.diff(part.segment.entry_starts) > 0))
        scores = np.zeros(len(part.alive), np.int64)
        found.append(_listed(number, part, entries, scores, np.zeros((probes, len(part.segment.slots)), np.uint32)))
    rows = joined(found)
    return rows.take(rows.in_order())


class PartCounter:
    """Counts the votes of one question, part after part."""

    def __init__(self, question: Question) -> None:
        self._lengths = np.cumsum([0, *(len(probe.keys) for probe in question.votes)], dtype=np.int64)
        self._scales = np.array([probe.scale for probe in question.votes], np.int64)
        self._keys = np.concatenate([probe.keys for probe in question.votes])
        self._turns = np.concatenate([probe.turns for probe in question.votes])
        self._votes = np.concatenate([probe.votes for probe in question.votes])

    def count(self, part: Part, room: VoteCounts) -> tuple[SlotScores, Scores]:
        """Scores by probe finger and slot, and of every entry, living or dead."""
        segment, directory = part.segment, part.segment.directory
        return count_segment(
            self._lengths,
            self._scales,
            self._keys,
            self._turns,
            self._votes,
            directory.words,
            directory.ranks,
            directory.starts,
            segment.postings,
            part.slot_scales,
            segment.entry_starts,
            room,
        )


def _listed(number: int, part: Part, entries: NDArray[np.int64], scores: Scores, by_slot: SlotScores) -> Shortlist:
    slots = best_slots(by_slot, part.segment.entry_starts, entries)
    return Shortlist(scores[entries], part.segment.subjects[entries], np.full_like(entries, number), entries, slots)
