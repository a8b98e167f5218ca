"""The same finger given twice in one enrolment, under two names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from biometrics.matcher import compare_prepared, prepare
from biometrics.template import Template
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition

_FMR = FMR.ONE_IN_10_000


@dataclass(frozen=True, slots=True)
class RepeatedFinger:
    """Two templates of one enrolment (by their index, first < second) that hold the same finger."""

    first: int
    second: int
    score: float


def find_repeated_fingers(templates: Sequence[Template]) -> list[RepeatedFinger]:
    """Pairs that match at FMR 0.01 % though they were given as different fingers, strongest first.

    Two impressions of one position belong together and are not looked at; a finger of unknown position may be any.
    """
    prepared = [prepare(template) for template in templates]
    found = [
        RepeatedFinger(first, second, compare_prepared(prepared[first], prepared[second]))
        for first, second in combinations(range(len(templates)), 2)
        if _are_given_as_different(templates[first].position, templates[second].position)
    ]
    repeated = [pair for pair in found if decide(pair.score, fmr=_FMR)]
    return sorted(repeated, key=lambda pair: (-pair.score, pair.first, pair.second))


def _are_given_as_different(one: FingerPosition, other: FingerPosition) -> bool:
    return one != other or one is FingerPosition.UNKNOWN
