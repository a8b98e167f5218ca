"""Programmes: what is given, to whom, how often, and which papers are asked for."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from pydantic import JsonValue

from domain.ids import ProgrammeCode
from domain.record import Record


class BenefitKind(StrEnum):
    FOOD = "food"
    CASH = "cash"
    SCHOLARSHIP = "scholarship"
    INSURANCE = "insurance"
    TRAINING = "training"
    JOB = "job"
    HEALTH = "health"
    HOUSING = "housing"


class Unit(StrEnum):
    """Who a programme serves: each eligible person, or the household once."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Frequency(StrEnum):
    MONTHLY = "monthly"
    YEARLY = "yearly"
    ONCE = "once"


class Period(Record):
    """A stretch of days in which a benefit may be drawn; ``key`` is the number on the card."""

    key: int
    first_day: date
    last_day: date

    def contains(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


class Example(Record):
    """A family that the rule must answer for as stated: every programme carries its own test."""

    household: dict[str, bool | int | str] = {}
    members: tuple[dict[str, bool | int | str], ...]
    expected: str


class Programme(Record):
    code: ProgrammeCode
    #: The number of the programme on cards, never reused.
    scheme: int
    department: str
    #: Names and one-line descriptions by language code.
    names: dict[str, str]
    kind: BenefitKind
    unit: Unit
    frequency: Frequency
    #: How much per period and eligible unit, in ``measure`` (kg, month, course, paise …).
    quantity: int
    measure: str
    #: Money value of one period's benefit in minor units, for "what you are entitled to"; None when not money.
    amount_minor: int | None = None
    currency: str | None = None
    rule: JsonValue
    papers: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    version: int = 1
    #: May be handed over at a service point with the card; others are applications.
    delivered_at_desk: bool = False


_ENDLESS = date(9999, 12, 31)
_BEGINNING = date(2000, 1, 1)


def period_of(frequency: Frequency, day: date) -> Period:
    """The period that contains the day; its key is YYYYMM, YYYY00, or 0 for once."""
    if frequency is Frequency.MONTHLY:
        first = day.replace(day=1)
        next_first = (first + timedelta(days=32)).replace(day=1)
        return Period(key=day.year * 100 + day.month, first_day=first, last_day=next_first - timedelta(days=1))
    if frequency is Frequency.YEARLY:
        return Period(key=day.year * 100, first_day=date(day.year, 1, 1), last_day=date(day.year, 12, 31))
    return Period(key=0, first_day=_BEGINNING, last_day=_ENDLESS)
