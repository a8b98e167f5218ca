"""A search put into the index's terms: which keys to ask for each probe finger, and how many votes each is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.index.keys import MOST_MINUTIAE, NEIGHBOURS, Keys, probe_keys
from biometrics.index.packed_template import PackedTemplate

#: Votes of one segment's fingers are counted in 16 bits. A finger has each of its keys once, so this cannot overflow.
MOST_KEYS_PER_FINGER = MOST_MINUTIAE * NEIGHBOURS * (NEIGHBOURS - 1) // 2
MOST_VOTES = (1 << 16) - 1
_MOST_WEIGHT = MOST_VOTES // MOST_KEYS_PER_FINGER
#: Votes for each e-fold of rarity.
_VOTES_PER_NAT = 3.0
#: What is left of a key's votes for each of its neighbours that was put over a border.
_BORDER_SHARE = 0.6
#: Keys that more than this share of all fingers have say little and cost most: they are not asked.
_COMMON_SHARE, _COMMON_LEAST = 0.02, 5
#: Scores of different probes are brought to one scale, so that a finger with many minutiae does not drown the others.
_SCALE_ONE = 1 << 16

KeyCounts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ProbeVotes:
    """One probe finger: its keys, rising, with their votes, and what its votes are multiplied with."""

    keys: Keys
    votes: NDArray[np.uint16]
    scale: int


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What every shard is asked: made once, so that all of them count the same."""

    fingers: tuple[PackedTemplate, ...]
    votes: tuple[ProbeVotes, ...]


def ask(fingers: Sequence[PackedTemplate], key_counts: KeyCounts, enrolled_fingers: int) -> Question:
    """The question for an index in which so many fingers have each key: rare keys are worth more."""
    return Question(tuple(fingers), tuple(_votes_of(finger, key_counts, enrolled_fingers) for finger in fingers))


def _votes_of(finger: PackedTemplate, key_counts: KeyCounts, enrolled_fingers: int) -> ProbeVotes:
    keys, borders = probe_keys(finger.rows, finger.dpi)
    counts = key_counts[keys]
    rarity = np.log(max(2, enrolled_fingers) / np.maximum(counts, 1))
    rarity[counts > _COMMON_SHARE * enrolled_fingers + _COMMON_LEAST] = 0
    votes = np.rint(_VOTES_PER_NAT * rarity * _BORDER_SHARE**borders).clip(0, _MOST_WEIGHT).astype(np.uint16)
    asked = (votes > 0) & (counts > 0)
    total = int(votes.sum())
    return ProbeVotes(keys[asked], votes[asked], round(_SCALE_ONE / math.sqrt(total + 1)))
