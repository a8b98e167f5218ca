"""The whole index at one moment: segments, and who of them is still enrolled. Changing makes another snapshot.

Whoever searches keeps the snapshot it began with; putting, removing and merging go on beside it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biometrics.index.errors import SubjectRefused
from biometrics.index.keys import KEY_COUNT, Keys
from biometrics.index.segment import Enrolled, Segment
from biometrics.index.segment_building import build_segment, split_into_segments
from biometrics.index.segment_merging import Alive, merge_segments

_ID_BYTES = 16
_SCALE_ONE = 1 << 16
#: Keeps fingers with few marks from winning by luck.
_EXTRA_MARKS = 20


# No slots: the cached properties live in the instance's dictionary.
@dataclass(frozen=True, eq=False)
class Part:
    """A segment under its id, with who of it lives."""

    id: str
    segment: Segment
    alive: Alive

    @cached_property
    def slot_scales(self) -> NDArray[np.uint32]:
        """What the votes of each slot are multiplied with: fingers with many marks get votes by chance."""
        marks = self.segment.marks_per_slot.astype(np.float64)
        return np.rint(_SCALE_ONE / np.sqrt(marks + _EXTRA_MARKS)).astype(np.uint32)

    @cached_property
    def living_people(self) -> int:
        return int(self.alive.sum())

    @cached_property
    def living_fingers(self) -> int:
        return int(np.diff(self.segment.entry_starts)[self.alive].sum())

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        order: NDArray[np.intp] = np.argsort(self.segment.subjects, kind="stable")
        return order

    def find(self, subjects: NDArray[np.bytes_]) -> NDArray[np.intp]:
        """The living entries of those of the subjects that are here."""
        own = self.segment.subjects
        if not len(own) or not len(subjects):
            return np.empty(0, np.intp)
        places = np.searchsorted(own, subjects, sorter=self._order)
        entries = self._order[places.clip(0, len(own) - 1)]
        # An id stands once in a segment: merging leaves the dead out.
        found: NDArray[np.intp] = entries[own[entries] == subjects]
        living: NDArray[np.intp] = found[self.alive[found]]
        return living

    def without(self, entries: NDArray[np.intp]) -> Part:
        alive = self.alive.copy()
        alive[entries] = False
        return Part(self.id, self.segment, alive)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Parts in the order they were made. A subject lives in one of them at most."""

    parts: tuple[Part, ...] = ()

    @cached_property
    def people(self) -> int:
        return sum(part.living_people for part in self.parts)

    @cached_property
    def fingers(self) -> int:
        return sum(part.living_fingers for part in self.parts)

    @cached_property
    def key_counts(self) -> NDArray[np.uint32]:
        """Per key how many fingers have it. The dead count until they are merged away: only rarity is read from it."""
        counts = np.zeros(KEY_COUNT, np.uint32)
        for part in self.parts:
            _add_counts(counts, part, 1)
        return counts

    def count_keys(self, keys: Keys) -> NDArray[np.int64]:
        """How many fingers have each of these keys."""
        return self.key_counts[keys].astype(np.int64)

    def subjects(self) -> list[str]:
        """Everybody enrolled."""
        return [bytes(s).decode() for part in self.parts for s in part.segment.subjects[part.alive]]

    def put(self, people: Sequence[Enrolled]) -> Snapshot:
        """With these people enrolled, each with exactly these fingers: who was enrolled before is replaced.

        Raises SubjectRefused when a person is given twice.
        """
        if not people:
            return self
        ids = [person.subject for person in people]
        if len(set(ids)) != len(ids):
            raise SubjectRefused("a person is given twice")
        new = tuple(_part_of(build_segment(group)) for group in split_into_segments(people))
        return self._changed_to(self.remove(ids).parts + new)

    def remove(self, subjects: Iterable[str]) -> Snapshot:
        """Without these people; whoever is not enrolled is already gone."""
        wanted = np.array(sorted({subject.encode() for subject in subjects}), np.bytes_)
        parts = []
        for part in self.parts:
            found = part.find(wanted)
            parts.append(part.without(found) if len(found) else part)
        return self._changed_to(tuple(part for part in parts if part.living_people))

    def merge(self, chosen: Sequence[int]) -> Snapshot:
        """With these parts made one, which stands last."""
        merged = merge_segments([(self.parts[place].segment, self.parts[place].alive) for place in chosen])
        left = tuple(part for place, part in enumerate(self.parts) if place not in set(chosen))
        return self._changed_to((*left, _part_of(merged)) if len(merged.subjects) else left)

    def _changed_to(self, parts: tuple[Part, ...]) -> Snapshot:
        """The snapshot of these parts, its key counts reckoned from ours where we know them."""
        changed = Snapshot(parts)
        if "key_counts" in self.__dict__:
            counts = self.key_counts.copy()
            ours, theirs = {part.id for part in self.parts}, {part.id for part in parts}
            for part in self.parts:
                if part.id not in theirs:
                    _add_counts(counts, part, -1)
            for part in parts:
                if part.id not in ours:
                    _add_counts(counts, part, 1)
            changed.__dict__["key_counts"] = counts
        return changed


def _add_counts(counts: NDArray[np.uint32], part: Part, sign: int) -> None:
    directory = part.segment.directory
    if sign > 0:
        counts[directory.keys] += directory.counts
    else:
        counts[directory.keys] -= directory.counts


def _part_of(segment: Segment) -> Part:
    return Part(secrets.token_hex(_ID_BYTES), segment, np.ones(len(segment.subjects), np.bool_))
