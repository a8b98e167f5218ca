"""Does the card's own proof bear out what the kiosk journalled?"""

from __future__ import annotations

from enum import StrEnum

from card_service.delivery_receipt import DeliveryProof, verify_receipt
from card_service.ledger_record import (
    LedgerRecord,
    LedgerRecordMalformed,
    RecordKind,
    decode_record,
    is_record_signed_by,
)
from domain.deliveries import BenefitDelivery, DeliveryKind

_KINDS = {RecordKind.DELIVERY: DeliveryKind.DELIVERY, RecordKind.REVERSAL: DeliveryKind.REVERSAL}


class ProofVerdict(StrEnum):
    """GENUINE, or the code of what is wrong."""

    GENUINE = "delivery.proof_genuine"
    MALFORMED = "delivery.record_malformed"
    DIFFERS = "delivery.record_differs"
    RECEIPT_WRONG = "delivery.receipt_wrong"
    TERMINAL_WRONG = "delivery.terminal_signature_wrong"


def read_record(delivery: BenefitDelivery) -> LedgerRecord | None:
    """The card's record; None when the bytes are none."""
    try:
        return decode_record(bytes.fromhex(delivery.ledger_record_hex))
    except (LedgerRecordMalformed, ValueError):
        return None


def check_proof(
    delivery: BenefitDelivery, record: LedgerRecord, receipt_key: bytes, terminal_key: bytes | None
) -> ProofVerdict:
    """Whether record, receipt and terminal signature all say what the delivery says."""
    if not _says_the_same(delivery, record):
        return ProofVerdict.DIFFERS
    try:
        receipt = bytes.fromhex(delivery.receipt_hex)
    except ValueError:
        return ProofVerdict.RECEIPT_WRONG
    proof = DeliveryProof(delivery.card_number, record, record.sequence, receipt)
    if not verify_receipt(proof, receipt_key):
        return ProofVerdict.RECEIPT_WRONG
    if terminal_key is None or not is_record_signed_by(record, terminal_key):
        return ProofVerdict.TERMINAL_WRONG
    return ProofVerdict.GENUINE


def _says_the_same(delivery: BenefitDelivery, record: LedgerRecord) -> bool:
    return (
        _KINDS.get(record.kind) is delivery.kind
        and record.sequence == delivery.card_sequence
        and record.scheme == delivery.scheme
        and record.period == delivery.period_key
        and record.quantity == delivery.units
        and record.member_index == delivery.member_index
        and record.verified_by == delivery.verified_by
    )
