"""What officers' cards signed for cards that were then issued."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from central_api.journal.transaction import Transaction
from central_api.tables.cards import cards
from central_api.tables.issuing import countersignatures
from domain.card_number import CardNumber


def note_countersignature(
    transaction: Transaction, card_number: CardNumber, officer_card_number: CardNumber, signature: bytes
) -> None:
    """Keeps a countersignature that was verified; the first one for a card stays."""
    connection = transaction.connection
    known = select(countersignatures.c.card_number).where(countersignatures.c.card_number == card_number)
    if connection.execute(known).first() is not None:
        return
    values = {"officer_card_number": officer_card_number, "signature": signature, "made_at": transaction.now}
    connection.execute(insert(countersignatures).values(card_number=card_number, **values))


def count_evidence(connection: Connection, officer_card_number: CardNumber) -> int:
    """How many cards countersigned with that officer's card were really issued."""
    query = (
        select(func.count())
        .select_from(countersignatures)
        .join(cards, cards.c.number == countersignatures.c.card_number)
        .where(countersignatures.c.officer_card_number == officer_card_number, cards.c.issued_on.is_not(None))
    )
    return connection.execute(query).scalar_one()
