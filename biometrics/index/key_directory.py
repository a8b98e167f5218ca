"""Where a segment's posting lists begin: a bit for every key, so that a segment of one person takes kilobytes.

The bits before a key, counted by words of 64 and then within the word, are the number of its list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.index.keys import KEY_COUNT, Keys

WORD_BITS = 64
_WORDS = -(-KEY_COUNT // WORD_BITS)

#: Where each item of a list of lists begins; one more than there are items.
Starts = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class KeyDirectory:
    """words: a bit for each key in use; ranks: keys in use before each word; starts: of the lists of keys in use."""

    words: NDArray[np.uint64]
    ranks: NDArray[np.uint32]
    starts: Starts

    @property
    def keys(self) -> Keys:
        """The keys in use, rising."""
        bits = self.words[:, None] >> np.arange(WORD_BITS, dtype=np.uint64) & np.uint64(1)
        return np.flatnonzero(bits).astype(np.uint32)

    @property
    def counts(self) -> NDArray[np.uint32]:
        """Of each key in use, how long its list is."""
        return np.diff(self.starts)

    @property
    def size_bytes(self) -> int:
        """Memory held."""
        return self.words.nbytes + self.ranks.nbytes + self.starts.nbytes


def directory_of(keys: Keys, counts: NDArray[np.integer]) -> KeyDirectory:
    """The directory of these keys, rising, with lists of these lengths one after the other."""
    words = np.zeros(_WORDS, np.uint64)
    bits = np.uint64(1) << (keys % WORD_BITS).astype(np.uint64)
    np.bitwise_or.at(words, keys // WORD_BITS, bits)
    per_word = np.bincount(keys // WORD_BITS, minlength=_WORDS)
    return KeyDirectory(words, starts_of(per_word)[:-1], starts_of(counts))


def starts_of(counts: NDArray[np.integer] | list[int]) -> Starts:
    """Where each item begins, and where the last ends."""
    starts = np.zeros(len(counts) + 1, np.uint32)
    np.cumsum(counts, out=starts[1:])
    return starts
