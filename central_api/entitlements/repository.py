"""Queries on chosen programmes and granted entitlements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from central_api.tables.benefits import entitlements, programme_choices
from domain.entitlements import Entitlement
from domain.ids import HouseholdId, ProgrammeCode


@dataclass(frozen=True, slots=True)
class Drawing:
    """How much of an entitlement is drawn, in units."""

    units: int
    drawn: int


def list_choices(connection: Connection, household_id: HouseholdId) -> list[ProgrammeCode]:
    """Programmes the household asked for."""
    query = (
        select(programme_choices.c.programme)
        .where(programme_choices.c.household_id == household_id)
        .order_by(programme_choices.c.programme)
    )
    return [ProgrammeCode(code) for code in connection.execute(query).scalars()]


def add_choice(connection: Connection, household_id: HouseholdId, programme: ProgrammeCode, now: datetime) -> None:
    values = {"household_id": household_id, "programme": programme, "chosen_at": now, "is_granted": False}
    connection.execute(insert(programme_choices).values(values))


def put_granted(
    connection: Connection, household_id: HouseholdId, programme: ProgrammeCode, *, is_granted: bool
) -> None:
    chosen = (programme_choices.c.household_id == household_id) & (programme_choices.c.programme == programme)
    connection.execute(update(programme_choices).where(chosen).values(is_granted=is_granted))


def list_entitlements(connection: Connection, household_id: HouseholdId, *, on: date) -> list[Entitlement]:
    """Entitlements whose period has not ended, by scheme and period."""
    query = (
        select(entitlements.c.record)
        .where(entitlements.c.household_id == household_id, entitlements.c.last_day >= on)
        .order_by(entitlements.c.scheme, entitlements.c.period_key)
    )
    return [Entitlement.model_validate(record) for record in connection.execute(query).scalars()]


def lock_drawing(connection: Connection, household_id: HouseholdId, scheme: int, period_key: int) -> Drawing | None:
    """What is granted and drawn; others who would draw wait until this transaction ends."""
    row = connection.execute(
        select(entitlements.c.units, entitlements.c.drawn)
        .where(_is_at(household_id, scheme, period_key))
        .with_for_update()
    ).first()
    return None if row is None else Drawing(row.units, row.drawn)


def put_drawn(connection: Connection, household_id: HouseholdId, scheme: int, period_key: int, drawn: int) -> None:
    where = _is_at(household_id, scheme, period_key)
    connection.execute(update(entitlements).where(where).values(drawn=drawn))


def put_entitlement(connection: Connection, entitlement: Entitlement, now: datetime) -> bool:
    """Whether the entitlement is new or grants another number of units than before."""
    place = _is_at(entitlement.household_id, *entitlement.key)
    record = entitlement.model_dump(mode="json")
    known = connection.execute(select(entitlements.c.units).where(place).with_for_update()).first()
    if known is not None:
        if known.units == entitlement.units:
            return False
        values = {"units": entitlement.units, "record": record, "granted_at": now}
        connection.execute(update(entitlements).where(place).values(values))
        return True
    values = {
        "household_id": entitlement.household_id,
        "scheme": entitlement.scheme,
        "period_key": entitlement.period.key,
        "programme": entitlement.programme,
        "first_day": entitlement.period.first_day,
        "last_day": entitlement.period.last_day,
        "units": entitlement.units,
        "drawn": 0,
        "record": record,
        "granted_at": now,
    }
    connection.execute(insert(entitlements).values(values))
    return True


def _is_at(household_id: HouseholdId, scheme: int, period_key: int) -> ColumnElement[bool]:
    return (
        (entitlements.c.household_id == household_id)
        & (entitlements.c.scheme == scheme)
        & (entitlements.c.period_key == period_key)
    )
