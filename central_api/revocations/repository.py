"""Queries on the numbered list of refused cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, not_, select, true, update
from sqlalchemy import func as sql

from card_service.revocation import RevocationChange
from central_api.tables.cards import cards
from central_api.tables.revocations import listed_cards, revocation_changes, revocation_head
from domain.card_number import CardNumber
from domain.cards import CardStatus

#: A card in one of these states must be refused wherever it is shown.
REFUSED_STATES = (CardStatus.BLOCKED, CardStatus.REPLACED, CardStatus.EXPIRED, CardStatus.SCRAPPED)
_ONLY_ROW = 1
Row = TypeVar("Row")
_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Head:
    """The newest list."""

    number: int
    count: int
    fingerprint: bytes
    scanned_at: datetime
    reconciled_on: date


def find_head(connection: Connection) -> Head | None:
    row = connection.execute(select(revocation_head).where(revocation_head.c.id == _ONLY_ROW)).first()
    if row is None:
        return None
    return Head(row.number, row._mapping["count"], bytes.fromhex(row.fingerprint), row.scanned_at, row.reconciled_on)


def put_head(connection: Connection, head: Head) -> None:
    values = {
        "number": head.number,
        "count": head.count,
        "fingerprint": head.fingerprint.hex(),
        "scanned_at": head.scanned_at,
        "reconciled_on": head.reconciled_on,
    }
    done = connection.execute(update(revocation_head).where(revocation_head.c.id == _ONLY_ROW).values(values))
    if done.rowcount == 0:
        connection.execute(insert(revocation_head).values(id=_ONLY_ROW, **values))


def find_changes(connection: Connection, *, valid_from: date, changed_since: datetime | None) -> RevocationChange:
    """How the cards' states differ from the list. Cards whose own life ended before ``valid_from`` need no listing.

    With ``changed_since``, only among cards that changed then or later.
    """
    is_refused = and_(cards.c.status.in_(REFUSED_STATES), cards.c.valid_until >= valid_from)
    is_listed = exists().where(listed_cards.c.card_number == cards.c.number)
    is_recent = true() if changed_since is None else cards.c.changed_at >= changed_since
    added = _numbers(connection, and_(is_refused, not_(is_listed), is_recent))
    removed = _numbers(connection, and_(not_(is_refused), is_listed, is_recent))
    return RevocationChange(added, removed)


def put_changes(connection: Connection, number: int, change: RevocationChange) -> None:
    """The list is another one from now on."""
    put_on, taken_off = sorted(change.added), sorted(change.removed)
    rows: list[dict[str, object]] = [{"number": number, "card_number": each, "is_listed": True} for each in put_on]
    rows += [{"number": number, "card_number": each, "is_listed": False} for each in taken_off]
    for changed in _pieces(rows):
        connection.execute(insert(revocation_changes), changed)
    for listed in _pieces([{"card_number": each} for each in put_on]):
        connection.execute(insert(listed_cards), listed)
    for names in _pieces(taken_off):
        connection.execute(delete(listed_cards).where(listed_cards.c.card_number.in_(names)))


def list_numbers(connection: Connection) -> Iterator[CardNumber]:
    """All cards of the newest list."""
    query = select(listed_cards.c.card_number)
    rows = connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
    for number in rows.scalars():
        yield CardNumber(number)


def count_changes(connection: Connection, *, after: int) -> int:
    query = select(sql.count()).select_from(revocation_changes).where(revocation_changes.c.number > after)
    return connection.execute(query).scalar_one()


def net_change(connection: Connection, *, after: int) -> RevocationChange:
    """All changes of later numbers in one: a card put on and taken off again is in neither."""
    query = (
        select(revocation_changes.c.card_number, revocation_changes.c.is_listed)
        .where(revocation_changes.c.number > after)
        .order_by(revocation_changes.c.number)
    )
    first: dict[CardNumber, bool] = {}
    last: dict[CardNumber, bool] = {}
    for row in connection.execute(query):
        number = CardNumber(row.card_number)
        first.setdefault(number, row.is_listed)
        last[number] = row.is_listed
    # Each change turns a card's state over: the first says what it was before.
    turned = [number for number in last if first[number] == last[number]]
    return RevocationChange(
        frozenset(number for number in turned if last[number]),
        frozenset(number for number in turned if not last[number]),
    )


def _numbers(connection: Connection, condition: ColumnElement[bool]) -> frozenset[CardNumber]:
    return frozenset(CardNumber(each) for each in connection.execute(select(cards.c.number).where(condition)).scalars())


def _pieces(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]
