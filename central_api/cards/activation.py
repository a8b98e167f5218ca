"""Activating a card in two steps: a sound card gets its statement; the card's own receipt makes it ACTIVE."""

from __future__ import annotations

import hmac

from card_service.countersigned import activation_hash
from card_service.delivery_receipt import DeliveryProof, verify_countersignature, verify_receipt
from card_service.issuer import CardIssuer
from card_service.ledger_record import (
    NO_PREVIOUS,
    LedgerRecord,
    LedgerRecordMalformed,
    RecordKind,
    decode_record,
    is_record_signed_by,
)
from central_api.access.repository import KnownKiosk
from central_api.cards import repository, shares_repository
from central_api.cards.authority import get_authority
from central_api.cards.errors import ActivationRefused
from central_api.cards.notes import note_card, tell_kiosks
from central_api.cards.repository import CardRow
from central_api.cards.service import card_state
from central_api.cards.sharing import retire_card
from central_api.cards.statement import FIRST_VERSION, renew_statement
from central_api.cards.stock import add_issued
from central_api.cards.token_only import forget_fingers
from central_api.context import Registry
from central_api.countersignatures import note_countersignature
from central_api.database import take_turns
from central_api.errors import NotFound
from central_api.four_eyes import check_issue
from central_api.households.repository import find_household
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator, get_person_of
from domain.card_number import CardNumber
from domain.cards import CardEvent, CardProfile, CardStatus, next_card_status
from domain.four_eyes import SamePersonTwice
from domain.ids import KioskId, OrderId
from domain.messages.cards import ActivationGrant, ActivationProof, ActivationRequest, CardState
from domain.messages.sync import ChangeKind

_STATEMENT = "statement_hex"


def grant_activation(
    transaction: Transaction, request: ActivationRequest, kiosk: KnownKiosk, registry: Registry
) -> ActivationGrant:
    """The first statement for a card that was read back, matched and countersigned. Asked again, it is the same.

    Raises NotFound, ActivationRefused, CardLifeRefused, KeyStoreUnavailable.
    """
    take_turns(transaction.connection, "cards")
    card = _get_card(transaction, request.card_number, request.order_id, kiosk.id)
    status = next_card_status(card.status, CardEvent.READ_BACK_PROVED)
    _check_read_back(card, request)
    _check_holder(transaction, card, request)
    _check_officer(transaction, card, request)
    _check_four_eyes(transaction, card, request, registry)
    signature = bytes.fromhex(request.countersignature_hex)
    note_countersignature(transaction, card.number, request.officer_card_number, signature)
    slot_hex = card.details.get(_STATEMENT)
    if not isinstance(slot_hex, str):
        statement = renew_statement(transaction, card, CardIssuer(get_authority(registry)))
        slot_hex = statement.slot.hex()
        details = {**card.details, _STATEMENT: slot_hex}
        repository.put_statement(transaction.connection, card.number, statement.version, details)
    repository.put_status(transaction.connection, card.number, status, transaction.now)
    note_card(
        transaction,
        card.number,
        kiosk.id,
        "card.activation_granted",
        operator_id=request.operator_id,
        verified_by=int(request.holder_verified_by),
        officer_card=request.officer_card_number,
    )
    return ActivationGrant(order_id=card.order_id, card_number=card.number, entitlement_slot=bytes.fromhex(slot_hex))


def prove_activation(
    transaction: Transaction, proof: ActivationProof, kiosk: KnownKiosk, registry: Registry
) -> CardState:
    """ACTIVE, on the card's receipt for its first ledger record. The same proof again changes nothing.

    Raises NotFound, ActivationRefused, CardLifeRefused.
    """
    take_turns(transaction.connection, "cards")
    card = _get_card(transaction, proof.card_number, proof.order_id, kiosk.id)
    _check_receipt(card, proof, kiosk)
    if card.status is CardStatus.ACTIVE:
        return card_state(card)
    status = next_card_status(card.status, CardEvent.ACTIVATED)
    connection, today = transaction.connection, transaction.now.date()
    repository.put_status(connection, card.number, status, transaction.now)
    repository.put_issued(connection, card.number, today)
    shares_repository.put_on_card(connection, card.number, FIRST_VERSION, transaction.now)
    add_issued(transaction, card.number, kiosk.id)
    note_card(transaction, card.number, kiosk.id, "card.activated")
    tell_kiosks(transaction, card.number, status)
    _retire_replaced(transaction, card)
    forget_fingers(transaction, card, registry)
    if card.profile is CardProfile.OPERATOR:
        # Kiosks check countersignatures with the new card's key: they need a new bundle.
        transaction.publish(NewChange(kind=ChangeKind.BUNDLE, payload={"reason": "operators"}))
    activated = repository.find_card(connection, card.number)
    assert activated is not None
    return card_state(activated)


def _retire_replaced(transaction: Transaction, card: CardRow) -> None:
    """The new card works: the old one is refused everywhere. What it drew stays booked; what arrives late is a case."""
    replaced = None if card.replaces is None else repository.find_card(transaction.connection, card.replaces)
    if replaced is not None and replaced.status in repository.IN_FORCE:
        retire_card(transaction, replaced)


def _get_card(transaction: Transaction, number: CardNumber, order_id: OrderId, kiosk_id: KioskId) -> CardRow:
    """The card that this kiosk is issuing; to others it does not exist."""
    card = repository.find_card(transaction.connection, number)
    if card is None or card.order_id != order_id or card.kiosk_id != kiosk_id:
        raise NotFound("card")
    return card


def _check_read_back(card: CardRow, request: ActivationRequest) -> None:
    if not hmac.compare_digest(request.readback_digest_hex.lower(), card.files_digest_hex):
        raise ActivationRefused("read_back_differs")


def _check_holder(transaction: Transaction, card: CardRow, request: ActivationRequest) -> None:
    """The person matched at the desk is somebody this card is for."""
    connection = transaction.connection
    if card.operator_id is not None:
        is_ours = get_person_of(connection, card.operator_id) == request.holder_person_id
    else:
        assert card.household_id is not None
        household = find_household(connection, card.household_id)
        is_ours = household is not None and any(
            member.person.id == request.holder_person_id and card.person_id in (None, member.person.id)
            for member in household.members
        )
    if not is_ours:
        raise ActivationRefused("holder_not_on_card")


def _check_officer(transaction: Transaction, card: CardRow, request: ActivationRequest) -> None:
    """Another card, active, of an active officer, signed for this card and this content.

    The very first officer has nobody above: as long as no officer's card was ever active, such a card signs itself.
    """
    key = _officer_key(transaction, card, request)
    if key is None:
        raise ActivationRefused("officer_card_unknown")
    try:
        signature = bytes.fromhex(request.countersignature_hex)
    except ValueError as error:
        raise ActivationRefused("countersignature_wrong") from error
    signed = activation_hash(card.number, bytes.fromhex(card.files_digest_hex))
    if not verify_countersignature(signed, signature, key):
        raise ActivationRefused("countersignature_wrong")


def _check_four_eyes(transaction: Transaction, card: CardRow, request: ActivationRequest, registry: Registry) -> None:
    """Nobody countersigns a card for their own household, or their own officer's card, but the very first officer."""
    if request.officer_card_number == card.number:
        return
    try:
        check_issue(
            transaction.connection,
            officer=request.operator_id,
            household_id=card.household_id,
            holder=request.holder_person_id,
            has_two_officers=registry.settings.desk_policy.has_two_officers_on_issue,
        )
    except SamePersonTwice as error:
        raise ActivationRefused("same_person_twice") from error


def _officer_key(transaction: Transaction, card: CardRow, request: ActivationRequest) -> bytes | None:
    connection = transaction.connection
    operator = find_operator(connection, request.operator_id)
    if operator is None or not operator.is_active:
        return None
    if operator.card_number is not None and operator.card_number == request.officer_card_number != card.number:
        return operator.card_key
    is_founding = (
        card.profile is CardProfile.OPERATOR
        and card.operator_id == request.operator_id
        and card.number == request.officer_card_number
        and not repository.has_any_active_officer(connection)
    )
    return card.receipt_key if is_founding else None


def _check_receipt(card: CardRow, proof: ActivationProof, kiosk: KnownKiosk) -> None:
    """The chip itself says that it took the activation record, signed by this kiosk."""
    try:
        record = decode_record(bytes.fromhex(proof.ledger_record_hex))
        receipt = bytes.fromhex(proof.receipt_hex)
    except (ValueError, LedgerRecordMalformed) as error:
        raise ActivationRefused("record_malformed") from error
    if not _is_activation_record(record) or record.terminal != kiosk.terminal_reference:
        raise ActivationRefused("record_differs")
    if not is_record_signed_by(record, kiosk.terminal_key):
        raise ActivationRefused("terminal_signature_wrong")
    if not verify_receipt(DeliveryProof(card.number, record, record.sequence, receipt), card.receipt_key):
        raise ActivationRefused("receipt_wrong")


def _is_activation_record(record: LedgerRecord) -> bool:
    is_first = record.sequence == 1 and record.previous_hash == NO_PREVIOUS
    return is_first and record.kind is RecordKind.ACTIVATION and record.quantity == 0
