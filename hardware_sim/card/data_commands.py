"""GET DATA and PUT DATA: what the chip tells about itself, and what it is given at personalisation."""

from __future__ import annotations

from card_service.apdu import INS_GET_DATA, INS_GET_DATA_ODD, INS_PUT_DATA, SW, CommandApdu, ResponseApdu
from card_service.tlv import encode_tlv
from hardware_sim.card.bound_files import ENTITLEMENT_SEGMENT, LEDGER_SEGMENT, bind_files
from hardware_sim.card.chip import CAN_SEGMENT, Chip, LifeState
from hardware_sim.card.command_table import CommandTable, answer_of_exact_length
from hardware_sim.card.curve import P256
from hardware_sim.card.entitlement_slots import SLOTS, EntitlementSlots
from hardware_sim.card.file_header import FileKind, SecurityCondition
from hardware_sim.card.ledger import COUNTER_BYTES, Ledger
from hardware_sim.card.renewed_templates import renew_templates
from hardware_sim.card.signature_quota import SignatureQuota
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.terminal_authentication import TrustPoints

DATA_LIFE = 0x0110
DATA_CAN = 0x0100
DATA_TRUST_POINT = 0x0101
DATA_DATE = 0x0102
DATA_LEDGER_FILE = 0x0103
DATA_ENTITLEMENT_FILES = 0x0104
DATA_QUOTA = 0x0105
DATA_QUOTA_AUTHORITY = 0x0106
DATA_STATEMENT = 0x0201
DATA_TEMPLATES = 0x0202
DATA_QUOTA_GRANT = 0x0203
DATA_RECEIPT = 0x0210
DATA_TOTALS = 0x0211
DATA_CHANGING = 0x0212
DATA_QUOTA_LEFT = 0x0220
TAG_TOTALS, TAG_PREVIOUS_HASH = 0xC3, 0xC4

_ON_STOCK = (DATA_CAN, DATA_TRUST_POINT, DATA_DATE)
RIGHT_UPDATE = 0x0004
RIGHT_ENROL = 0x0008
CAN_DIGITS = 6


class DataCommands:
    """The part of the operating system that reads and writes data objects outside files."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip

    def table(self) -> CommandTable:
        """Which instruction is answered by which method."""
        return {INS_GET_DATA: self.get_data, INS_GET_DATA_ODD: self.get_receipt, INS_PUT_DATA: self.put_data}

    def get_data(self, command: CommandApdu) -> ResponseApdu:
        """Life state, or the ledger's counter and totals."""
        wanted = command.p1 << 8 | command.p2
        require(not command.data, SW.WRONG_LENGTH)
        if wanted == DATA_LIFE:
            return answer_of_exact_length(command, self._life())
        tellers = {
            DATA_TOTALS: lambda: Ledger(self._chip).counter_and_totals(),
            DATA_CHANGING: self._all_that_changes,
            DATA_QUOTA_LEFT: self._quota_left,
        }
        require(wanted in tellers and not self._chip.profile.is_stock, SW.REFERENCE_NOT_FOUND)
        require(self._chip.security.holds(SecurityCondition.CHANNEL), SW.SECURITY_STATUS)
        return answer_of_exact_length(command, tellers[wanted]())

    def get_receipt(self, command: CommandApdu) -> ResponseApdu:
        """The receipt of a record still held, for an authenticated terminal."""
        require(command.p1 << 8 | command.p2 == DATA_RECEIPT, SW.REFERENCE_NOT_FOUND)
        require(self._chip.security.holds(SecurityCondition.TERMINAL_AUTHENTICATION), SW.SECURITY_STATUS)
        require(len(command.data) == COUNTER_BYTES, SW.WRONG_DATA)
        receipt = Ledger(self._chip).receipt(int.from_bytes(command.data, "big"))
        return answer_of_exact_length(command, receipt)

    def put_data(self, command: CommandApdu) -> ResponseApdu:
        """Take one data object: what may change on a finished card, or what only an open chip takes."""
        written = command.p1 << 8 | command.p2
        require(not self._chip.profile.is_stock or written in _ON_STOCK, SW.REFERENCE_NOT_FOUND)
        changing = {
            DATA_STATEMENT: self._put_statement,
            DATA_TEMPLATES: self._put_templates,
            DATA_QUOTA_GRANT: self._put_quota_grant,
        }
        if written in changing:
            changing[written](command.data)
            return ResponseApdu(b"", SW.OK)
        self._chip.require_personalising()
        with self._chip.memory.transaction():
            self._put(written, command.data)
        return ResponseApdu(b"", SW.OK)

    def _life(self) -> bytes:
        state = bytes((self._chip.life,))
        return state if self._chip.life is LifeState.OPERATIONAL else state + self._chip.serial

    def _all_that_changes(self) -> bytes:
        ledger = Ledger(self._chip)
        counted = encode_tlv(TAG_TOTALS, ledger.counter_and_totals())
        chained = encode_tlv(TAG_PREVIOUS_HASH, ledger.previous_hash())
        return counted + chained + EntitlementSlots(self._chip).current_content()

    def _put_statement(self, data: bytes) -> None:
        if self._chip.life is LifeState.OPERATIONAL:
            self._require_right(RIGHT_UPDATE)
        EntitlementSlots(self._chip).store(data)

    def _put_templates(self, data: bytes) -> None:
        self._require_right(RIGHT_ENROL)
        renew_templates(self._chip, data)

    def _put_quota_grant(self, data: bytes) -> None:
        require(self._chip.security.holds(SecurityCondition.CHANNEL), SW.SECURITY_STATUS)
        own_point = P256.public_point(self._chip.signature_key().scalar)
        SignatureQuota(self._chip.memory).grant(data, own_point)

    def _require_right(self, right: int) -> None:
        proven = self._chip.security.holds(SecurityCondition.TERMINAL_AUTHENTICATION)
        require(proven and self._chip.security.grants(right), SW.SECURITY_STATUS)

    def _quota_left(self) -> bytes:
        state = SignatureQuota(self._chip.memory).find()
        if state is None:
            raise StatusError(SW.REFERENCE_NOT_FOUND)
        return state.told

    def _put(self, written: int, data: bytes) -> None:
        if written == DATA_CAN:
            require(len(data) == CAN_DIGITS and data.isdigit(), SW.WRONG_DATA)
            self._chip.memory.put(CAN_SEGMENT, data)
        elif written == DATA_TRUST_POINT:
            TrustPoints(self._chip.memory).install(data)
        elif written == DATA_DATE:
            TrustPoints(self._chip.memory).set_date(data)
        elif written == DATA_LEDGER_FILE:
            bind_files(self._chip, LEDGER_SEGMENT, data, FileKind.LINEAR, 1)
        elif written == DATA_ENTITLEMENT_FILES:
            bind_files(self._chip, ENTITLEMENT_SEGMENT, data, FileKind.TRANSPARENT, SLOTS)
        elif written == DATA_QUOTA:
            SignatureQuota(self._chip.memory).begin(data)
        elif written == DATA_QUOTA_AUTHORITY:
            SignatureQuota(self._chip.memory).set_authority(data)
        else:
            raise StatusError(SW.REFERENCE_NOT_FOUND)
