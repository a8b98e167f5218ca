"""The compiled part of a search: going through posting lists, counting votes, finding the entries with most.

Whole numbers only: the same votes on every machine, in every order.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.key_directory import WORD_BITS, Starts
from biometrics.index.keys import DIRECTIONS, Keys
from biometrics.index.prefetching import prefetch
from biometrics.index.segment import MAX_SLOTS, Postings

#: By direction and slot, flat: the lists are added up here.
VoteCounts = NDArray[np.uint16]
#: Votes of a slot by its number of marks, of the turn that has most.
SlotScores = NDArray[np.uint32]
Scores = NDArray[np.int64]

#: Lists that are looked up before they are gone through, so that memory has begun to answer; of each the beginning,
#: as processors fetch ahead by themselves what is read on.
_AHEAD = 64
_LINE_POSTINGS, _AHEAD_POSTINGS = 32, 256


_free_rooms: list[VoteCounts] = []


@contextmanager
def room_for_votes() -> Iterator[VoteCounts]:
    """Room for one segment after the other; kept for the next search, as fresh memory costs a tenth of a short one."""
    try:
        room = _free_rooms.pop()
    except IndexError:
        room = np.empty(DIRECTIONS * MAX_SLOTS, np.uint16)
    try:
        yield room
    finally:
        _free_rooms.append(room)


@compiled
def _ones(word: np.uint64) -> np.int64:
    """How many bits are set."""
    word = word - (word >> np.uint64(1) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (word >> np.uint64(2) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64(word * np.uint64(0x0101010101010101) >> np.uint64(56))


@compiled
def _count_votes(
    keys: Keys,
    turns: NDArray[np.uint16],
    worth: NDArray[np.uint16],
    words: NDArray[np.uint64],
    ranks: NDArray[np.uint32],
    starts: Starts,
    postings: Postings,
    votes: VoteCounts,
) -> None:
    """Adds what the marks are worth to the votes of their slots under each turn.

    Marks rise and lists lie in the order of their keys: memory is read forwards.
    """
    asked = np.empty(_AHEAD, np.int64)
    first, last = np.empty(_AHEAD, np.int64), np.empty(_AHEAD, np.int64)
    place = 0
    while place < keys.size:
        found = 0
        while place < keys.size and found < _AHEAD:
            word, bit = words[keys[place] // WORD_BITS], np.uint64(keys[place] % WORD_BITS)
            if word >> bit & np.uint64(1):
                before = word & ((np.uint64(1) << bit) - np.uint64(1))
                asked[found], first[found] = place, ranks[keys[place] // WORD_BITS] + _ones(before)
                prefetch(starts, first[found])
                found += 1
            place += 1
        for each in range(found):
            first[each], last[each] = starts[first[each]], starts[first[each] + 1]
            for line in range(first[each], min(last[each], first[each] + _AHEAD_POSTINGS), _LINE_POSTINGS):
                prefetch(postings, line)
        for each in range(found):
            turn, value = turns[asked[each]], worth[asked[each]]
            for posting in range(first[each], last[each]):
                # Sixteen bits: the direction above the slot goes round.
                votes[np.uint16(postings[posting] + turn)] += value


@compiled
def _score_slots(votes: VoteCounts, slot_scales: NDArray[np.uint32], scores: SlotScores) -> None:
    """Two neighbouring turns together, as one angle may fall into either; up to a quarter of a turn each way."""
    slots = slot_scales.size
    two_left, left = votes[(DIRECTIONS - 2) * MAX_SLOTS :], votes[(DIRECTIONS - 1) * MAX_SLOTS :]
    ahead, right, two_right = votes[:MAX_SLOTS], votes[MAX_SLOTS:], votes[2 * MAX_SLOTS :]
    for slot in range(slots):
        one = np.uint32(left[slot]) + max(np.uint32(two_left[slot]), np.uint32(ahead[slot]))
        other = np.uint32(right[slot]) + max(np.uint32(two_right[slot]), np.uint32(ahead[slot]))
        scores[slot] = np.uint32(max(one, other) * slot_scales[slot])


@compiled
def count_segment(
    probe_starts: NDArray[np.int64],
    probe_scales: NDArray[np.int64],
    keys: Keys,
    turns: NDArray[np.uint16],
    worth: NDArray[np.uint16],
    words: NDArray[np.uint64],
    ranks: NDArray[np.uint32],
    starts: Starts,
    postings: Postings,
    slot_scales: NDArray[np.uint32],
    entry_starts: Starts,
    votes: VoteCounts,
) -> tuple[SlotScores, Scores]:
    """Scores by probe and slot, and of every entry, living or dead: over the probes, its best slot's."""
    probes, slots, entries = probe_scales.size, slot_scales.size, entry_starts.size - 1
    by_slot = np.empty((probes, slots), np.uint32)
    by_entry = np.zeros(entries, np.int64)
    for probe in range(probes):
        for turn in range(DIRECTIONS):
            votes[turn * MAX_SLOTS : turn * MAX_SLOTS + slots] = 0
        one, end = probe_starts[probe], probe_starts[probe + 1]
        _count_votes(keys[one:end], turns[one:end], worth[one:end], words, ranks, starts, postings, votes)
        row = by_slot[probe]
        _score_slots(votes, slot_scales, row)
        scale = probe_scales[probe]
        for entry in range(entries):
            best = np.int64(0)
            for slot in range(entry_starts[entry], entry_starts[entry + 1]):
                best = max(best, np.int64(row[slot]))
            by_entry[entry] += best * scale >> 16
    return by_slot, by_entry


@compiled
def _replace_least(best: Scores, score: int) -> None:
    """Puts the score in the place of the least, at the root of the heap."""
    at = 0
    while 2 * at + 1 < best.size:
        below = 2 * at + 1
        if below + 1 < best.size and best[below + 1] < best[below]:
            below += 1
        if best[below] >= score:
            break
        best[at] = best[below]
        at = below
    best[at] = score


@compiled
def entries_among_best(scores: Scores, alive: NDArray[np.bool_], best: Scores) -> NDArray[np.int64]:
    """Living entries with votes whose score is among the best so far, in order; keeps the heap of best scores."""
    for entry in range(scores.size):
        if scores[entry] > best[0] and alive[entry]:
            _replace_least(best, scores[entry])
    least = max(1, best[0])
    found = np.empty(scores.size, np.int64)
    count = 0
    for entry in range(scores.size):
        if scores[entry] >= least and alive[entry]:
            found[count] = entry
            count += 1
    return found[:count].copy()


@compiled
def best_slots(scores: SlotScores, entry_starts: Starts, entries: NDArray[np.int64]) -> NDArray[np.int64]:
    """Per entry and probe the slot with the highest score, the first of equals."""
    best = np.empty((entries.size, scores.shape[0]), np.int64)
    for place in range(entries.size):
        first, last = entry_starts[entries[place]], entry_starts[entries[place] + 1]
        for probe in range(scores.shape[0]):
            best[place, probe] = first
            for slot in range(first, last):
                if scores[probe, slot] > scores[probe, best[place, probe]]:
                    best[place, probe] = slot
    return best
