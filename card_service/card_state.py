"""All that changes on a card, as the chip tells it in one answer (GET DATA 0212; docs/card-commands.md, 6)."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.counters import Counters, decode_counters, encode_counters
from card_service.errors import CardMisbehaved
from card_service.ledger_record import LedgerRecord, hash_for_next
from card_service.statement_slot import StatementSlot, StatementSlotMalformed, decode_slot, encode_slot
from card_service.tlv import TlvError, decode_tlvs, encode_tlv

_TAG_COUNTERS, _TAG_PREVIOUS_HASH = 0xC3, 0xC4
_PREVIOUS_HASH_BYTES = 8


@dataclass(frozen=True)
class LedgerEnd:
    """Where the next record goes: behind number ``counter``, carrying ``previous_hash`` (8 bytes)."""

    counter: int
    previous_hash: bytes

    @classmethod
    def behind(cls, record: LedgerRecord) -> LedgerEnd:
        """The end of a ledger whose last record this is."""
        return cls(record.sequence, hash_for_next(record))


@dataclass(frozen=True)
class CardState:
    """``slot`` is the statement that the chip enforces; None before the first, or when its bytes make no sense."""

    counters: Counters
    previous_hash: bytes
    slot: StatementSlot | None

    @property
    def ledger_end(self) -> LedgerEnd:
        """Where the next record goes."""
        return LedgerEnd(self.counters.counter, self.previous_hash)


def encode_card_state(state: CardState) -> bytes:
    """The answer to GET DATA 0212."""
    counted = encode_tlv(_TAG_COUNTERS, encode_counters(state.counters))
    chained = encode_tlv(_TAG_PREVIOUS_HASH, state.previous_hash)
    return counted + chained + (b"" if state.slot is None else encode_slot(state.slot))


def decode_card_state(raw: bytes) -> CardState:
    """The state in that answer; CardMisbehaved for any other bytes."""
    try:
        objects = decode_tlvs(raw)
    except TlvError as error:
        raise CardMisbehaved("The card's state is malformed") from error
    if [each.tag for each in objects[:2]] != [_TAG_COUNTERS, _TAG_PREVIOUS_HASH]:
        raise CardMisbehaved("The card's state lacks what was counted")
    counted, chained = objects[0].value, objects[1].value
    if len(chained) != _PREVIOUS_HASH_BYTES:
        raise CardMisbehaved("The hash of a ledger record has 8 bytes")
    rest = b"".join(each.encode() for each in objects[2:])
    return CardState(decode_counters(counted), chained, _slot_in(rest))


def _slot_in(content: bytes) -> StatementSlot | None:
    try:
        return decode_slot(content) if content else None
    except StatementSlotMalformed:
        return None
