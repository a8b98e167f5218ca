"""A search put into the index's terms: which marks to ask for each probe finger, and how many votes each is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.index.keys import DIRECTIONS, MOST_MINUTIAE, NEIGHBOURS, Keys, Votes, probe_marks
from biometrics.index.packed_template import PackedTemplate
from biometrics.index.segment import MAX_SLOTS

#: Votes are counted in 16 bits. A finger has each of its marks once, so that this cannot overflow.
MOST_MARKS_PER_FINGER = MOST_MINUTIAE * NEIGHBOURS * (NEIGHBOURS - 1) // 2
MOST_VOTES = (1 << 16) - 1
_MOST_WEIGHT = MOST_VOTES // MOST_MARKS_PER_FINGER
#: Votes for each e-fold of rarity.
_VOTES_PER_NAT = 3.0
#: What is left of a key's votes for each of its neighbours that was put over a border.
_BORDER_SHARE = 0.6
_BORDER_SHARES = _BORDER_SHARE ** np.arange(3)
#: Keys that more than this share of all fingers have say little and cost most: they are not asked.
_COMMON_SHARE, _COMMON_LEAST = 0.02, 5
#: Scores of different probes are brought to one scale, so that a finger with many minutiae does not drown the others.
_SCALE_ONE = 1 << 16

#: How many fingers have a key, for each of some keys.
KeyCounts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ProbeMarks:
    """One probe finger: for each of its marks, rising, the key, the direction and the borders crossed."""

    finger: PackedTemplate
    keys: Keys
    directions: NDArray[np.uint16]
    borders: Votes


@dataclass(frozen=True, slots=True, eq=False)
class ProbeVotes:
    """One probe finger: its marks, rising, with their votes, and what its votes are multiplied with.

    turns is what a posting is moved by: the finger's direction less the probe's stands above the slot then.
    """

    keys: Keys
    turns: NDArray[np.uint16]
    votes: NDArray[np.uint16]
    scale: int


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What every shard is asked: made once, so that all of them count the same."""

    fingers: tuple[PackedTemplate, ...]
    votes: tuple[ProbeVotes, ...]


def look_at(fingers: Sequence[PackedTemplate]) -> tuple[ProbeMarks, ...]:
    """The marks of the probe's fingers."""
    looked = []
    for finger in fingers:
        marks, borders = probe_marks(finger.rows, finger.dpi)
        looked.append(ProbeMarks(finger, marks // DIRECTIONS, (marks % DIRECTIONS).astype(np.uint16), borders))
    return tuple(looked)


def keys_of(probes: Sequence[ProbeMarks]) -> Keys:
    """The keys whose frequency must be known to ask: those of all probes, one after the other."""
    return np.concatenate([probe.keys for probe in probes]) if probes else np.empty(0, np.uint32)


def ask(probes: Sequence[ProbeMarks], key_counts: KeyCounts, enrolled_fingers: int) -> Question:
    """The question for an index in which so many fingers have each of keys_of(probes): rare keys are worth more."""
    votes, first = [], 0
    for probe in probes:
        votes.append(_votes_of(probe, key_counts[first : first + len(probe.keys)], enrolled_fingers))
        first += len(probe.keys)
    return Question(tuple(probe.finger for probe in probes), tuple(votes))


def _votes_of(probe: ProbeMarks, counts: KeyCounts, enrolled_fingers: int) -> ProbeVotes:
    # What nobody has, or too many, is not looked at further.
    asked = np.flatnonzero((counts > 0) & (counts <= _COMMON_SHARE * enrolled_fingers + _COMMON_LEAST))
    rarity = np.log(max(2, enrolled_fingers) / counts[asked])
    votes = np.rint(_VOTES_PER_NAT * rarity * _BORDER_SHARES[probe.borders[asked]]).clip(0, _MOST_WEIGHT)
    turns = (DIRECTIONS - probe.directions[asked]) % DIRECTIONS * MAX_SLOTS
    scale = round(_SCALE_ONE / math.sqrt(int(votes.sum()) + 1))
    return ProbeVotes(probe.keys[asked], turns.astype(np.uint16), votes.astype(np.uint16), scale)
