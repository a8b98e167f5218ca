"""The last step of issuing: the first entitlement statement, and ledger record 1. Until then every desk refuses."""

from __future__ import annotations

from datetime import date

from card_service.authentic_card import AuthenticCard, authenticate_card
from card_service.connection import CardConnection
from card_service.delivery_receipt import DeliveryProof
from card_service.entitlement_statement import verify_statement
from card_service.errors import CardChanged, CardError
from card_service.layout import DO_STATEMENT, ENTITLEMENTS_A, ENTITLEMENTS_B, LEDGER, Directory
from card_service.ledger import PlannedRecord, append_record, fetch_receipt, plan_record
from card_service.ledger_record import NO_PREVIOUS, LedgerRecord, RecordKind, decode_record
from card_service.session import CardSession
from card_service.statement_on_card import is_statement_of_slot
from card_service.statement_slot import StatementSlotMalformed, decode_slot, decode_slot_file
from card_service.terminal_authentication import TerminalCredential
from card_service.trust import TrustAnchors
from domain.verification import VerifiedBy

_FIRST_RECORD = 1


class StatementUnfit(CardError):
    """The statement offered is not signed for this card, or its limits are not those of its lines."""

    code = "card.statement_unfit"
    message_key = "error.card_package"


class CardInUse(CardError):
    """The card is past its activation: its ledger begins with later records."""

    code = "card.in_use"
    message_key = "error.card_wrong_chip"


def write_activation(
    connection: CardConnection,
    anchors: TrustAnchors,
    credential: TerminalCredential,
    slot: bytes,
    *,
    on: date,
    verified_by: VerifiedBy,
    member_index: int = 1,
    can: str | None = None,
) -> DeliveryProof:
    """The card's proof of its activation. May be called again after a tear: what is done stays done.

    ``slot`` is the registry's grant (data of PUT DATA 0201); ``credential`` needs UPDATE and DELIVER. Raises
    StatementUnfit, CardChanged (granted for another card), CardInUse,
    TerminalRefused, and what ``authenticate_card`` raises.
    """
    card = authenticate_card(CardSession(connection), anchors, on=on, can=can)
    card.session.show_credential(credential)
    write_statement(card, anchors, slot, on=on)
    record = _read_first_record(card.session)
    if record is not None:
        if record.kind is not RecordKind.ACTIVATION:
            raise CardInUse("The card was activated long ago")
        held = PlannedRecord(card.card_number, record)
        return fetch_receipt(card.session, held, card.receipt_public_key)
    planned = _plan_activation(card, credential, on=on, verified_by=verified_by, member_index=member_index)
    return append_record(card.session, card.card_number, planned, card.receipt_public_key)


def write_statement(card: AuthenticCard, anchors: TrustAnchors, slot: bytes, *, on: date) -> None:
    """Puts the statement on the card, unless it or a newer one is there. The terminal must have shown UPDATE."""
    offered = decode_slot(slot)
    statement = verify_statement(offered.statement, anchors, at=on)
    if not is_statement_of_slot(statement, offered):
        raise StatementUnfit("The limits for the chip are not those of the signed lines")
    if statement.card_number != card.card_number:
        raise CardChanged("The statement was granted for another card")
    held = [_held_version(card.session.find(file)) for file in (ENTITLEMENTS_A, ENTITLEMENTS_B)]
    if offered.version > max(held):
        card.session.select(Directory.SOCIAL_PROTECTION)
        card.session.put_data(DO_STATEMENT, slot)


def _held_version(content: bytes | None) -> int:
    try:
        slot = decode_slot_file(content or b"")
    except StatementSlotMalformed:  # half written before a tear: the chip writes it anew
        return 0
    return 0 if slot is None else slot.version


def _read_first_record(session: CardSession) -> LedgerRecord | None:
    raw = session.find_record(LEDGER, _FIRST_RECORD)
    return None if raw is None else decode_record(raw)


def _plan_activation(
    card: AuthenticCard,
    credential: TerminalCredential,
    *,
    on: date,
    verified_by: VerifiedBy,
    member_index: int,
) -> PlannedRecord:
    unsigned = LedgerRecord(
        kind=RecordKind.ACTIVATION,
        sequence=_FIRST_RECORD,
        previous_hash=NO_PREVIOUS,
        scheme=0,
        period=0,
        quantity=0,
        member_index=member_index,
        on=on,
        verified_by=verified_by,
        terminal=credential.holder_reference,
    )
    return plan_record(card.session, card.card_number, credential, unsigned)
