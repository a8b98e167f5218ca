"""One record of the card's ledger, 112 bytes (docs/card-commands.md, 6)."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

from cryptography.hazmat.primitives.asymmetric import ec

from card_service.ecdsa_raw import SIGNATURE_BYTES, is_signed_by, sign_raw
from card_service.errors import CardError
from card_service.layout import LEDGER_RECORD_BYTES
from domain.verification import VerifiedBy

_FORMAT_1 = 1
_FIELDS = struct.Struct(">BBI8sIIIBIB16s64s")
_SIGNED_BYTES = LEDGER_RECORD_BYTES - SIGNATURE_BYTES
_REFERENCE_BYTES = 16
_UINT32_MAX = 0xFFFF_FFFF
_UINT8_MAX = 0xFF

PREVIOUS_HASH_BYTES = 8
NO_PREVIOUS = bytes(PREVIOUS_HASH_BYTES)


class LedgerRecordMalformed(CardError):
    """Bytes that are no ledger record, or values that none can hold."""

    code = "card.ledger_record_malformed"
    message_key = "error.card_unreadable"


class RecordKind(IntEnum):
    """What the record says happened."""

    ACTIVATION = 1
    DELIVERY = 2
    REVERSAL = 3


@dataclass(frozen=True)
class LedgerRecord:
    """``quantity`` in the programme's units; ``period`` YYYYMM, YYYY00 or 0; ``member_index`` 1 = holder.

    ``terminal`` is the holder reference (CHR) of the certificate whose key made ``signature``.
    """

    kind: RecordKind
    sequence: int
    previous_hash: bytes
    scheme: int
    period: int
    quantity: int
    member_index: int
    on: date
    verified_by: VerifiedBy
    terminal: str
    signature: bytes = bytes(SIGNATURE_BYTES)


def encode_record(record: LedgerRecord) -> bytes:
    """The 112 bytes for the card."""
    try:
        terminal = record.terminal.encode("ascii")
    except UnicodeEncodeError as error:
        raise LedgerRecordMalformed("The terminal reference is not ASCII") from error
    numbers = (record.sequence, record.scheme, record.period, record.quantity)
    if (
        not all(0 <= number <= _UINT32_MAX for number in numbers)
        or not 0 <= record.member_index <= _UINT8_MAX
        or len(record.previous_hash) != PREVIOUS_HASH_BYTES
        or len(record.signature) != SIGNATURE_BYTES
        or not 1 <= len(terminal) <= _REFERENCE_BYTES
    ):
        raise LedgerRecordMalformed("A value does not fit into its field")
    return _FIELDS.pack(
        _FORMAT_1,
        record.kind,
        record.sequence,
        record.previous_hash,
        record.scheme,
        record.period,
        record.quantity,
        record.member_index,
        encode_day(record.on),
        record.verified_by,
        terminal,
        record.signature,
    )


def decode_record(raw: bytes) -> LedgerRecord:
    """The record in exactly these 112 bytes; LedgerRecordMalformed for any others."""
    if len(raw) != LEDGER_RECORD_BYTES:
        raise LedgerRecordMalformed("A ledger record has 112 bytes")
    (form, kind, sequence, previous, scheme, period, quantity, member, day, check, terminal, signature) = (
        _FIELDS.unpack(raw)
    )
    if form != _FORMAT_1:
        raise LedgerRecordMalformed("Unknown format of ledger record")
    reference = terminal.rstrip(b"\0")
    if not reference or not reference.isascii():
        raise LedgerRecordMalformed("The terminal reference is empty or not ASCII")
    try:
        return LedgerRecord(
            RecordKind(kind),
            sequence,
            previous,
            scheme,
            period,
            quantity,
            member,
            decode_day(day),
            VerifiedBy(check),
            reference.decode("ascii"),
            signature,
        )
    except ValueError as error:
        raise LedgerRecordMalformed("A field holds a value that the format does not know") from error


def encode_day(day: date) -> int:
    """The day as the number YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


def decode_day(number: int) -> date:
    """The day of the number YYYYMMDD; ValueError when there is no such day."""
    return date(number // 10_000, number // 100 % 100, number % 100)


def hash_for_next(record: LedgerRecord) -> bytes:
    """What the following record carries as its previous hash."""
    return hashlib.sha256(encode_record(record)).digest()[:PREVIOUS_HASH_BYTES]


def sign_record(record: LedgerRecord, private_key: ec.EllipticCurvePrivateKey) -> LedgerRecord:
    """The record with the terminal's signature over its first 48 bytes."""
    return replace(record, signature=sign_raw(private_key, encode_record(record)[:_SIGNED_BYTES]))


def is_record_signed_by(record: LedgerRecord, terminal_point: bytes) -> bool:
    """Whether the terminal with that public key (65 bytes) signed this record."""
    return is_signed_by(terminal_point, record.signature, encode_record(record)[:_SIGNED_BYTES])
