"""Queries on organisations and on what happened at their desks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from central_api.cards.stock import StockDay, read_stock
from central_api.tables.cards import cards
from central_api.tables.kiosks import kiosks, organisations
from central_api.tables.people import submissions
from domain.cards import CardStatus
from domain.ids import KioskId
from domain.messages.enrolment import EnrolmentStatus


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str
    name: str
    #: How many cards may be signed for its desks in all.
    card_quota: int
    is_active: bool


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
    return None if row is None else _organisation(row)


def list_organisations(connection: Connection) -> list[Organisation]:
    return [_organisation(row) for row in connection.execute(select(organisations).order_by(organisations.c.id))]


def find_organisation_of(connection: Connection, kiosk_id: KioskId) -> Organisation | None:
    """Who runs that desk; None: the office itself."""
    query = select(organisations).join(kiosks, kiosks.c.organisation_id == organisations.c.id)
    row = connection.execute(query.where(kiosks.c.id == kiosk_id)).first()
    return None if row is None else _organisation(row)


def put_desk(connection: Connection, kiosk_id: KioskId, organisation_id: str | None) -> bool:
    """Whether there is such a desk; it is that organisation's from now on."""
    query = update(kiosks).where(kiosks.c.id == kiosk_id).values(organisation_id=organisation_id)
    return connection.execute(query).rowcount == 1


def list_desks(connection: Connection, organisation_id: str) -> list[KioskId]:
    query = select(kiosks.c.id).where(kiosks.c.organisation_id == organisation_id).order_by(kiosks.c.id)
    return [KioskId(each) for each in connection.execute(query).scalars()]


def count_signed(connection: Connection, desks: list[KioskId]) -> int:
    """Cards signed for those desks and not burned since: what counts against the quota."""
    query = select(func.count()).select_from(cards)
    query = query.where(cards.c.kiosk_id.in_(desks), cards.c.status != CardStatus.SCRAPPED)
    return connection.execute(query).scalar_one()


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


def _organisation(row: Row[tuple[object, ...]]) -> Organisation:
    return Organisation(row.id, row.name, row.card_quota, row.is_active)
