"""Blank cards: what came, what was thrown away, what is in the drawer."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from domain.card_number import CardNumber
from domain.cards import SpoilReason
from domain.record import Record


class StockMoveKind(StrEnum):
    RECEIVED = "received"
    SPOILED = "spoiled"
    #: Blanks in the drawer, counted by hand.
    COUNTED = "counted"
    #: Set by the registry when a card becomes active.
    ISSUED = "issued"


class StockMove(Record):
    """Payload of ``stock.moved``. ``reason`` belongs to SPOILED; ``card_number`` where one was spoiled."""

    kind: StockMoveKind
    on: date
    count: int
    reason: SpoilReason | None = None
    card_number: CardNumber | None = None
