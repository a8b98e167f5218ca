"""What searching a crowd for people who are not in it, and for people who would be, gives.

The crowd holds none of the probes' fingers. A mate is put beside it: its rank is the number of people of the crowd
with at least as many votes, so that one search serves all other impressions of the probe's person as mates.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.identification_probes import Material, ProbePerson
from biometrics.index.judging import Judge
from biometrics.index.packed_template import PackedTemplate, pack
from biometrics.index.question import Question, ask, keys_of, look_at
from biometrics.index.search import SearchLimits, search, shortlist_for
from biometrics.index.segment import Enrolled
from biometrics.index.shard import LocalShard
from biometrics.index.shortlist import PartCounter, Shortlist, shortlist
from biometrics.index.snapshot import Snapshot
from biometrics.index.voting import best_slots, room_for_votes
from biometrics.thresholds import FMR, threshold_for

_SHARES = {"0.01%": 1e-4, "0.1%": 1e-3, "1%": 1e-2}
_FPIRS = (0.1, 0.05, 0.02, 0.0)
_PROGRESS_EVERY = 10


@dataclass(frozen=True, slots=True)
class MatedTrial:
    """One probe against one other impression of its person. score is None where no whole search was made."""

    rank: int
    score: float | None
    best_stranger: float | None
    shortlist: int

    @property
    def is_rank_one(self) -> bool:
        return self.rank < self.shortlist and (self.score or 0.0) > (self.best_stranger or 0.0)

    def is_found_at(self, threshold: float) -> bool:
        """Whether a search at that threshold lists the mate."""
        return self.rank < self.shortlist and (self.score or 0.0) >= threshold


class _Mates:
    """All impressions of the probes' people, outside the crowd."""

    def __init__(self, people: Sequence[ProbePerson]) -> None:
        entries = [Enrolled(f"{p.owner}#{p.impression}", tuple(map(pack, p.fingers))) for p in people]
        self._snapshot = Snapshot().put(entries)
        self._entries = defaultdict[str, list[tuple[int, int]]](list)
        for entry, person in enumerate(people):
            self._entries[person.owner].append((entry, person.impression))

    def others_of(self, probe: ProbePerson, question: Question) -> Shortlist:
        """The other impressions, with their votes, as a search would have them on its list."""
        places = [place for place, number in self._entries[probe.owner] if number != probe.impression]
        entries, part = np.array(places, np.int64), self._snapshot.parts[0]
        with room_for_votes() as room:
            by_slot, scores = PartCounter(question).count(part, room)
        slots = best_slots(by_slot, part.segment.entry_starts, entries)
        return Shortlist(
            scores[entries], part.segment.subjects[entries], np.zeros(len(entries), np.int64), entries, slots
        )

    def judge(self, question: Question, mates: Shortlist) -> list[float]:
        """What a search's comparison one to one says of each, zero for nothing."""
        judge = Judge(question.fingers)
        found = [judge.judge(self._snapshot, mates.take(np.array([row])), whole=False) for row in range(len(mates))]
        return [each[0].score if each else 0.0 for each in found]


def measure_search(
    crowd: Snapshot, material: Material, fingers: int, searches: int, say: Callable[[str], None]
) -> dict[str, object]:
    """Figures of searching with that many fingers of each probe; whole searches for some of the probes only."""
    mates = _Mates(material.people)
    step = max(1, -(-len(material.people) // max(1, searches)))
    trials: list[MatedTrial] = []
    # In a pass of its own: comparing one to one in between empties the processor's caches.
    speed = measure_speed(crowd, material, fingers)
    search_s, strangers = list[float](), list[float]()
    for number, probe in enumerate(material.people):
        hand = probe.fingers[:fingers]
        question = question_for(crowd, [pack(finger) for finger in hand])
        stranger: float | None = None
        if number % step == 0:
            started = time.process_time()
            found = search([LocalShard(crowd)], hand, SearchLimits(candidates=1)).candidates
            search_s.append(time.process_time() - started)
            stranger = found[0].score if found else 0.0
            strangers.append(stranger)
        trials += _mated(crowd, mates, probe, question, stranger)
        if number % _PROGRESS_EVERY == 0:
            say(f"searched {number} of {len(material.people)} probes")
    return _figures(crowd, fingers, trials, strangers) | speed | {"search_ms": 1000 * statistics.median(search_s)}


def measure_speed(crowd: Snapshot, material: Material, fingers: int) -> dict[str, float]:
    """How fast one core goes through the crowd with that many fingers of each probe, one search after the other."""
    spent_s = statistics.median(_time_shortlist(crowd, probe, fingers) for probe in material.people)
    return {"templates_per_second_per_core": fingers * crowd.fingers / spent_s, "shortlist_ms": 1000 * spent_s}


def _time_shortlist(crowd: Snapshot, probe: ProbePerson, fingers: int) -> float:
    """Processor seconds from packed templates to the shortlist."""
    packed = [pack(finger) for finger in probe.fingers[:fingers]]
    started = time.process_time()
    shortlist(crowd, question_for(crowd, packed), shortlist_for(fingers))
    return time.process_time() - started


def question_for(crowd: Snapshot, hand: Sequence[PackedTemplate]) -> Question:
    """What a search asks of that crowd."""
    looked = look_at(hand)
    return ask(looked, crowd.count_keys(keys_of(looked)), crowd.fingers)


def _mated(
    crowd: Snapshot, mates: _Mates, probe: ProbePerson, question: Question, stranger: float | None
) -> list[MatedTrial]:
    others = mates.others_of(probe, question)
    ahead, counter = np.zeros(len(others), np.int64), PartCounter(question)
    with room_for_votes() as room:
        for part in crowd.parts:
            _, scores = counter.count(part, room)
            ahead += [int((scores[part.alive] >= max(1, score)).sum()) for score in others.scores.tolist()]
    longest = shortlist_for(len(question.fingers))
    judged: Sequence[float | None] = [None] * len(others) if stranger is None else mates.judge(question, others)
    return [MatedTrial(rank, score, stranger, longest) for rank, score in zip(ahead.tolist(), judged, strict=True)]


def _figures(
    crowd: Snapshot, fingers: int, trials: Sequence[MatedTrial], strangers: Sequence[float]
) -> dict[str, object]:
    judged = [trial for trial in trials if trial.score is not None]
    return {
        "probe_fingers": fingers,
        "trials": len(trials),
        "judged_trials": len(judged),
        "nonmated_searches": len(strangers),
        "mates_in_best": {
            name: float(np.mean([trial.rank < max(1.0, share * crowd.people) for trial in trials]))
            for name, share in _SHARES.items()
        },
        "mates_shortlisted": float(np.mean([trial.rank < trial.shortlist for trial in trials])),
        "rank_1_of_votes": float(np.mean([trial.rank == 0 for trial in trials])),
        "rank_1": float(np.mean([trial.is_rank_one for trial in judged])),
        "fpir_fnir": _curve(judged, strangers),
    }


def _curve(judged: Sequence[MatedTrial], strangers: Sequence[float]) -> list[dict[str, object]]:
    """FNIR where so many searches for nobody list somebody (strangers: their best scores), and where we decide."""
    points = [(f"FPIR {fpir}", _above(sorted(strangers), int(fpir * len(strangers)))) for fpir in _FPIRS]
    points += [(f"threshold of FMR {fmr.value:g}", threshold_for(fmr)) for fmr in FMR]
    return [
        {
            "at": name,
            "threshold": threshold,
            "fpir": float(np.mean([score >= threshold for score in strangers])),
            "fnir": float(np.mean([not trial.is_found_at(threshold) for trial in judged])),
        }
        for name, threshold in points
    ]


def _above(rising: Sequence[float], false_alarms: int) -> float:
    """The lowest threshold that so many of the scores reach at most."""
    return float(np.nextafter(rising[len(rising) - false_alarms - 1], np.inf))
