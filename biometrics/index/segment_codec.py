"""A segment as bytes: a head with the length of every array, then the arrays. Little-endian.

Only keys that some finger has are named, so that the segment of one new person takes a few kilobytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from biometrics.index.errors import IndexBroken
from biometrics.index.key_directory import KeyDirectory, directory_of
from biometrics.index.keys import KEY_COUNT
from biometrics.index.segment import LONGEST_SUBJECT_BYTES, MAX_SLOTS, SLOT_COLUMNS, Segment, starts_are_sound

#: People, bytes of a subject, fingers, minutiae, keys in use, postings.
_HEAD = struct.Struct("<6Q")
_WORD: np.dtype[np.uint32] = np.dtype(np.uint32).newbyteorder("<")
_HALF: np.dtype[np.uint16] = np.dtype(np.uint16).newbyteorder("<")

_Item = TypeVar("_Item", bound=np.generic)


def encode(segment: Segment) -> Iterator[bytes | memoryview]:
    """The parts of the file."""
    used = segment.directory.keys
    subjects = np.ascontiguousarray(segment.subjects)
    yield _HEAD.pack(
        len(subjects), subjects.itemsize, len(segment.slots), len(segment.minutiae), len(used), len(segment.postings)
    )
    yield subjects.tobytes()
    for array, kind in (
        (segment.entry_starts, _WORD),
        (segment.slots, _HALF),
        (segment.minutia_starts, _WORD),
        (segment.minutiae, _HALF),
        (used, _WORD),
        (segment.directory.counts, _WORD),
        (segment.postings, _HALF),
    ):
        # ravel: an empty table has no bytes that memoryview would cast.
        flat = np.ascontiguousarray(array, kind).ravel()
        yield flat.data if flat.size else b""


def decode(plain: memoryview) -> Segment:
    """The segment, its larger arrays lying in the bytes given. Raises IndexBroken for what encode cannot have made."""
    reader = _Reader(plain)
    people, subject_bytes, fingers, minutiae, keys, postings = _HEAD.unpack(reader.take_bytes(_HEAD.size))
    subjects = reader.take(_subject_kind(subject_bytes), people)
    entry_starts = reader.take(_WORD, people + 1)
    slots = reader.take(_HALF, fingers * SLOT_COLUMNS).reshape(-1, SLOT_COLUMNS)
    minutia_starts = reader.take(_WORD, fingers + 1)
    rows = reader.take(_HALF, minutiae * 3).reshape(-1, 3)
    used, counts = reader.take(_WORD, keys), reader.take(_WORD, keys)
    lists = reader.take(_HALF, postings)
    reader.end()
    if fingers > MAX_SLOTS or not starts_are_sound(entry_starts, fingers):
        raise IndexBroken("the fingers of a segment do not add up")
    if not starts_are_sound(minutia_starts, minutiae):
        raise IndexBroken("the minutiae of a segment do not add up")
    if len(lists) and int((lists & (MAX_SLOTS - 1)).max()) >= fingers:
        raise IndexBroken("a posting names no finger")
    return Segment(subjects, entry_starts, slots, minutia_starts, rows, _directory(used, counts, postings), lists)


def _subject_kind(length: int) -> np.dtype[np.bytes_]:
    if not 0 < length <= LONGEST_SUBJECT_BYTES:
        raise IndexBroken("the ids of a segment have an impossible length")
    kind: np.dtype[np.bytes_] = np.dtype(f"S{length}")
    return kind


def _directory(used: NDArray[np.uint32], counts: NDArray[np.uint32], postings: int) -> KeyDirectory:
    if len(used) and (int(used[-1]) >= KEY_COUNT or not np.all(used[1:] > used[:-1])):
        raise IndexBroken("the keys of a segment are out of order")
    if int(counts.sum(dtype=np.int64)) != postings:
        raise IndexBroken("the postings of a segment do not add up")
    return directory_of(used, counts)


class _Reader:
    def __init__(self, plain: memoryview) -> None:
        self._plain = plain
        self._at = 0

    def take_bytes(self, length: int) -> memoryview:
        """The next bytes; raises IndexBroken when there are fewer."""
        if length > len(self._plain) - self._at:
            raise IndexBroken("a segment ends too early")
        self._at += length
        return self._plain[self._at - length : self._at]

    def take(self, kind: np.dtype[_Item], count: int) -> NDArray[_Item]:
        """The next array."""
        return np.frombuffer(self.take_bytes(kind.itemsize * count), kind)

    def end(self) -> None:
        """Raises IndexBroken when something is left."""
        if self._at != len(self._plain):
            raise IndexBroken("a segment has bytes behind its end")
