"""Lost, stolen, found again: what desks tell of cards in force. Blocking is always taken; unblocking needs proof."""

from __future__ import annotations

from central_api.cards import repository
from central_api.cards.notes import note_card, tell_kiosks
from central_api.cards.repository import CardRow
from central_api.database import take_turns
from central_api.four_eyes import check_unblocking
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator
from central_api.reviews.repository import open_case
from domain.card_number import CardNumber
from domain.cards import BlockReason, CardEvent, CardStatus, next_card_status
from domain.ids import KioskId, OperatorId
from domain.messages.cards import CardBlocked, CardUnblocked
from domain.messages.sync import ChangeKind
from domain.record import Record
from domain.verification import VerifiedBy

CODE_UNKNOWN = "card.block_unknown"
CODE_NO_OFFICER = "card.block_without_officer"
CODE_NOT_UNBLOCKED = "card.unblock_refused"
_FINGERS = (VerifiedBy.FINGER, VerifiedBy.TWO_FINGERS, VerifiedBy.OTHER_FINGER)
_MAY_BE_FOUND = (BlockReason.LOST, BlockReason.STOLEN)


def block_card(
    transaction: Transaction, blocked: CardBlocked, kiosk_id: KioskId, operator_id: OperatorId | None
) -> str | None:
    """None, or the code of the review case that was opened. A card out of force already stays what it is."""
    take_turns(transaction.connection, "cards")
    card = repository.find_card(transaction.connection, blocked.card_number)
    if card is None:
        return _open_case(transaction, blocked.card_number, CODE_UNKNOWN, kiosk_id, blocked)
    code = None
    if not _is_officer(transaction, operator_id):
        # Refusing a card too many can be mended at any desk; serving a thief cannot.
        code = _open_case(transaction, card.number, CODE_NO_OFFICER, kiosk_id, blocked)
    if card.status is CardStatus.ACTIVE:
        status = next_card_status(card.status, CardEvent.BLOCKED)
        repository.put_status(transaction.connection, card.number, status, transaction.now)
        repository.put_block_reason(transaction.connection, card.number, blocked.reason)
        tell_kiosks(transaction, card.number, status)
    _note(transaction, card, kiosk_id, "card.blocked", operator_id, blocked.reason, blocked.verified_by)
    return code


def unblock_card(
    transaction: Transaction, unblocked: CardUnblocked, kiosk_id: KioskId, operator_id: OperatorId | None
) -> str | None:
    """None when the card works again; else the code of the review case. Raises SamePersonTwice."""
    take_turns(transaction.connection, "cards")
    card = repository.find_card(transaction.connection, unblocked.card_number)
    if card is None:
        return _open_case(transaction, unblocked.card_number, CODE_UNKNOWN, kiosk_id, unblocked)
    if card.status is CardStatus.ACTIVE:
        return None
    may = card.status is CardStatus.BLOCKED and card.block_reason in _MAY_BE_FOUND
    if not may or unblocked.verified_by not in _FINGERS or not _is_officer(transaction, operator_id):
        return _open_case(transaction, card.number, CODE_NOT_UNBLOCKED, kiosk_id, unblocked)
    check_unblocking(transaction.connection, operator_id, card.household_id)
    status = next_card_status(card.status, CardEvent.UNBLOCKED)
    repository.put_status(transaction.connection, card.number, status, transaction.now)
    repository.put_block_reason(transaction.connection, card.number, None)
    tell_kiosks(transaction, card.number, status)
    # Lists that name the card must be fetched anew: no change of state takes a number off a signed list.
    transaction.publish(NewChange(kind=ChangeKind.REVOCATIONS, payload={"card_number": str(card.number)}))
    _note(transaction, card, kiosk_id, "card.unblocked", operator_id, None, unblocked.verified_by)
    return None


def _is_officer(transaction: Transaction, operator_id: OperatorId | None) -> bool:
    operator = None if operator_id is None else find_operator(transaction.connection, operator_id)
    return operator is not None and operator.is_active


def _note(
    transaction: Transaction,
    card: CardRow,
    kiosk_id: KioskId,
    action: str,
    operator_id: OperatorId | None,
    reason: BlockReason | None,
    verified_by: VerifiedBy | None,
) -> None:
    details: dict[str, str | int] = {} if reason is None else {"reason": reason.value}
    if verified_by is not None:
        details["verified_by"] = int(verified_by)
    note_card(transaction, card.number, kiosk_id, action, operator_id=operator_id, **details)


def _open_case(transaction: Transaction, number: CardNumber, code: str, kiosk_id: KioskId, said: Record) -> str:
    open_case(
        transaction.connection,
        subject=f"card:{number}",
        reason=code,
        kiosk_id=kiosk_id,
        record=said.model_dump(mode="json"),
        now=transaction.now,
    )
    note_card(transaction, number, kiosk_id, code)
    return code
