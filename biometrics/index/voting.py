"""The compiled part of a search: going through posting lists, counting votes, finding the entries with most.

Whole numbers only: the same votes on every machine, in every order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.keys import Keys
from biometrics.index.segment import Postings, Starts

VoteCounts = NDArray[np.uint16]
Scores = NDArray[np.int64]


@compiled
def count_votes(
    keys: Keys, worth: NDArray[np.uint16], key_starts: Starts, postings: Postings, votes: VoteCounts
) -> int:
    """Adds to each slot's votes what its keys are worth; returns the postings gone through.

    Keys rise and lists lie in their order, so that memory is read forwards.
    """
    votes[:] = 0
    read = 0
    for place in range(keys.size):
        first, last = key_starts[keys[place]], key_starts[keys[place] + 1]
        value = worth[place]
        for posting in range(first, last):
            votes[postings[posting]] += value
        read += last - first
    return read


@compiled
def add_best_slots(
    votes: VoteCounts,
    slot_scales: NDArray[np.uint32],
    entry_starts: Starts,
    probe_scale: int,
    scores: Scores,
) -> None:
    """Adds to each entry's score that of its best slot: whichever of its fingers looks most like the probe."""
    for entry in range(scores.size):
        best = np.int64(0)
        for slot in range(entry_starts[entry], entry_starts[entry + 1]):
            value = np.int64(votes[slot]) * np.int64(slot_scales[slot])
            best = max(best, value)
        scores[entry] += (best * probe_scale) >> 16


@compiled
def best_slots(
    votes: NDArray[np.uint16], slot_scales: NDArray[np.uint32], entry_starts: Starts, entries: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Per entry and probe (row of votes) the slot with the highest score, the first of equals."""
    best = np.empty((entries.size, votes.shape[0]), np.int64)
    for place in range(entries.size):
        first, last = entry_starts[entries[place]], entry_starts[entries[place] + 1]
        for probe in range(votes.shape[0]):
            most = np.int64(-1)
            best[place, probe] = first
            for slot in range(first, last):
                value = np.int64(votes[probe, slot]) * np.int64(slot_scales[slot])
                if value > most:
                    most = value
                    best[place, probe] = slot
    return best


@compiled
def entries_from(scores: Scores, alive: NDArray[np.bool_], least: int) -> NDArray[np.int64]:
    """Living entries with at least that score, in order."""
    count = 0
    for entry in range(scores.size):
        if scores[entry] >= least and alive[entry]:
            count += 1
    found = np.empty(count, np.int64)
    count = 0
    for entry in range(scores.size):
        if scores[entry] >= least and alive[entry]:
            found[count] = entry
            count += 1
    return found
