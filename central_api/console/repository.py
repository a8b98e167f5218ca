"""Counts for the overview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from central_api.tables.benefits import deliveries, programmes
from central_api.tables.cards import cards
from central_api.tables.journal import audit_streams
from central_api.tables.kiosks import kiosks
from central_api.tables.people import households, persons
from central_api.tables.service import denials
from domain.cards import CardStatus


@dataclass(frozen=True, slots=True)
class KioskLine:
    """A kiosk and when it was heard last."""

    id: str
    name: str
    area: str
    events: int
    seen_at: datetime


def count_rows(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def count_people(connection: Connection) -> tuple[int, int]:
    """Households and persons."""
    return count_rows(connection, households), count_rows(connection, persons)


def count_cards(connection: Connection) -> dict[CardStatus, int]:
    rows = connection.execute(select(cards.c.status, func.count()).group_by(cards.c.status))
    return {CardStatus(status): number for status, number in rows}


def list_delivery_times(connection: Connection, since: datetime) -> Sequence[datetime]:
    query = select(deliveries.c.delivered_at).where(deliveries.c.delivered_at >= since)
    return connection.execute(query).scalars().all()


def count_denials_by_reason(connection: Connection) -> list[tuple[str, int]]:
    """The commonest first."""
    query = select(denials.c.reason, func.count().label("number")).group_by(denials.c.reason)
    rows = connection.execute(query.order_by(func.count().desc(), denials.c.reason))
    return [(row.reason, row.number) for row in rows]


def list_kiosks(connection: Connection) -> list[KioskLine]:
    rows = connection.execute(select(kiosks).order_by(kiosks.c.id))
    return [KioskLine(row.id, row.name, row.area, row.last_sequence, row.seen_at) for row in rows]


def list_programme_names(connection: Connection) -> dict[int, str]:
    """English names by scheme number."""
    rows = connection.execute(select(programmes.c.scheme, programmes.c.definition))
    return {row.scheme: row.definition["names"]["en"] for row in rows}


def count_audit_lines(connection: Connection) -> int:
    return connection.execute(select(func.sum(audit_streams.c.head_sequence))).scalar() or 0
