"""The append-only ledger of deliveries, with the card's counter, totals and receipts (docs/card-commands.md, 6)."""

from __future__ import annotations

import hmac

from card_service.apdu import SW
from hardware_sim.card.bound_files import LEDGER_SEGMENT, BoundFiles, bound_files
from hardware_sim.card.chip import Chip
from hardware_sim.card.curve import is_signed, sign
from hardware_sim.card.entitlement_slots import (
    BenefitKey,
    EntitlementSlots,
    decode_amounts,
    encode_amounts,
)
from hardware_sim.card.file_header import FileHeader
from hardware_sim.card.ledger_record import LedgerRecord, RecordKind, hash_of_previous, padded_reference
from hardware_sim.card.status import StatusError, require

RECEIPT_PREFIX = b"RCPT"
COUNTER_BYTES = 4
MAX_TOTALS = 1024

_COUNTER_SEGMENT = "ledger/counter"
_TOTALS_SEGMENT = "ledger/totals"


class Ledger:
    """Records in a ring: when the file is full, the oldest record leaves and the totals stay."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip

    @property
    def counter(self) -> int:
        """How many records were ever appended; the sequence number of the last one."""
        return int.from_bytes(self._chip.memory.read(_COUNTER_SEGMENT), "big")

    def is_file(self, directory: int, header: FileHeader) -> bool:
        """Whether this file is the ledger."""
        if not self._chip.memory.has(LEDGER_SEGMENT):
            return False
        files = self._files()
        return (files.directory, files.headers[0].file_id) == (directory, header.file_id)

    def append(self, raw: bytes) -> bytes:
        """Counter and receipt. The record, the counter and the totals become true together."""
        record = LedgerRecord.decode(raw)
        if self.counter and hmac.compare_digest(raw, self.last_record()):
            return self._receipt(self.counter, raw)
        self._check(record)
        totals = self._new_totals(record)
        files = self._files()
        with self._chip.memory.transaction():
            self._chip.files.write_slot(files.directory, files.headers[0], self._slot(record.sequence), raw)
            self._chip.memory.put(_COUNTER_SEGMENT, record.sequence.to_bytes(COUNTER_BYTES, "big"))
            if totals is not None:
                self._chip.memory.put(_TOTALS_SEGMENT, encode_amounts(totals))
        return self._receipt(record.sequence, raw)

    def receipt(self, sequence: int) -> bytes:
        """Counter and receipt of a record still held; 6A83 when it is not."""
        return self._receipt(sequence, self._record_of_sequence(sequence))

    def record(self, number: int) -> bytes:
        """The record with this number, 1 being the oldest held; 6A83 when there is none."""
        require(number >= 1, SW.RECORD_NOT_FOUND)
        return self._record_of_sequence(self._forgotten() + number)

    def last_record(self) -> bytes:
        """The newest record; 6A83 when there is none."""
        return self._record_of_sequence(self.counter)

    def counter_and_totals(self) -> bytes:
        """``counter(4) || n × ( scheme(4) period(4) total(4) )``."""
        return self.counter.to_bytes(COUNTER_BYTES, "big") + self._chip.memory.read(_TOTALS_SEGMENT)

    def previous_hash(self) -> bytes:
        """What the next record must carry."""
        return hash_of_previous(self.last_record() if self.counter else b"")

    def _check(self, record: LedgerRecord) -> None:
        """Sequence, chain, terminal and signature, in the order that the interface names."""
        require(record.sequence == self.counter + 1, SW.CONDITIONS_NOT_SATISFIED)
        require(record.previous_hash == self.previous_hash(), SW.CONDITIONS_NOT_SATISFIED)
        terminal = self._chip.security.terminal
        if terminal is None:
            raise StatusError(SW.SECURITY_STATUS)
        is_from_terminal = record.terminal_reference == padded_reference(terminal.holder_reference)
        require(is_from_terminal, SW.SECURITY_STATUS)
        require(is_signed(terminal.public_key, record.signature, record.signed_part), SW.SECURITY_STATUS)
        is_pin_claim_true = not record.is_verified_by_pin or self._chip.security.is_pin_verified
        require(is_pin_claim_true, SW.SECURITY_STATUS)

    def _new_totals(self, record: LedgerRecord) -> dict[BenefitKey, int] | None:
        """The totals after this record, or None if it moves none; 6A84 beyond a limit or below zero."""
        if record.kind is RecordKind.ACTIVATION:
            return None
        totals = decode_amounts(self._chip.memory.read(_TOTALS_SEGMENT))
        drawn = totals.get(record.benefit, 0)
        if record.kind is RecordKind.DELIVERY:
            statement = EntitlementSlots(self._chip).current()
            limit = statement.limits.get(record.benefit) if statement else None
            is_within = limit is not None and drawn + record.quantity <= limit
            require(is_within, SW.NOT_ENOUGH_MEMORY)
            totals[record.benefit] = drawn + record.quantity
        else:
            require(record.benefit in totals and record.quantity <= drawn, SW.NOT_ENOUGH_MEMORY)
            totals[record.benefit] = drawn - record.quantity
        require(len(totals) <= MAX_TOTALS, SW.NOT_ENOUGH_MEMORY)
        return totals

    def _record_of_sequence(self, sequence: int) -> bytes:
        require(self._forgotten() < sequence <= self.counter, SW.RECORD_NOT_FOUND)
        files = self._files()
        return self._chip.files.read_slot(files.directory, files.headers[0], self._slot(sequence))

    def _receipt(self, counter: int, record: bytes) -> bytes:
        key = self._chip.signature_key()
        counter_bytes = counter.to_bytes(COUNTER_BYTES, "big")
        return counter_bytes + sign(key.scalar, RECEIPT_PREFIX + counter_bytes + record)

    def _files(self) -> BoundFiles:
        return bound_files(self._chip, LEDGER_SEGMENT)

    def _slot(self, sequence: int) -> int:
        return (sequence - 1) % self._files().headers[0].size

    def _forgotten(self) -> int:
        """How many of the oldest records have left the ring."""
        return max(0, self.counter - self._files().headers[0].size)
