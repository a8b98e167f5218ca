"""A person's fingers against everybody enrolled, over any number of shards: the answer does not depend on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.index.candidate import GalleryCandidate, in_order
from biometrics.index.packed_template import pack
from biometrics.index.question import Question, ask, keys_of, look_at
from biometrics.index.shard import Shard
from biometrics.index.shortlist import Shortlist, joined
from biometrics.template import Template

#: Comparisons one to one after the votes are counted, as if each person had one finger to be compared with each probe;
#: the votes of several probes are added up, so that fewer people have to be looked at to find the one.
_COMPARISONS, _LEAST_SHORTLIST = 400, 100
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
    """How much is looked at: so many people compared one to one, or as many as shortlist_for says.

    time_s None: as long as it takes; the answer is then the same every time.
    """

    candidates: int
    shortlist: int | None = None
    time_s: float | None = None


def shortlist_for(probes: int) -> int:
    """How many people are compared one to one when so many fingers are searched with: 400 with one, 200 with two."""
    return max(_LEAST_SHORTLIST, _COMPARISONS // max(1, probes))


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
        looked = look_at([pack(probe) for probe in probes])
        keys = keys_of(looked)
        counts = list(callers.map(lambda shard: shard.counts(keys), shards))
        people = sum(each.people for each in counts)
        key_counts = sum((each.key_counts for each in counts), np.zeros(len(keys), np.int64))
        if not people or not probes or limits.candidates < 1:
            return SearchAnswer((), people, 0, 0)
        question = ask(looked, key_counts, sum(each.fingers for each in counts))
        longest = shortlist_for(len(probes)) if limits.shortlist is None else limits.shortlist
        whole = people <= longest
        lists = callers.map(
            lambda shard: shard.everybody(question) if whole else shard.shortlist(question, longest), shards
        )
        chosen = _Chosen.best_of(list(lists), longest)
        return _judge(callers, shards, question, chosen, whole, limits, people, _Clock(until, now))


@dataclass(frozen=True, slots=True)
class _Clock:
    until: float | None
    now: Callable[[], float]

    @property
    def is_over(self) -> bool:
        return self.until is not None and self.now() >= self.until


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """The shortlisted of all shards, best first, each with the number of its shard."""

    rows: Shortlist
    owners: NDArray[np.int64]

    @classmethod
    def best_of(cls, lists: Sequence[Shortlist], limit: int) -> _Chosen:
        rows = joined(lists)
        best = rows.in_order()[:limit]
        owners = np.repeat(np.arange(len(lists)), [len(each) for each in lists])
        return cls(rows.take(best), owners[best])

    def of(self, owner: int, first: int, last: int) -> Shortlist:
        """Those of the rows from first to last that lie in one shard."""
        return self.rows.take(first + np.flatnonzero(self.owners[first:last] == owner))


def _judge(
    callers: ThreadPoolExecutor,
    shards: Sequence[Shard],
    question: Question,
    chosen: _Chosen,
    whole: bool,
    limits: SearchLimits,
    people: int,
    clock: _Clock,
) -> SearchAnswer:
    """The likeliest first, in batches while there is time."""
    people_chosen = len(chosen.rows)
    batch = max(1, people_chosen) if clock.until is None else _BATCH * len(shards)
    candidates: list[GalleryCandidate] = []
    compared = 0
    while compared < people_chosen and not clock.is_over:
        until = min(compared + batch, people_chosen)

        def judged(number: int, first: int = compared, until: int = until) -> list[GalleryCandidate]:
            mine = chosen.of(number, first, until)
            return shards[number].judge(question, mine, whole) if len(mine) else []

        for found in callers.map(judged, range(len(shards))):
            candidates += found
        compared = until
    return SearchAnswer(tuple(in_order(candidates, limits.candidates)), people, people_chosen, compared)
