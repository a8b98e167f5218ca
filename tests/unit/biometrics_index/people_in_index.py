"""Invented people for the index: fingers that exist nowhere, and the same fingers placed again."""

from __future__ import annotations

from functools import cache

from biometrics.index.packed_template import pack
from biometrics.index.segment import Enrolled
from biometrics.template import Template
from domain.fingers import ENROLMENT_ORDER
from tests.unit.biometrics.fingers_in_tests import another_impression, invented_finger

KEY = bytes(range(32))


def name_of(number: int) -> str:
    return f"person-{number:05}"


@cache
def fingers_of(number: int, count: int = 2) -> tuple[Template, ...]:
    """The person's enrolled fingers."""
    return tuple(invented_finger(1000 * number + n, 28, position) for n, position in enumerate(ENROLMENT_ORDER[:count]))


def probes_of(number: int, count: int = 2) -> list[Template]:
    """The same fingers on another day."""
    return [another_impression(finger, 7 + n) for n, finger in enumerate(fingers_of(number, count))]


def enrolled(number: int, count: int = 2) -> Enrolled:
    return Enrolled(name_of(number), tuple(pack(finger) for finger in fingers_of(number, count)))


def people(first: int, last: int, count: int = 2) -> list[Enrolled]:
    """Persons first … last - 1."""
    return [enrolled(number, count) for number in range(first, last)]
