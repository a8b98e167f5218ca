"""The 112 bytes of one ledger record as the chip reads them (docs/card-commands.md, section 6)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from card_service.apdu import SW
from hardware_sim.card.entitlement_slots import BenefitKey
from hardware_sim.card.status import StatusError, require

RECORD_BYTES = 112
SIGNED_BYTES = 48
PREVIOUS_HASH_BYTES = 8
FORMAT_VERSION = 1
_REFERENCE_BYTES = 16
_VERIFICATION_AT, _BY_PIN = 31, 0x05


class RecordKind(IntEnum):
    """What a record reports."""

    ACTIVATION = 1
    DELIVERY = 2
    REVERSAL = 3


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """The fields that the chip checks; the others it keeps unread."""

    kind: RecordKind
    sequence: int
    previous_hash: bytes
    benefit: BenefitKey
    quantity: int
    terminal_reference: bytes
    raw: bytes

    @property
    def is_verified_by_pin(self) -> bool:
        """Whether the desk says that the holder gave the PIN."""
        return self.raw[_VERIFICATION_AT] == _BY_PIN

    @property
    def signed_part(self) -> bytes:
        """What the terminal signed."""
        return self.raw[:SIGNED_BYTES]

    @property
    def signature(self) -> bytes:
        """The terminal's signature."""
        return self.raw[SIGNED_BYTES:]

    @classmethod
    def decode(cls, raw: bytes) -> LedgerRecord:
        """From the bytes of one record; 6A80 for another length, format or kind."""
        require(len(raw) == RECORD_BYTES and raw[0] == FORMAT_VERSION, SW.WRONG_DATA)
        try:
            kind = RecordKind(raw[1])
        except ValueError as unknown:
            raise StatusError(SW.WRONG_DATA) from unknown
        sequence, scheme, period, quantity = (int.from_bytes(raw[at : at + 4], "big") for at in (2, 14, 18, 22))
        return cls(
            kind=kind,
            sequence=sequence,
            previous_hash=raw[6 : 6 + PREVIOUS_HASH_BYTES],
            benefit=(scheme, period),
            quantity=quantity,
            terminal_reference=raw[32 : 32 + _REFERENCE_BYTES],
            raw=raw,
        )


def hash_of_previous(record: bytes) -> bytes:
    """What the next record must carry; zeros when there is no previous record."""
    return hashlib.sha256(record).digest()[:PREVIOUS_HASH_BYTES] if record else bytes(PREVIOUS_HASH_BYTES)


def padded_reference(holder_reference: bytes) -> bytes:
    """A certificate holder reference as a record carries it."""
    return holder_reference.ljust(_REFERENCE_BYTES, b"\x00")
