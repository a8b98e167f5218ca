"""Several segments made one: the dead left out, the living copied, no key made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.errors import SubjectRefused
from biometrics.index.key_directory import KeyDirectory, Starts, directory_of, starts_of
from biometrics.index.keys import KEY_COUNT, Keys
from biometrics.index.packed_template import MinutiaRows
from biometrics.index.segment import MAX_SLOTS, Postings, Segment

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
    directory, postings = _merge_lists(kept)
    fingers = [np.diff(each.segment.entry_starts)[each.entries] for each in kept]
    lengths = [np.diff(each.segment.minutia_starts)[each.slots] for each in kept]
    return Segment(
        np.concatenate([each.segment.subjects[each.entries] for each in kept]),
        starts_of(np.concatenate(fingers)),
        np.concatenate([each.segment.slots[each.slots] for each in kept]),
        starts_of(np.concatenate(lengths)),
        np.concatenate([each.minutiae for each in kept]),
        directory,
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


def _merge_lists(kept: Sequence[_Survivors]) -> tuple[KeyDirectory, Postings]:
    counts = np.zeros(KEY_COUNT, np.uint32)
    for each in kept:
        directory = each.segment.directory
        _add_surviving(directory.keys, directory.starts, each.segment.postings, each.numbers, counts)
    following = starts_of(counts)
    postings = np.empty(int(following[-1]), np.uint16)
    for each in kept:
        directory = each.segment.directory
        _copy_postings(directory.keys, directory.starts, each.segment.postings, each.numbers, following, postings)
    used = np.flatnonzero(counts).astype(np.uint32)
    return directory_of(used, counts[used]), postings


@compiled
def _add_surviving(
    keys: Keys, starts: Starts, postings: Postings, numbers: NDArray[np.int32], counts: NDArray[np.uint32]
) -> None:
    """Adds to each key's count the postings of slots that stay."""
    for number in range(keys.size):
        for place in range(starts[number], starts[number + 1]):
            if numbers[postings[place] % MAX_SLOTS] >= 0:
                counts[keys[number]] += 1


@compiled
def _copy_postings(
    keys: Keys, starts: Starts, postings: Postings, numbers: NDArray[np.int32], following: Starts, merged: Postings
) -> None:
    for number in range(keys.size):
        key = keys[number]
        for place in range(starts[number], starts[number + 1]):
            slot = postings[place] % MAX_SLOTS
            if numbers[slot] >= 0:
                merged[following[key]] = postings[place] - slot + numbers[slot]
                following[key] += 1
