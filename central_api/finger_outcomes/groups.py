"""Counting failures by group: small groups are not shown, and a group that fails too often raises an alarm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from domain.record import Record
from domain.sensors import SensorIdentity

#: Groups of fewer people are not shown: somebody could be recognised in them.
LEAST_PEOPLE = 5
#: A group alarms when it fails this many times as often as the median group of its kind.
ALARM_FACTOR = 2.0
#: One or two failures may be chance.
_LEAST_FAILURES = 3
#: Where the median is next to nothing, this share of failures stands for it.
_ORDINARY_RATE = 0.01
UNKNOWN = "not known"
_AGE_BANDS = ((5, "0–4"), (15, "5–14"), (30, "15–29"), (45, "30–44"), (60, "45–59"), (75, "60–74"))
_OLDEST = "75 and over"


class Kind(StrEnum):
    """What people are grouped by."""

    AGE = "age"
    SEX = "sex"
    WORK = "work"
    DESK = "desk"
    OPERATOR = "operator"
    #: The very sensor, and all sensors of its kind.
    DEVICE = "device"
    DEVICE_KIND = "device kind"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One person at one desk: who in general terms, and whether the finger failed in the end."""

    has_failed: bool
    age_years: int | None
    sex: str | None
    work: str | None
    desk: str
    operator: str | None
    sensor: SensorIdentity | None = None

    def value(self, kind: Kind) -> str:
        """The group of that kind."""
        known: dict[Kind, str | None] = {
            Kind.AGE: age_band(self.age_years),
            Kind.SEX: self.sex,
            Kind.WORK: self.work,
            Kind.DESK: self.desk,
            Kind.OPERATOR: self.operator,
            Kind.DEVICE: None if self.sensor is None else self.sensor.name_at(self.desk),
            Kind.DEVICE_KIND: None if self.sensor is None else self.sensor.kind,
        }
        return known[kind] or UNKNOWN


class GroupFigure(Record):
    """A group's failures. Numbers are None where the group is too small to be shown."""

    kind: Kind
    group: str
    tried: int | None
    failed: int | None
    is_alarming: bool = False

    @property
    def percent(self) -> float | None:
        """Failures among a hundred."""
        return None if not self.tried or self.failed is None else round(100 * self.failed / self.tried, 1)


def age_band(years: int | None) -> str | None:
    if years is None:
        return None
    return next((band for below, band in _AGE_BANDS if years < below), _OLDEST)


def count(attempts: Iterable[Attempt], *, factor: float = ALARM_FACTOR) -> tuple[GroupFigure, ...]:
    """Every kind's groups, the worst first."""
    kept = list(attempts)
    return tuple(figure for kind in Kind for figure in _count_kind(kept, kind, factor))


def _count_kind(attempts: Sequence[Attempt], kind: Kind, factor: float) -> list[GroupFigure]:
    tried: dict[str, int] = defaultdict(int)
    failed: dict[str, int] = defaultdict(int)
    for attempt in attempts:
        group = attempt.value(kind)
        tried[group] += 1
        failed[group] += attempt.has_failed
    hidden = _too_small(tried)
    rates = {group: failed[group] / number for group, number in tried.items() if group not in hidden}
    limit = factor * max(median(rates.values()), _ORDINARY_RATE) if rates else 1.0
    shown = [
        GroupFigure(
            kind=kind,
            group=group,
            tried=tried[group],
            failed=failed[group],
            is_alarming=rate > limit and failed[group] >= _LEAST_FAILURES,
        )
        for group, rate in sorted(rates.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return shown + [GroupFigure(kind=kind, group=group, tried=None, failed=None) for group in sorted(hidden)]


def _too_small(tried: dict[str, int]) -> set[str]:
    """Small groups; a single one takes the next smallest with it, or the total would give it away."""
    hidden = {group for group, number in tried.items() if number < LEAST_PEOPLE}
    if len(hidden) == 1 and len(tried) > 1:
        hidden.add(min((g for g in tried if g not in hidden), key=lambda group: (tried[group], group)))
    return hidden
