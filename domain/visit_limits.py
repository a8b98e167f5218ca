"""How sure a whole visit must be: all its tries, all members of the card, all their fingers together.

A visit holds up to six tries (two fingers, three tries each), and each try is compared with every finger of every
member who may collect: up to 192 comparisons on a card of eight. At one false match in ten thousand comparisons a
stranger would pass one visit in fifty. So the visit has a rate of its own, VISIT_FMR = 1/1,000, shared out beforehand:

- one half to single comparisons: each may pass by chance at VISIT_FMR / 2 / (tries * comparisons of one try);
- one half to two fingers together (Fisher's combination of both fingers' rates, each multiplied by the number of its
  comparisons), tested at most three times for each member: VISIT_FMR / 2 / (3 * members).

The sum bounds the visit's false match rate whatever the order of fingers and however the comparisons of one stranger
hang together, as far as the stated rate of a comparison holds (biometrics.thresholds), and, for two fingers together,
as far as a stranger's two fingers are independent. Learning which finger to ask for (domain.finger_rank) changes none
of it. A visit is one identification; a card laid down again begins another, and each is counted at the registry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.fingers import FingerPosition
from domain.verification import TRIES_A_FINGER

VISIT_FMR = 1e-3
FINGERS_ASKED = 2
TRIES_A_VISIT = FINGERS_ASKED * TRIES_A_FINGER
_SHARE = 0.5
_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class MemberLikeness:
    """How much a try looks like a member: the rate of the likeliest of ``compared`` fingers of theirs."""

    false_match_rate: float
    compared: int


@dataclass(frozen=True, slots=True)
class Recognised:
    """The member by their place in the list, and whether it took two fingers together."""

    member: int
    by_two_fingers: bool


@dataclass(slots=True)
class VisitEvidence:
    """Everything that fingers have said in one visit. Give it each try; it never takes more than TRIES_A_VISIT."""

    tries: int = 0
    #: For each finger asked for, each member's smallest rate so far, and how many comparisons it is the best of.
    _by_finger: dict[FingerPosition, list[tuple[float, int]]] = field(default_factory=dict, repr=False)

    @property
    def is_used_up(self) -> bool:
        return self.tries >= TRIES_A_VISIT

    def after(self, asked: FingerPosition, likenesses: Sequence[MemberLikeness]) -> Recognised | None:
        """Who it is, if this try, alone or with the other finger, says so; None also once the tries are used up."""
        if self.is_used_up or not likenesses:
            return None
        self.tries += 1
        before = self._by_finger.get(asked, [(1.0, 0)] * len(likenesses))
        self._by_finger[asked] = [
            (min(rate, like.false_match_rate), count + like.compared)
            for (rate, count), like in zip(before, likenesses, strict=True)
        ]
        return self._by_one(likenesses) or self._by_two(len(likenesses))

    def _by_one(self, likenesses: Sequence[MemberLikeness]) -> Recognised | None:
        limit = single_limit(sum(each.compared for each in likenesses))
        best = min(range(len(likenesses)), key=lambda at: likenesses[at].false_match_rate)
        return Recognised(best, by_two_fingers=False) if likenesses[best].false_match_rate <= limit else None

    def _by_two(self, members: int) -> Recognised | None:
        if len(self._by_finger) != FINGERS_ASKED:
            return None
        one, other = self._by_finger.values()
        chances = [_together(_chance(*one[at]), _chance(*other[at])) for at in range(members)]
        best = min(range(members), key=chances.__getitem__)
        return Recognised(best, by_two_fingers=True) if chances[best] <= fused_limit(members) else None


def single_limit(comparisons: int) -> float:
    """The rate at which one comparison may pass, where a try holds so many."""
    return VISIT_FMR * _SHARE / (TRIES_A_VISIT * max(1, comparisons))


def fused_limit(members: int) -> float:
    """The chance at which two fingers together may pass, where so many members may collect."""
    return VISIT_FMR * (1 - _SHARE) / (TRIES_A_FINGER * max(1, members))


def _chance(rate: float, comparisons: int) -> float:
    """How likely a stranger's best of so many comparisons is at least so good (Bonferroni)."""
    return min(1.0, max(_SMALLEST, rate * comparisons))


def _together(one: float, other: float) -> float:
    """Fisher's combination of two chances."""
    product = one * other
    return product * (1 - math.log(product))
