"""Chance that is the same on every machine and in every release of Python.

Only ``Random.random`` is used: it alone is promised to stay as it is.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from random import Random
from typing import TypeVar

_Thing = TypeVar("_Thing")
_SEED_BYTES = 8


def seed_of(*parts: object) -> int:
    """A 64-bit number that depends on all of these and on nothing else."""
    digest = hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=_SEED_BYTES).digest()
    return int.from_bytes(digest, "big")


class Chance:
    """One stream of chance."""

    def __init__(self, *parts: object) -> None:
        self._random = Random(seed_of(*parts)).random

    def share(self) -> float:
        """Evenly between 0 and 1."""
        return self._random()

    def happens(self, chance: float) -> bool:
        """Yes that often."""
        return self._random() < chance

    def whole(self, least: int, most: int) -> int:
        """Evenly among the whole numbers, both ends included; ``least`` when there is no room."""
        return least + int(self._random() * max(1, most - least + 1))

    def between(self, least: float, most: float) -> float:
        """Evenly between both."""
        return least + (most - least) * self._random()

    def normal(self, mean: float, spread: float) -> float:
        """Normally distributed (Box and Muller)."""
        return mean + spread * math.sqrt(-2 * math.log(1 - self._random())) * math.cos(2 * math.pi * self._random())

    def one_of(self, things: Sequence[_Thing]) -> _Thing:
        """Any of them, equally often."""
        return things[int(self._random() * len(things))]

    def weighed(self, things: Sequence[tuple[_Thing, float]]) -> _Thing:
        """One of them, as often as its weight says."""
        left = self._random() * sum(weight for _, weight in things)
        for thing, weight in things:
            left -= weight
            if left < 0:
                return thing
        return things[-1][0]
