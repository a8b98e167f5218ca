"""What the card gives for a ledger record: a counter and a signature that only this chip can make."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.ecdsa_raw import is_signed_by
from card_service.ledger_record import LedgerRecord, encode_record

_RECEIPT_PREFIX = b"RCPT"
_COUNTERSIGNATURE_PREFIX = b"SIGN"
COUNTER_BYTES = 4
HASH_BYTES = 32


@dataclass(frozen=True)
class DeliveryProof:
    """The card confirmed ``record`` as its number ``counter``; ``receipt`` is 64 bytes, raw ECDSA."""

    card_number: str
    record: LedgerRecord
    counter: int
    receipt: bytes


def verify_receipt(proof: DeliveryProof, receipt_public_key: bytes) -> bool:
    """Whether the chip with that key (DG15, 65-byte point) signed this record under this counter."""
    message = _RECEIPT_PREFIX + proof.counter.to_bytes(COUNTER_BYTES, "big") + encode_record(proof.record)
    return proof.counter == proof.record.sequence and is_signed_by(receipt_public_key, proof.receipt, message)


def verify_countersignature(hash32: bytes, countersignature: bytes, officer_public_key: bytes) -> bool:
    """Whether the officer card with that key (DG15, 65-byte point) countersigned this SHA-256 hash."""
    if len(hash32) != HASH_BYTES:
        return False
    return is_signed_by(officer_public_key, countersignature, _COUNTERSIGNATURE_PREFIX + hash32)
