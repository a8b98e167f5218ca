"""Who is worth comparing one to one: the entries with most votes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.index.question import Question
from biometrics.index.snapshot import Part, Snapshot
from biometrics.index.voting import Scores, add_best_slots, best_slots, count_votes, entries_from


@dataclass(frozen=True, slots=True)
class Shortlisted:
    """An entry by its place in the snapshot; slots hold, per probe finger, its enrolled finger with most votes."""

    score: int
    subject: str
    part: int
    entry: int
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    part: int
    entries: NDArray[np.int64]
    scores: Scores
    slots: NDArray[np.int64]

    def from_score(self, least: int) -> _Found:
        kept = self.scores >= least
        return _Found(self.part, self.entries[kept], self.scores[kept], self.slots[kept])


def shortlist(snapshot: Snapshot, question: Question, limit: int) -> list[Shortlisted]:
    """The entries with most votes, best first and equals by subject: limit of them, and all that equal the last.

    Entries without any vote are never among them.
    """
    if limit < 1 or not question.votes:
        return []
    least, found = 1, list[_Found]()
    for number, part in enumerate(snapshot.parts):
        found.append(_find_in_part(number, part, question, least, limit))
        least = max(least, _score_of_rank(found, limit))
        found = [each.from_score(least) for each in found]
    return in_order([row for each in found for row in _rows(snapshot, each)])


def in_order(rows: list[Shortlisted]) -> list[Shortlisted]:
    """Best first, equals by subject."""
    return sorted(rows, key=lambda row: (-row.score, row.subject))


def everybody(snapshot: Snapshot, question: Question) -> list[Shortlisted]:
    """Every living entry, by subject: for galleries that are smaller than a shortlist."""
    rows = []
    for number, part in enumerate(snapshot.parts):
        for entry in np.flatnonzero(part.alive).tolist():
            if len(part.segment.slots_of(entry)):
                first = part.segment.slots_of(entry)[0]
                rows.append(Shortlisted(0, part.segment.subject(entry), number, entry, (first,) * len(question.votes)))
    return in_order(rows)


def count_part(part: Part, question: Question) -> tuple[NDArray[np.uint16], Scores]:
    """Votes by probe finger and slot, and the score of every entry, living or dead."""
    segment = part.segment
    votes = np.empty((len(question.votes), len(segment.slots)), np.uint16)
    scores = np.zeros(len(segment.subjects), np.int64)
    for row, probe in zip(votes, question.votes, strict=True):
        count_votes(probe.keys, probe.votes, segment.key_starts, segment.postings, row)
        add_best_slots(row, part.slot_scales, segment.entry_starts, probe.scale, scores)
    return votes, scores


def _find_in_part(number: int, part: Part, question: Question, least: int, limit: int) -> _Found:
    votes, scores = count_part(part, question)
    entries = entries_from(scores, part.alive, least)
    if len(entries) > limit:
        entries = entries[scores[entries] >= np.partition(scores[entries], -limit)[-limit]]
    best = best_slots(votes, part.slot_scales, part.segment.entry_starts, entries)
    return _Found(number, entries, scores[entries], best)


def _score_of_rank(found: list[_Found], rank: int) -> int:
    """The score of the rank-th best so far, 0 while there are fewer."""
    scores = np.concatenate([each.scores for each in found])
    return int(np.partition(scores, -rank)[-rank]) if len(scores) >= rank else 0


def _rows(snapshot: Snapshot, found: _Found) -> list[Shortlisted]:
    segment = snapshot.parts[found.part].segment
    return [
        Shortlisted(score, segment.subject(entry), found.part, entry, tuple(slots))
        for entry, score, slots in zip(found.entries.tolist(), found.scores.tolist(), found.slots.tolist(), strict=True)
    ]
