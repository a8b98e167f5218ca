"""A piece of the index: up to 8,192 enrolled fingers with the posting list of every key. Never changed once made.

A posting is a finger's number below and the direction of its minutia above, together 16 bits. The votes of all fingers
of a segment, apart by how far the finger is turned (128 KiB), stay in a processor's second cache while the lists of a
probe's keys are gone through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.index.errors import SubjectRefused
from biometrics.index.key_directory import KeyDirectory, Starts
from biometrics.index.keys import DIRECTIONS
from biometrics.index.packed_template import MinutiaRows, PackedTemplate
from domain.fingers import FingerPosition

#: Slots of a segment: what a posting's 16 bits leave beside the direction.
MAX_SLOTS = (1 << 16) // DIRECTIONS
LONGEST_SUBJECT_BYTES = 1024

#: direction * MAX_SLOTS + slot
Postings = NDArray[np.uint16]
#: Per slot: position, width_px, height_px, dpi, quality, number of marks.
SlotRows = NDArray[np.uint16]
SLOT_COLUMNS = 6
POSITION, WIDTH, HEIGHT, DPI, QUALITY, MARKS = range(SLOT_COLUMNS)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person as the index keeps them: all fingers, any impressions."""

    subject: str
    fingers: tuple[PackedTemplate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Entries (people), each with its slots (fingers) side by side; starts have one more item than what they start."""

    subjects: NDArray[np.bytes_]
    entry_starts: Starts
    slots: SlotRows
    minutia_starts: Starts
    minutiae: MinutiaRows
    directory: KeyDirectory
    postings: Postings

    def __repr__(self) -> str:
        return f"Segment({len(self.subjects)} people, {len(self.slots)} fingers)"

    @property
    def marks_per_slot(self) -> NDArray[np.uint16]:
        return self.slots[:, MARKS]

    @property
    def positions(self) -> NDArray[np.uint16]:
        return self.slots[:, POSITION]

    @property
    def size_bytes(self) -> int:
        """Memory held."""
        parts = (self.subjects, self.entry_starts, self.slots, self.minutia_starts, self.minutiae)
        return sum(part.nbytes for part in parts) + self.directory.size_bytes + self.postings.nbytes

    def subject(self, entry: int) -> str:
        return bytes(self.subjects[entry]).decode()

    def slots_of(self, entry: int) -> range:
        return range(int(self.entry_starts[entry]), int(self.entry_starts[entry + 1]))

    def finger(self, slot: int) -> PackedTemplate:
        """The enrolled finger, to be compared one to one."""
        position, width_px, height_px, dpi, quality, _ = self.slots[slot].tolist()
        rows = self.minutiae[self.minutia_starts[slot] : self.minutia_starts[slot + 1]]
        return PackedTemplate(FingerPosition(position), width_px, height_px, dpi, quality, rows)


def encode_subjects(subjects: Sequence[str]) -> NDArray[np.bytes_]:
    """The ids as rows of bytes. Raises SubjectRefused for an id that is empty, over 1,024 bytes or ends in a zero."""
    encoded = [subject.encode() for subject in subjects]
    if any(not each or each.endswith(b"\0") or len(each) > LONGEST_SUBJECT_BYTES for each in encoded):
        raise SubjectRefused("an id is empty, too long or ends in a zero byte")
    return np.array(encoded, np.bytes_) if encoded else np.empty(0, "S1")


def starts_are_sound(starts: Starts, total: int) -> bool:
    """Whether they begin at 0, never fall and end at the total."""
    return bool(len(starts) > 0 and starts[0] == 0 and starts[-1] == total and np.all(starts[1:] >= starts[:-1]))
