"""The same finger given twice in one enrolment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.template import Template
from domain.errors import NotAvailableYet


@dataclass(frozen=True, slots=True)
class RepeatedFinger:
    """Two templates of one enrolment (by their index) that hold the same finger."""

    first: int
    second: int
    score: float


def find_repeated_fingers(templates: Sequence[Template]) -> list[RepeatedFinger]:
    """Pairs given under different positions that match, best first."""
    raise NotAvailableYet("repeats")
