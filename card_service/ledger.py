"""Deliveries on the card: plan a record, append it, and find out after a tear whether it was written.

Also the one place to import the ledger's records and the pure checks from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from card_service.apdu import INS_APPEND_RECORD, SW
from card_service.card_state import LedgerEnd
from card_service.delivery_receipt import (
    COUNTER_BYTES,
    DeliveryProof,
    verify_countersignature,
    verify_receipt,
)
from card_service.ecdsa_raw import SIGNATURE_BYTES
from card_service.entitlement_statement import StatementLine
from card_service.errors import (
    CardChanged,
    CardError,
    CardMisbehaved,
    CardRefused,
    ChipNotGenuine,
    TerminalRefused,
)
from card_service.layout import DO_RECEIPT, LEDGER
from card_service.ledger_record import (
    NO_PREVIOUS,
    LedgerRecord,
    LedgerRecordMalformed,
    RecordKind,
    decode_record,
    encode_record,
    is_record_signed_by,
    sign_record,
)
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential
from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber
from domain.verification import VerifiedBy

__all__ = [
    "AlreadyDrawn",
    "DeliveryProof",
    "LedgerMovedOn",
    "LedgerRecord",
    "LedgerRecordMalformed",
    "NotCollectable",
    "NotWritten",
    "PlannedRecord",
    "RecordKind",
    "VerifiedBy",
    "append_delivery",
    "append_record",
    "decode_record",
    "encode_record",
    "fetch_receipt",
    "is_record_signed_by",
    "plan_delivery",
    "plan_record",
    "plan_reversal",
    "read_last_record",
    "recover_delivery",
    "recover_record",
    "verify_countersignature",
    "verify_receipt",
]

_RECEIPT_ANSWER_BYTES = COUNTER_BYTES + SIGNATURE_BYTES
#: How many records back the reason of a refusal is looked for.
_LOOK_BACK = 16


class AlreadyDrawn(CardError):
    """The card refused: the limit of this programme and period is reached, or was never granted.

    ``drawn`` of ``limit`` units are drawn; ``last`` is the newest record of it that the card still holds, which says
    when and at which terminal.
    """

    code = "card.already_drawn"
    message_key = "error.already_drawn"

    def __init__(self, scheme: int, period: int, *, drawn: int, limit: int, last: LedgerRecord | None) -> None:
        super().__init__("The card refused more than its limit", scheme=scheme, period=period, drawn=drawn, limit=limit)
        self.scheme = scheme
        self.period = period
        self.drawn = drawn
        self.limit = limit
        self.last = last


class NotCollectable(CardError):
    """The day lies outside the days on which this line may be collected."""

    code = "card.not_collectable"
    message_key = "error.not_collectable"


class LedgerMovedOn(CardError):
    """Another record was appended since this one was planned: plan again. Nothing was written."""

    code = "card.ledger_moved_on"
    message_key = "error.card_try_again"


@dataclass(frozen=True)
class PlannedRecord:
    """A signed record that may be sent to this card, and to no other. Journal it before it is sent."""

    card_number: CardNumber
    record: LedgerRecord


@dataclass(frozen=True)
class NotWritten:
    """After a tear: the card does not hold the record, so a new one may be planned. ``counter`` is the card's."""

    counter: int


def plan_delivery(
    card: VerifiedCard,
    credential: TerminalCredential,
    line: StatementLine,
    quantity: int,
    member_index: int,
    verified_by: VerifiedBy,
    on: date,
) -> PlannedRecord:
    """The next record of this card's ledger, signed by the terminal; nothing is written yet.

    Raises NotCollectable, AlreadyDrawn, TerminalRefused, CardGone. The card decides by its own limits once more; both
    it and the signed statement must allow the quantity.
    """
    if not line.collect_from <= on <= line.collect_until:
        raise NotCollectable("Outside the days of collection", scheme=line.scheme, period=line.period)
    unsigned = LedgerRecord(
        kind=RecordKind.DELIVERY,
        sequence=0,
        previous_hash=NO_PREVIOUS,
        scheme=line.scheme,
        period=line.period,
        quantity=quantity,
        member_index=member_index,
        on=on,
        verified_by=verified_by,
        terminal=credential.holder_reference,
    )
    planned = plan_record(card.session, card.card_number, credential, unsigned)
    if _drawn_now(card, planned.record) + quantity > line.limit:
        raise _already_drawn(card, planned.record)
    return planned


def _drawn_now(card: VerifiedCard, next_record: LedgerRecord) -> int:
    """What is drawn of the programme: as read when the card was verified, unless a record was appended since."""
    known = card.details.find_line(next_record.scheme, next_record.period)
    if known is not None and next_record.sequence == card.details.counter + 1:
        return known.drawn
    return card.session.read_counters().drawn(next_record.scheme, next_record.period)


def plan_reversal(
    card: VerifiedCard, credential: TerminalCredential, delivered: LedgerRecord, on: date
) -> PlannedRecord:
    """A record that takes a delivery back, whole."""
    unsigned = replace(delivered, kind=RecordKind.REVERSAL, on=on, terminal=credential.holder_reference)
    return plan_record(card.session, card.card_number, credential, unsigned)


def plan_record(
    session: CardSession, card_number: CardNumber, credential: TerminalCredential, unsigned: LedgerRecord
) -> PlannedRecord:
    """``unsigned`` put behind the last record of the card, and signed."""
    session.show_credential(credential)
    end = session.ledger_end or _read_ledger_end(session)
    placed = replace(unsigned, sequence=end.counter + 1, previous_hash=end.previous_hash)
    return PlannedRecord(card_number, sign_record(placed, credential.private_key))


def append_delivery(card: VerifiedCard, planned: PlannedRecord) -> DeliveryProof:
    """The card's proof of the record. After CardGone or CardSilent the outcome is unknown: ``recover_delivery``.

    Raises AlreadyDrawn, LedgerMovedOn, TerminalRefused (no DELIVER right), CardChanged.
    """
    try:
        return append_record(card.session, card.card_number, planned, card.receipt_public_key)
    except CardRefused as error:
        if error.sw == SW.NOT_ENOUGH_MEMORY:
            raise _already_drawn(card, planned.record) from error
        raise


def append_record(
    session: CardSession, card_number: CardNumber, planned: PlannedRecord, receipt_public_key: bytes
) -> DeliveryProof:
    """Sends the planned record; the receipt is checked before it is believed."""
    if planned.card_number != card_number:
        raise CardChanged("The record was planned for another card")
    content = encode_record(planned.record)
    session.ledger_end = None  # whatever the card does now, it is looked up again unless it confirms
    response = session.append_record(LEDGER, content, answer_bytes=_RECEIPT_ANSWER_BYTES)
    if response.sw == SW.CONDITIONS_NOT_SATISFIED:
        raise LedgerMovedOn("Another record was appended since")
    if response.sw == SW.SECURITY_STATUS:
        raise TerminalRefused("The card does not let this terminal append")
    if not response.is_ok:
        raise CardRefused(response.sw, INS_APPEND_RECORD)
    proof = _believe(response.data, planned, receipt_public_key)
    session.ledger_end = LedgerEnd.behind(planned.record)
    return proof


def recover_delivery(
    card: VerifiedCard, credential: TerminalCredential, planned: PlannedRecord
) -> DeliveryProof | NotWritten:
    """After a tear: the proof when the card holds the record, else NotWritten. Writes nothing.

    ``card`` is the card verified anew; CardChanged when it is another one than the record was planned for.
    """
    return recover_record(card.session, card.card_number, credential, planned, card.receipt_public_key)


def recover_record(
    session: CardSession,
    card_number: CardNumber,
    credential: TerminalCredential,
    planned: PlannedRecord,
    receipt_public_key: bytes,
) -> DeliveryProof | NotWritten:
    """As ``recover_delivery``, for any record."""
    if planned.card_number != card_number:
        raise CardChanged("The record was sent to another card")
    session.show_credential(credential)
    last = read_last_record(session)
    if last is None:
        return NotWritten(0)
    back = last.sequence - planned.record.sequence
    held = last if back == 0 else _find_record_before(session, last, back)
    if held != planned.record:
        return NotWritten(last.sequence)
    return fetch_receipt(session, planned, receipt_public_key)


def fetch_receipt(session: CardSession, held: PlannedRecord, receipt_public_key: bytes) -> DeliveryProof:
    """The proof of a record that the card is known to hold. Needs terminal authentication."""
    sequence = held.record.sequence.to_bytes(COUNTER_BYTES, "big")
    return _believe(session.get_data(DO_RECEIPT, sequence), held, receipt_public_key)


def read_last_record(session: CardSession) -> LedgerRecord | None:
    """The newest record of the card, or None before activation. Needs terminal authentication."""
    raw = session.find_last_record(LEDGER)
    return None if raw is None else decode_record(raw)


def _read_ledger_end(session: CardSession) -> LedgerEnd:
    last = read_last_record(session)
    return LedgerEnd(0, NO_PREVIOUS) if last is None else LedgerEnd.behind(last)


def _find_record_before(session: CardSession, last: LedgerRecord, back: int) -> LedgerRecord | None:
    """The record that many places before the last, when the card still holds it."""
    if back < 0:
        return None
    oldest_raw = session.find_record(LEDGER, 1)
    oldest = last if oldest_raw is None else decode_record(oldest_raw)
    number = last.sequence - back - oldest.sequence + 1
    raw = session.find_record(LEDGER, number) if number >= 1 else None
    return None if raw is None else decode_record(raw)


def _believe(answer: bytes, planned: PlannedRecord, receipt_public_key: bytes) -> DeliveryProof:
    if len(answer) != _RECEIPT_ANSWER_BYTES:
        raise CardMisbehaved("A receipt has 68 bytes")
    counter = int.from_bytes(answer[:COUNTER_BYTES], "big")
    proof = DeliveryProof(planned.card_number, planned.record, counter, answer[COUNTER_BYTES:])
    if not verify_receipt(proof, receipt_public_key):
        raise ChipNotGenuine("The receipt was not made by the key of this card")
    return proof


def _already_drawn(card: VerifiedCard, record: LedgerRecord) -> AlreadyDrawn:
    """The reason for the refusal, as the card itself tells it."""
    counters = card.session.read_counters()
    line = card.details.find_line(record.scheme, record.period)
    return AlreadyDrawn(
        record.scheme,
        record.period,
        drawn=counters.drawn(record.scheme, record.period),
        limit=0 if line is None else line.line.limit,
        last=_find_last_of(card.session, record),
    )


def _find_last_of(session: CardSession, record: LedgerRecord) -> LedgerRecord | None:
    last = read_last_record(session)
    for back in range(_LOOK_BACK):
        found = last if back == 0 or last is None else _find_record_before(session, last, back)
        if found is None:
            return None
        if (found.kind, found.scheme, found.period) == (RecordKind.DELIVERY, record.scheme, record.period):
            return found
    return None
