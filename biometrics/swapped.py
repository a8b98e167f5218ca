"""Fingers of a person who is known already, given in another order than before: hands or fingers swapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.matcher import compare_prepared, prepare
from biometrics.template import Template
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition

_FMR = FMR.ONE_IN_10_000


@dataclass(frozen=True, slots=True)
class SwappedFinger:
    """A finger given under one name that was another one before."""

    given_as: FingerPosition
    known_as: FingerPosition
    score: float

    @property
    def is_other_hand(self) -> bool:
        """Left for right, or right for left."""
        return self.given_as.is_right_hand is not self.known_as.is_right_hand


def find_swapped_fingers(fresh: Sequence[Template], known: Sequence[Template]) -> list[SwappedFinger]:
    """New impressions that match an earlier one of another name at FMR 0.01 %, and better than those of their own name.

    In the order of ``fresh``. Fingers of unknown position are left out: they cannot be swapped.
    """
    prepared = [(each.position, prepare(each)) for each in known if each.position is not FingerPosition.UNKNOWN]
    swapped = []
    for template in fresh:
        if template.position is FingerPosition.UNKNOWN or not prepared:
            continue
        probe = prepare(template)
        score, position = max((compare_prepared(probe, reference), int(name)) for name, reference in prepared)
        if position != template.position and decide(score, fmr=_FMR):
            swapped.append(SwappedFinger(template.position, FingerPosition(position), score))
    return swapped
