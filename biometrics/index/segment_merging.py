"""Several segments made one: the dead left out, the living copied, no key made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.errors import SubjectRefused
from biometrics.index.keys import KEY_COUNT
from biometrics.index.packed_template import MinutiaRows
from biometrics.index.segment import MAX_SLOTS, Postings, Segment, Starts, starts_of

#: Which entries of a segment live.
Alive = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Survivors:
    """What of one segment goes into the new one. numbers: per slot its new number, -1 when it is gone."""

    segment: Segment
    entries: Alive
    slots: Alive
    numbers: NDArray[np.int32]

    @property
    def minutiae(self) -> MinutiaRows:
        return self.segment.minutiae[np.repeat(self.slots, np.diff(self.segment.minutia_starts))]


def merge_segments(parts: Sequence[tuple[Segment, Alive]]) -> Segment:
    """One segment of the entries that live, in order. Keys are copied, never made again.

    Raises SubjectRefused when more fingers live than a segment has room for.
    """
    kept = _number_anew(parts)
    key_starts, postings = _merge_lists(kept)
    fingers = [np.diff(each.segment.entry_starts)[each.entries] for each in kept]
    lengths = [np.diff(each.segment.minutia_starts)[each.slots] for each in kept]
    return Segment(
        np.concatenate([each.segment.subjects[each.entries] for each in kept]),
        starts_of(np.concatenate(fingers)),
        np.concatenate([each.segment.slots[each.slots] for each in kept]),
        starts_of(np.concatenate(lengths)),
        np.concatenate([each.minutiae for each in kept]),
        key_starts,
        postings,
    )


def _number_anew(parts: Sequence[tuple[Segment, Alive]]) -> list[_Survivors]:
    survivors, after = [], 0
    for segment, entries in parts:
        slots = np.repeat(entries, np.diff(segment.entry_starts))
        numbers = np.where(slots, np.cumsum(slots) - 1 + after, -1).astype(np.int32)
        survivors.append(_Survivors(segment, entries, slots, numbers))
        after += int(slots.sum())
    if after > MAX_SLOTS:
        raise SubjectRefused("more fingers than a segment has room for")
    return survivors


def _merge_lists(kept: Sequence[_Survivors]) -> tuple[Starts, Postings]:
    counts = np.zeros(KEY_COUNT, np.int64)
    for each in kept:
        counts += _surviving(each.segment.key_starts, each.segment.postings, each.numbers)
    key_starts = starts_of(counts)
    postings, following = np.empty(int(key_starts[-1]), np.uint16), key_starts[:-1].copy()
    for each in kept:
        _copy_postings(each.segment.key_starts, each.segment.postings, each.numbers, following, postings)
    return key_starts, postings


@compiled
def _surviving(key_starts: Starts, postings: Postings, numbers: NDArray[np.int32]) -> NDArray[np.int64]:
    """Per key, how many of its postings are of slots that stay."""
    counts = np.zeros(key_starts.size - 1, np.int64)
    for key in range(counts.size):
        for place in range(key_starts[key], key_starts[key + 1]):
            if numbers[postings[place]] >= 0:
                counts[key] += 1
    return counts


@compiled
def _copy_postings(
    key_starts: Starts, postings: Postings, numbers: NDArray[np.int32], following: Starts, merged: Postings
) -> None:
    for key in range(key_starts.size - 1):
        for place in range(key_starts[key], key_starts[key + 1]):
            number = numbers[postings[place]]
            if number >= 0:
                merged[following[key]] = number
                following[key] += 1
