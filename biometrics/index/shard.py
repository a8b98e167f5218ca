"""A part of the enrolled that answers by itself, wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from biometrics.index.candidate import GalleryCandidate
from biometrics.index.judging import Judge
from biometrics.index.keys import Keys
from biometrics.index.question import KeyCounts, Question
from biometrics.index.shortlist import Shortlist, everybody, shortlist
from biometrics.index.snapshot import Snapshot


@dataclass(frozen=True, slots=True, eq=False)
class ShardCounts:
    """What the makers of questions must know of a shard; key_counts for the keys they named."""

    people: int
    fingers: int
    key_counts: KeyCounts


class Shard(Protocol):
    """The steps of a search. All shards of a search are asked the same question, so that their votes compare."""

    def counts(self, keys: Keys) -> ShardCounts:
        """How many are enrolled here, and how many fingers have each of these keys."""

    def shortlist(self, question: Question, limit: int) -> Shortlist:
        """As shortlist.shortlist."""

    def everybody(self, question: Question) -> Shortlist:
        """As shortlist.everybody."""

    def judge(self, question: Question, chosen: Shortlist, whole: bool) -> list[GalleryCandidate]:
        """As Judge.judge."""


class LocalShard:
    """A snapshot in this process."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._judge: tuple[Question, Judge] | None = None

    def counts(self, keys: Keys) -> ShardCounts:
        """What the snapshot holds."""
        return ShardCounts(self._snapshot.people, self._snapshot.fingers, self._snapshot.count_keys(keys))

    def shortlist(self, question: Question, limit: int) -> Shortlist:
        """The entries with most votes."""
        return shortlist(self._snapshot, question, limit)

    def everybody(self, question: Question) -> Shortlist:
        """Every living entry."""
        return everybody(self._snapshot, question)

    def judge(self, question: Question, chosen: Shortlist, whole: bool) -> list[GalleryCandidate]:
        """The chosen compared one to one. The probe is made ready once per question object."""
        if self._judge is None or self._judge[0] is not question:
            self._judge = (question, Judge(question.fingers))
        return self._judge[1].judge(self._snapshot, chosen, whole=whole)
