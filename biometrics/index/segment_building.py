"""From people to segments: every finger filed under its marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.index.errors import SubjectRefused
from biometrics.index.key_directory import directory_of, starts_of
from biometrics.index.keys import DIRECTIONS, KEY_COUNT, Marks, marks_of_slots
from biometrics.index.segment import (
    DPI,
    MARKS,
    MAX_SLOTS,
    SLOT_COLUMNS,
    Enrolled,
    Postings,
    Segment,
    encode_subjects,
)


def build_segment(entries: Sequence[Enrolled]) -> Segment:
    """The segment of these people. Raises SubjectRefused when they have more than 8,192 fingers together."""
    fingers = [finger for entry in entries for finger in entry.fingers]
    if len(fingers) > MAX_SLOTS:
        raise SubjectRefused("more fingers than a segment has room for")
    minutia_starts = starts_of([len(finger.rows) for finger in fingers])
    minutiae = np.concatenate([*(finger.rows for finger in fingers), np.empty((0, 3), np.uint16)])
    heads = [(f.position, f.width_px, f.height_px, f.dpi, f.quality, 0) for f in fingers]
    slots = np.array(heads, np.uint16).reshape(-1, SLOT_COLUMNS)
    marks, first_marks = marks_of_slots(minutiae, minutia_starts.astype(np.int64), slots[:, DPI].copy())
    slots[:, MARKS] = np.diff(first_marks)
    counts, postings = _file_under_marks(marks, first_marks)
    used = np.flatnonzero(counts).astype(np.uint32)
    return Segment(
        encode_subjects([entry.subject for entry in entries]),
        starts_of([len(entry.fingers) for entry in entries]),
        slots,
        minutia_starts,
        minutiae,
        directory_of(used, counts[used]),
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
def _file_under_marks(marks: Marks, first_marks: NDArray[np.int64]) -> tuple[NDArray[np.uint32], Postings]:
    """The length of every key's list, and the lists: a counting sort, so that each list is in order of slots."""
    counts = np.zeros(KEY_COUNT, np.uint32)
    for place in range(marks.size):
        counts[marks[place] // DIRECTIONS] += 1
    following = np.zeros(KEY_COUNT, np.uint32)
    for key in range(KEY_COUNT - 1):
        following[key + 1] = following[key] + counts[key]
    postings = np.empty(marks.size, np.uint16)
    for slot in range(first_marks.size - 1):
        for place in range(first_marks[slot], first_marks[slot + 1]):
            key = marks[place] // DIRECTIONS
            postings[following[key]] = marks[place] % DIRECTIONS * MAX_SLOTS + slot
            following[key] += 1
    return counts, postings
