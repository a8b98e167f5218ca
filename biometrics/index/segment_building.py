"""From people to segments: every finger filed under its keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.errors import SubjectRefused
from biometrics.index.keys import KEY_COUNT, Keys, keys_of_slots
from biometrics.index.segment import (
    DPI,
    KEYS,
    MAX_SLOTS,
    SLOT_COLUMNS,
    Enrolled,
    Postings,
    Segment,
    Starts,
    encode_subjects,
    starts_of,
)


def build_segment(entries: Sequence[Enrolled]) -> Segment:
    """The segment of these people. Raises SubjectRefused when they have more than 65,536 fingers together."""
    fingers = [finger for entry in entries for finger in entry.fingers]
    if len(fingers) > MAX_SLOTS:
        raise SubjectRefused("more fingers than a segment has room for")
    minutia_starts = starts_of([len(finger.rows) for finger in fingers])
    minutiae = np.concatenate([*(finger.rows for finger in fingers), np.empty((0, 3), np.uint16)])
    heads = [(f.position, f.width_px, f.height_px, f.dpi, f.quality, 0) for f in fingers]
    slots = np.array(heads, np.uint16).reshape(-1, SLOT_COLUMNS)
    keys, first_keys = keys_of_slots(minutiae, minutia_starts.astype(np.int64), slots[:, DPI].copy())
    slots[:, KEYS] = np.diff(first_keys)
    key_starts, postings = _file_under_keys(keys, first_keys)
    return Segment(
        encode_subjects([entry.subject for entry in entries]),
        starts_of([len(entry.fingers) for entry in entries]),
        slots,
        minutia_starts,
        minutiae,
        key_starts,
        postings,
    )


def split_into_segments(entries: Sequence[Enrolled]) -> Iterator[Sequence[Enrolled]]:
    """The people in order, in parts that fit a segment each."""
    first, fingers = 0, 0
    for place, entry in enumerate(entries):
        if fingers + len(entry.fingers) > MAX_SLOTS and place > first:
            yield entries[first:place]
            first, fingers = place, 0
        fingers += len(entry.fingers)
    if first < len(entries):
        yield entries[first:]


@compiled
def _file_under_keys(keys: Keys, first_keys: NDArray[np.int64]) -> tuple[Starts, Postings]:
    """A counting sort: as slots come in order, each list is sorted by slot."""
    key_starts = np.zeros(KEY_COUNT + 1, np.uint32)
    for place in range(keys.size):
        key_starts[keys[place] + 1] += 1
    for key in range(KEY_COUNT):
        key_starts[key + 1] += key_starts[key]
    following = key_starts[:-1].copy()
    postings = np.empty(keys.size, np.uint16)
    for slot in range(first_keys.size - 1):
        for place in range(first_keys[slot], first_keys[slot + 1]):
            key = keys[place]
            postings[following[key]] = slot
            following[key] += 1
    return key_starts, postings
