"""Queries on organisations and on what happened at their desks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from central_api.cards.stock import StockDay, read_stock
from central_api.hiring import Organisation, organisation_of
from central_api.tables.kiosks import kiosks, organisations
from central_api.tables.people import submissions
from domain.ids import KioskId
from domain.messages.enrolment import EnrolmentStatus


@dataclass(frozen=True, slots=True)
class Registered:
    """What its desks registered; a failed capture is a person without a single finger."""

    households: int
    people: int
    failed_captures: int
    days: frozenset[date]


def add_organisation(connection: Connection, organisation: Organisation, now: datetime) -> None:
    values = {"name": organisation.name, "card_quota": organisation.card_quota, "is_active": organisation.is_active}
    connection.execute(insert(organisations).values(id=organisation.id, hired_at=now, **values))


def put_organisation(connection: Connection, organisation: Organisation) -> None:
    values = {"name": organisation.name, "card_quota": organisation.card_quota, "is_active": organisation.is_active}
    connection.execute(update(organisations).where(organisations.c.id == organisation.id).values(values))


def find_organisation(connection: Connection, organisation_id: str) -> Organisation | None:
    row = connection.execute(select(organisations).where(organisations.c.id == organisation_id)).first()
    return None if row is None else organisation_of(row)


def list_organisations(connection: Connection) -> list[Organisation]:
    return [organisation_of(row) for row in connection.execute(select(organisations).order_by(organisations.c.id))]


def put_desk(connection: Connection, kiosk_id: KioskId, organisation_id: str | None) -> bool:
    """Whether there is such a desk; it is that organisation's from now on."""
    query = update(kiosks).where(kiosks.c.id == kiosk_id).values(organisation_id=organisation_id)
    return connection.execute(query).rowcount == 1


def read_registered(connection: Connection, desks: list[KioskId]) -> Registered:
    query = select(submissions.c.people, submissions.c.failed_captures, submissions.c.decided_at)
    done = submissions.c.status == EnrolmentStatus.REGISTERED
    rows = connection.execute(query.where(submissions.c.kiosk_id.in_(desks), done)).all()
    return Registered(
        households=len(rows),
        people=sum(row.people for row in rows),
        failed_captures=sum(row.failed_captures for row in rows),
        days=frozenset(row.decided_at.date() for row in rows if row.decided_at is not None),
    )


def read_stock_of(connection: Connection, desks: list[KioskId]) -> list[StockDay]:
    """Days of those desks only."""
    return [day for desk in desks for day in read_stock(connection, desk)]
