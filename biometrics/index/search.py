"""A person's fingers against everybody enrolled, over any number of shards: the answer does not depend on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from biometrics.index.candidate import GalleryCandidate, in_order
from biometrics.index.keys import KEY_COUNT
from biometrics.index.packed_template import pack
from biometrics.index.question import Question, ask
from biometrics.index.shard import Shard
from biometrics.index.shortlist import Shortlisted
from biometrics.template import Template

#: People compared one to one after the votes are counted.
SHORTLIST = 400
#: One to one comparisons between two looks at the clock.
_BATCH = 16


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """candidates, best first. compared of the shortlisted people were compared one to one before time ran out."""

    candidates: tuple[GalleryCandidate, ...]
    people: int
    shortlisted: int
    compared: int

    @property
    def is_complete(self) -> bool:
        """False when the time allowed was too short: the likeliest were compared, the others not."""
        return self.compared == self.shortlisted


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How much is looked at. time_s None: as long as it takes; the answer is then the same every time."""

    candidates: int
    shortlist: int = SHORTLIST
    time_s: float | None = None


def search(
    shards: Sequence[Shard],
    probes: Sequence[Template],
    limits: SearchLimits,
    now: Callable[[], float] = time.monotonic,
) -> SearchAnswer:
    """The likeliest people: every probe finger against every enrolled one, whatever either is called.

    Where no more people are enrolled than a shortlist holds, all of them are compared and nobody is missed for want
    of votes. Probes without minutiae find nobody.
    """
    until = None if limits.time_s is None else now() + limits.time_s
    with ThreadPoolExecutor(max(1, len(shards))) as callers:
        counts = list(callers.map(lambda shard: shard.counts(), shards))
        people = sum(each.people for each in counts)
        key_counts = sum((each.key_counts for each in counts), np.zeros(KEY_COUNT, np.int64))
        if not people or not probes or limits.candidates < 1:
            return SearchAnswer((), people, 0, 0)
        question = ask([pack(probe) for probe in probes], key_counts, sum(each.fingers for each in counts))
        whole = people <= limits.shortlist
        lists = callers.map(
            lambda shard: shard.everybody(question) if whole else shard.shortlist(question, limits.shortlist), shards
        )
        chosen = _best_of(list(lists), limits.shortlist)
        return _judge(callers, shards, question, chosen, whole, limits, people, _Clock(until, now))


@dataclass(frozen=True, slots=True)
class _Clock:
    until: float | None
    now: Callable[[], float]

    @property
    def is_over(self) -> bool:
        return self.until is not None and self.now() >= self.until


#: A shortlisted entry with the number of its shard.
_Chosen = tuple[int, Shortlisted]


def _best_of(lists: Sequence[Sequence[Shortlisted]], limit: int) -> list[_Chosen]:
    rows = [(number, row) for number, rows in enumerate(lists) for row in rows]
    return sorted(rows, key=lambda each: (-each[1].score, each[1].subject))[:limit]


def _judge(
    callers: ThreadPoolExecutor,
    shards: Sequence[Shard],
    question: Question,
    chosen: Sequence[_Chosen],
    whole: bool,
    limits: SearchLimits,
    people: int,
    clock: _Clock,
) -> SearchAnswer:
    """The likeliest first, in batches while there is time."""
    batch = max(1, len(chosen)) if clock.until is None else _BATCH * len(shards)
    candidates: list[GalleryCandidate] = []
    compared = 0
    while compared < len(chosen) and not clock.is_over:
        rows = chosen[compared : compared + batch]

        def judged(number: int, rows: Sequence[_Chosen] = rows) -> list[GalleryCandidate]:
            mine = [row for owner, row in rows if owner == number]
            return shards[number].judge(question, mine, whole) if mine else []

        for found in callers.map(judged, range(len(shards))):
            candidates += found
        compared += len(rows)
    return SearchAnswer(tuple(in_order(candidates, limits.candidates)), people, len(chosen), compared)
