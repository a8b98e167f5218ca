"""Queries on agreed shares and on signed statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, case, delete, func, insert, select, update

from central_api.tables.benefits import deliveries
from central_api.tables.cards import card_shares, card_statements, cards
from central_api.tables.kiosks import kiosks
from domain.card_number import CardNumber
from domain.cards import CardStatus
from domain.deliveries import DeliveryKind
from domain.ids import AreaCode, HouseholdId

#: Programme number and period, as cards count drawings.
LineKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Share:
    """The parts of one place, and what its cards had drawn of each programme and period when that was agreed."""

    place: int
    parts: int
    drawn_before: dict[LineKey, int]


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement as signed. ``is_on_card``: a desk said that it wrote it."""

    id: int
    card_number: CardNumber
    version: int
    limits: dict[LineKey, int]
    content_sha256: str
    valid_until: date
    slot: bytes
    is_on_card: bool


def list_shares(connection: Connection, household_id: HouseholdId) -> list[Share]:
    """By place; empty while the household has a single card."""
    query = select(card_shares).where(card_shares.c.household_id == household_id).order_by(card_shares.c.place)
    return [Share(row.place, row.parts, _from_names(row.drawn_before)) for row in connection.execute(query)]


def put_shares(connection: Connection, household_id: HouseholdId, shares: list[Share], now: datetime) -> None:
    """In place of all agreed before; none: one card has the whole balance."""
    connection.execute(delete(card_shares).where(card_shares.c.household_id == household_id))
    for share in shares:
        values = {"place": share.place, "parts": share.parts, "drawn_before": _to_names(share.drawn_before)}
        connection.execute(insert(card_shares).values(household_id=household_id, agreed_at=now, **values))


def drawn_by_card(connection: Connection, household_id: HouseholdId) -> dict[CardNumber, dict[LineKey, int]]:
    """What each card of the household gave out, as far as its deliveries have arrived and were booked."""
    signed = case((deliveries.c.kind == DeliveryKind.REVERSAL, -deliveries.c.units), else_=deliveries.c.units)
    key = (deliveries.c.card_number, deliveries.c.scheme, deliveries.c.period_key)
    query = select(*key, func.sum(signed).label("drawn")).where(deliveries.c.household_id == household_id)
    found: dict[CardNumber, dict[LineKey, int]] = {}
    for row in connection.execute(query.group_by(*key)):
        found.setdefault(CardNumber(row.card_number), {})[row.scheme, row.period_key] = int(row.drawn)
    return found


def list_statements(connection: Connection, number: CardNumber) -> list[SignedStatement]:
    """All of the card, oldest first."""
    query = select(card_statements).where(card_statements.c.card_number == number).order_by(card_statements.c.version)
    return [_statement(row) for row in connection.execute(query)]


def add_statement(
    connection: Connection,
    number: CardNumber,
    version: int,
    limits: dict[LineKey, int],
    content_sha256: str,
    valid_until: date,
    slot: bytes,
    now: datetime,
) -> None:
    values = {"version": version, "content_sha256": content_sha256, "valid_until": valid_until, "slot": slot}
    triples = [[scheme, period, limit] for (scheme, period), limit in sorted(limits.items())]
    connection.execute(insert(card_statements).values(card_number=number, limits=triples, issued_at=now, **values))


def put_on_card(connection: Connection, number: CardNumber, version: int, now: datetime) -> bool:
    """Whether such a statement was ever signed; from now on it is known to be on its chip."""
    is_it = (card_statements.c.card_number == number) & (card_statements.c.version == version)
    return connection.execute(update(card_statements).where(is_it).values(on_card_at=now)).rowcount == 1


def list_waiting_statements(connection: Connection, area: AreaCode, *, after: int, limit: int) -> list[SignedStatement]:
    """Statements that are not yet on active cards issued in that area, by id."""
    query = (
        select(card_statements)
        .join(cards, cards.c.number == card_statements.c.card_number)
        .join(kiosks, kiosks.c.id == cards.c.kiosk_id)
        .where(card_statements.c.id > after, card_statements.c.on_card_at.is_(None))
        .where(cards.c.status == CardStatus.ACTIVE, kiosks.c.area == area)
        .order_by(card_statements.c.id)
        .limit(limit)
    )
    return [_statement(row) for row in connection.execute(query)]


def _statement(row: Row[tuple[object, ...]]) -> SignedStatement:
    return SignedStatement(
        id=row.id,
        card_number=row.card_number,
        version=row.version,
        limits={(scheme, period): limit for scheme, period, limit in row.limits},
        content_sha256=row.content_sha256,
        valid_until=row.valid_until,
        slot=row.slot,
        is_on_card=row.on_card_at is not None,
    )


def _to_names(drawn: dict[LineKey, int]) -> dict[str, int]:
    return {f"{scheme}/{period}": units for (scheme, period), units in sorted(drawn.items())}


def _from_names(drawn: dict[str, int]) -> dict[LineKey, int]:
    keys = {name: name.split("/") for name in drawn}
    return {(int(scheme), int(period)): drawn[name] for name, (scheme, period) in keys.items()}
