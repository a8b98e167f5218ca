"""Lines in the chain of card events, and news of cards for the kiosks."""

from __future__ import annotations

from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from domain.card_number import CardNumber
from domain.cards import CardStatus
from domain.messages.sync import ChangeKind


def note_card(
    transaction: Transaction,
    number: CardNumber | None,
    actor: str,
    action: str,
    *,
    operator_id: str | None = None,
    **details: str | int,
) -> None:
    """A line in the chain of card events."""
    line = AuditLine(
        stream=AuditStream.CARDS,
        at=transaction.now,
        actor=actor,
        operator_id=operator_id,
        action=action,
        subject=None if number is None else f"card:{number}",
        details=dict(details),
    )
    transaction.note(line)


def tell_kiosks(transaction: Transaction, number: CardNumber, status: CardStatus) -> None:
    """Every office hears what became of the card."""
    payload = {"card_number": str(number), "status": status.value}
    transaction.publish(NewChange(kind=ChangeKind.CARD_STATUS, payload=dict(payload)))
