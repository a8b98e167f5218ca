"""Blank cards per desk and day: what was received is blank, issued or spoiled; a count by hand shows what is missing.

Nothing is corrected: every move is a row of its own, and a count that differs stays to be seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, select

from central_api.cards.notes import note_card
from central_api.journal.transaction import Transaction
from central_api.tables.cards import card_stock_moves
from domain.card_number import CardNumber
from domain.cards import SpoilReason
from domain.errors import ProjectError
from domain.events import EventBody
from domain.ids import KioskId, OperatorId
from domain.messages.card_stock import StockMove, StockMoveKind
from domain.messages.cards import CardSpoiled


class StockMoveRefused(ProjectError):
    """A move that a desk cannot tell: a count below zero, or a card issued, which only the registry knows."""

    code = "stock.move_refused"
    message_key = "error.stock_move_refused"


@dataclass(frozen=True, slots=True)
class StockDay:
    """One desk's day. ``blank`` is what the drawer should hold in the evening.

    ``missing``: blanks that should have been there at the day's last count and were not; negative: more than there
    should have been; None: nobody counted.
    """

    kiosk_id: KioskId
    day: date
    received: int
    issued: int
    spoiled: int
    #: Of all days so far.
    blank: int
    missing: int | None


def take_move(transaction: Transaction, move: StockMove, event: EventBody) -> None:
    """Raises StockMoveRefused."""
    if move.kind is StockMoveKind.ISSUED or move.count < 0:
        raise StockMoveRefused("a desk receives, spoils and counts")
    if (move.kind is StockMoveKind.SPOILED) != (move.reason is not None):
        raise StockMoveRefused("what is spoiled has a reason, and nothing else has")
    _add(transaction.connection, event.id, event.kiosk_id, move, event.occurred_at, event.operator_id)
    note_card(
        transaction,
        move.card_number,
        event.kiosk_id,
        f"stock.{move.kind}",
        operator_id=event.operator_id,
        count=move.count,
    )


def add_issued(transaction: Transaction, number: CardNumber, kiosk_id: KioskId) -> None:
    """A blank became this card."""
    move = StockMove(kind=StockMoveKind.ISSUED, on=transaction.now.date(), count=1, card_number=number)
    _add(transaction.connection, number, kiosk_id, move, transaction.now)


def add_spoiled(transaction: Transaction, spoiled: CardSpoiled, reason: SpoilReason, kiosk_id: KioskId) -> None:
    """A blank became waste while a card was made of it."""
    move = StockMove(
        kind=StockMoveKind.SPOILED,
        on=transaction.now.date(),
        count=1,
        reason=reason,
        card_number=spoiled.card_number,
    )
    _add(transaction.connection, spoiled.order_id, kiosk_id, move, transaction.now)


def read_stock(connection: Connection, kiosk_id: KioskId | None = None) -> list[StockDay]:
    """Every day of every desk (or of that one) on which a card moved, by desk and day."""
    query = select(card_stock_moves).order_by(card_stock_moves.c.kiosk_id, card_stock_moves.c.day)
    if kiosk_id is not None:
        query = query.where(card_stock_moves.c.kiosk_id == kiosk_id)
    rows = connection.execute(query.order_by(card_stock_moves.c.at, card_stock_moves.c.id))
    return sum_days((KioskId(row.kiosk_id), row.day, StockMoveKind(row.kind), row._mapping["count"]) for row in rows)


def sum_days(moves: Iterable[tuple[KioskId, date, StockMoveKind, int]]) -> list[StockDay]:
    """Days from moves in the order of desk and time; of two counts of one day the last one stands."""
    days: list[StockDay] = []
    for kiosk_id, day, kind, count in moves:
        before = days[-1] if days and days[-1].kiosk_id == kiosk_id else None
        if before is None or before.day != day:
            days.append(StockDay(kiosk_id, day, 0, 0, 0, 0 if before is None else before.blank, None))
        days[-1] = _after(days[-1], kind, count)
    return days


def _after(day: StockDay, kind: StockMoveKind, count: int) -> StockDay:
    gain = count if kind is StockMoveKind.RECEIVED else 0 if kind is StockMoveKind.COUNTED else -count
    return StockDay(
        day.kiosk_id,
        day.day,
        received=day.received + count * (kind is StockMoveKind.RECEIVED),
        issued=day.issued + count * (kind is StockMoveKind.ISSUED),
        spoiled=day.spoiled + count * (kind is StockMoveKind.SPOILED),
        blank=day.blank + gain,
        missing=day.blank - count if kind is StockMoveKind.COUNTED else day.missing,
    )


def _add(
    connection: Connection,
    move_id: str,
    kiosk_id: KioskId,
    move: StockMove,
    at: datetime,
    operator_id: OperatorId | None = None,
) -> None:
    known = select(card_stock_moves.c.id).where(card_stock_moves.c.id == move_id)
    if connection.execute(known).first() is not None:
        return
    values = {"day": move.on, "kind": move.kind, "count": move.count, "reason": move.reason}
    values |= {"card_number": move.card_number, "operator_id": operator_id}
    connection.execute(insert(card_stock_moves).values(id=move_id, kiosk_id=kiosk_id, at=at, **values))
