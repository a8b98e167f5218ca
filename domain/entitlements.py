"""What a household may draw: one entitlement for each programme, person and period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from domain.deliveries import BenefitDelivery, DeliveryKind
from domain.ids import HouseholdId, PersonId, ProgrammeCode
from domain.programmes import BenefitKind, Period, Programme, period_of
from domain.record import Record
from domain.screening import ScreeningLine


class Entitlement(Record):
    household_id: HouseholdId
    #: None for a benefit of the whole household.
    person_id: PersonId | None
    programme: ProgrammeCode
    scheme: int
    kind: BenefitKind
    period: Period
    units: int
    measure: str
    amount_minor: int | None = None
    currency: str | None = None

    @property
    def key(self) -> tuple[int, int]:
        """Scheme and period: what card and registry count drawings by."""
        return self.scheme, self.period.key


def plan_entitlements(
    household_id: HouseholdId, lines: Iterable[ScreeningLine], programmes: Iterable[Programme], *, on: date
) -> list[Entitlement]:
    """Entitlements of the period that contains the day, for every ready line.

    A programme for several persons of one household is one entitlement with the units summed: the card counts
    by scheme and period.
    """
    by_code = {programme.code: programme for programme in programmes}
    counted = Counter(line.programme for line in lines if line.is_ready)
    return [_entitlement(household_id, by_code[code], count, on) for code, count in counted.items()]


def _entitlement(household_id: HouseholdId, programme: Programme, count: int, on: date) -> Entitlement:
    amount = programme.amount_minor
    return Entitlement(
        household_id=household_id,
        person_id=None,
        programme=programme.code,
        scheme=programme.scheme,
        kind=programme.kind,
        period=period_of(programme.frequency, on),
        units=programme.quantity * count,
        measure=programme.measure,
        amount_minor=None if amount is None else amount * count,
        currency=programme.currency,
    )


def open_entitlements(
    entitlements: Iterable[Entitlement], deliveries: Iterable[BenefitDelivery], *, on: date
) -> list[Entitlement]:
    """What the household may still draw on that day, earliest deadline first."""
    drawn: Counter[tuple[int, int]] = Counter()
    for delivery in deliveries:
        sign = -1 if delivery.kind is DeliveryKind.REVERSAL else 1
        drawn[delivery.scheme, delivery.period_key] += sign * delivery.units
    still_open = [e for e in entitlements if e.period.contains(on) and drawn[e.key] < e.units]
    return sorted(still_open, key=lambda e: e.period.last_day)
