"""Commands on files: create, select, read, write, activate, wipe (ISO/IEC 7816-4:2013, 11; 7816-9)."""

from __future__ import annotations

from card_service.apdu import (
    INS_ACTIVATE_FILE,
    INS_APPEND_RECORD,
    INS_CREATE_FILE,
    INS_DELETE_FILE,
    INS_READ_BINARY,
    INS_READ_BINARY_ODD,
    INS_READ_RECORD,
    INS_SELECT,
    INS_UPDATE_BINARY,
    SW,
    CommandApdu,
    ResponseApdu,
)
from card_service.tlv import TlvError, decode_tlv_one, encode_tlv
from hardware_sim.card.chip import Chip, LifeEvent, LifeState, Selection, require_parameters
from hardware_sim.card.command_table import CommandTable, answer_of_exact_length
from hardware_sim.card.file_header import (
    TAG_FCI,
    TAG_FCP,
    TAG_FILE_ID,
    FileHeader,
    FileKind,
)
from hardware_sim.card.file_system import MASTER_FILE, MASTER_FILE_ID
from hardware_sim.card.ledger import Ledger
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.transport_keys import erase_transport_keys

TAG_OFFSET = 0x54
TAG_DATA = 0x53
SELECT_BY_FILE_ID = 0x00
SELECT_EF_IN_DF = 0x02
SELECT_BY_NAME = 0x04
ANSWER_FCI = 0x00
ANSWER_FCP = 0x04
ANSWER_NOTHING = 0x0C

_SHORT_ID_FLAG = 0x80
_SHORT_ID_MASK = 0x1F
_RESERVED_SHORT_ID_BITS = 0x60
_LONGEST_WITH_ONE_LENGTH_BYTE = 2 + 0x7F
_LONGEST_WITH_TWO_LENGTH_BYTES = 3 + 0xFF
_RECORD_BY_NUMBER = 0x04
_RECORD_LAST = 0x03
_RECORD_MODE_MASK = 0x07
_AID_EMRTD = bytes.fromhex("A0000002471001")  # ICAO 9303-10, 3.3: the one application of a chip from stock
_MASTER_FILE_BYTES = MASTER_FILE_ID.to_bytes(2, "big")
_MASTER_FILE_REFERENCE = encode_tlv(TAG_FILE_ID, _MASTER_FILE_BYTES)


class FileCommands:
    """The part of the operating system that works on files."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip

    def table(self) -> CommandTable:
        """Which instruction is answered by which method."""
        return {
            INS_CREATE_FILE: self.create_file,
            INS_DELETE_FILE: self.delete_file,
            INS_ACTIVATE_FILE: self.activate_file,
            INS_SELECT: self.select,
            INS_READ_BINARY: self.read_binary,
            INS_READ_BINARY_ODD: self.read_binary_odd,
            INS_UPDATE_BINARY: self.update_binary,
            INS_READ_RECORD: self.read_record,
            INS_APPEND_RECORD: self.append_record,
        }

    def create_file(self, command: CommandApdu) -> ResponseApdu:
        """A new file, which becomes current; the first one opens the chip for personalisation."""
        require_parameters(command, p1=0, p2=0)
        is_open = self._chip.life in (LifeState.BLANK, LifeState.PERSONALISING)
        require(is_open, SW.CONDITIONS_NOT_SATISFIED)
        header = FileHeader.decode(command.data)
        require(not self._chip.profile.is_stock or _is_on_stock(header), SW.CONDITIONS_NOT_SATISFIED)
        directory = self._chip.selection.directory
        with self._chip.memory.transaction():
            self._chip.advance(LifeEvent.FIRST_FILE)
            self._chip.files.create(header, directory)
        is_directory = header.kind is FileKind.DEDICATED
        self._chip.selection = Selection(header.file_id) if is_directory else Selection(directory, header)
        return ResponseApdu(b"", SW.OK)

    def delete_file(self, command: CommandApdu) -> ResponseApdu:
        """Wipe the whole chip, keys included: only while it is being personalised."""
        require_parameters(command, p1=0, p2=0)
        require(command.data == _MASTER_FILE_REFERENCE, SW.WRONG_DATA)
        self._chip.require_personalising()
        self._chip.erase()
        return ResponseApdu(b"", SW.OK)

    def activate_file(self, command: CommandApdu) -> ResponseApdu:
        """End personalisation for ever. Means the MF, which may be named in the data."""
        require_parameters(command, p1=0, p2=0)
        require(command.data in (b"", _MASTER_FILE_BYTES, _MASTER_FILE_REFERENCE), SW.WRONG_DATA)
        with self._chip.memory.transaction():
            self._chip.advance(LifeEvent.ACTIVATE)
            erase_transport_keys(self._chip.memory)
        return ResponseApdu(b"", SW.OK)

    def select(self, command: CommandApdu) -> ResponseApdu:
        """Make a file current; answer its control parameters if asked for."""
        require(command.p2 in (ANSWER_FCI, ANSWER_FCP, ANSWER_NOTHING), SW.WRONG_P1_P2)
        selection = self._find(command)
        self._chip.selection = selection
        header = selection.file or self._directory_header(selection.directory)
        if command.p2 == ANSWER_NOTHING:
            return ResponseApdu(b"", SW.OK)
        tag = TAG_FCP if command.p2 == ANSWER_FCP else TAG_FCI
        return ResponseApdu(header.template(tag), SW.OK)

    def read_binary(self, command: CommandApdu) -> ResponseApdu:
        """Bytes of a transparent file from an offset below 32,768."""
        offset = self._locate(command)
        return self._read(offset, _wanted(command))

    def read_binary_odd(self, command: CommandApdu) -> ResponseApdu:
        """The same with the offset in data object 54 and the answer in 53, for the far end of large files."""
        self._locate_by_reference(command)
        try:
            offset_object = decode_tlv_one(command.data)
        except TlvError as malformed:
            raise StatusError(SW.WRONG_DATA) from malformed
        require(offset_object.tag == TAG_OFFSET and len(offset_object.value) <= 4, SW.WRONG_DATA)
        answer = self._read(int.from_bytes(offset_object.value, "big"), _room_in_data_object(_wanted(command)))
        return ResponseApdu(encode_tlv(TAG_DATA, answer.data), answer.sw)

    def update_binary(self, command: CommandApdu) -> ResponseApdu:
        """Write bytes into a transparent file: only while personalising; a power cut can leave half a page."""
        self._chip.require_personalising()
        require(bool(command.data), SW.WRONG_LENGTH)
        offset = self._locate(command)
        self._chip.files.update(self._chip.selection.directory, self._current_file(), offset, command.data)
        return ResponseApdu(b"", SW.OK)

    def read_record(self, command: CommandApdu) -> ResponseApdu:
        """One record of the ledger by number (1 = oldest held), or the last one."""
        directory, header = self._record_file(command)
        require(self._chip.may_read(header), SW.SECURITY_STATUS)
        ledger = Ledger(self._chip)
        mode = command.p2 & _RECORD_MODE_MASK
        is_last = (mode, command.p1) == (_RECORD_LAST, 0)
        require(is_last or mode == _RECORD_BY_NUMBER, SW.WRONG_P1_P2)
        require(ledger.is_file(directory, header), SW.RECORD_NOT_FOUND)
        record = ledger.last_record() if is_last else ledger.record(command.p1)
        return answer_of_exact_length(command, record)

    def append_record(self, command: CommandApdu) -> ResponseApdu:
        """One more record in the ledger: answers the counter and the card's receipt."""
        require(command.p1 == 0 and command.p2 & _RECORD_MODE_MASK == 0, SW.WRONG_P1_P2)
        directory, header = self._record_file(command)
        ledger = Ledger(self._chip)
        require(ledger.is_file(directory, header), SW.CONDITIONS_NOT_SATISFIED)
        require(self._chip.security.allows(header.append), SW.SECURITY_STATUS)
        return ResponseApdu(ledger.append(command.data), SW.OK)

    def _find(self, command: CommandApdu) -> Selection:
        if command.p1 == SELECT_BY_NAME:
            for each in self._chip.files.directories():
                if command.data and each.df_name == command.data:
                    return Selection(each.file_id)
            raise StatusError(SW.FILE_NOT_FOUND)
        require(command.p1 in (SELECT_BY_FILE_ID, SELECT_EF_IN_DF), SW.WRONG_P1_P2)
        if command.p1 == SELECT_BY_FILE_ID and command.data in (b"", _MASTER_FILE_BYTES):
            return Selection()
        require(len(command.data) == len(_MASTER_FILE_BYTES), SW.WRONG_DATA)
        file_id = int.from_bytes(command.data, "big")
        current = self._chip.selection.directory
        places = [current] if command.p1 == SELECT_EF_IN_DF else [current, MASTER_FILE_ID]
        for directory in places:
            header = self._chip.files.find(directory, file_id)
            if header is not None and header.kind is not FileKind.DEDICATED:
                return Selection(directory, header)
            if header is not None and command.p1 == SELECT_BY_FILE_ID:
                return Selection(header.file_id)
        raise StatusError(SW.FILE_NOT_FOUND)

    def _directory_header(self, directory: int) -> FileHeader:
        return self._chip.files.find(MASTER_FILE_ID, directory) or MASTER_FILE

    def _locate(self, command: CommandApdu) -> int:
        """Make the file named by a short identifier current, if one is given; the offset from P1-P2."""
        if not command.p1 & _SHORT_ID_FLAG:
            return command.p1 << 8 | command.p2
        require(not command.p1 & _RESERVED_SHORT_ID_BITS, SW.WRONG_P1_P2)
        self._select_short(command.p1 & _SHORT_ID_MASK)
        return command.p2

    def _locate_by_reference(self, command: CommandApdu) -> None:
        """P1-P2 of an odd instruction: 0000 current EF, 1 to 31 a short identifier, else a file identifier."""
        reference = command.p1 << 8 | command.p2
        if reference == 0:
            return
        if reference <= _SHORT_ID_MASK:
            self._select_short(reference)
            return
        directory = self._chip.selection.directory
        header = self._chip.files.find(directory, reference)
        if header is None or header.kind is FileKind.DEDICATED:
            raise StatusError(SW.FILE_NOT_FOUND)
        self._chip.selection = Selection(directory, header)

    def _select_short(self, short_id: int) -> None:
        directory = self._chip.selection.directory
        header = self._chip.files.find_short(directory, short_id)
        if header is None:
            raise StatusError(SW.FILE_NOT_FOUND)
        self._chip.selection = Selection(directory, header)

    def _current_file(self) -> FileHeader:
        header = self._chip.selection.file
        if header is None or header.kind is not FileKind.TRANSPARENT:
            raise StatusError(SW.NO_CURRENT_EF)
        return header

    def _record_file(self, command: CommandApdu) -> tuple[int, FileHeader]:
        if command.p2 >> 3:
            self._select_short(command.p2 >> 3)
        header = self._chip.selection.file
        if header is None or header.kind is not FileKind.LINEAR:
            raise StatusError(SW.NO_CURRENT_EF)
        return self._chip.selection.directory, header

    def _read(self, offset: int, length: int) -> ResponseApdu:
        header = self._current_file()
        require(self._chip.may_read(header), SW.SECURITY_STATUS)
        require(offset < header.size, SW.WRONG_OFFSET)
        data = self._chip.files.read(self._chip.selection.directory, header, offset, length)
        return ResponseApdu(data, SW.OK if len(data) == length else SW.END_OF_FILE)


def _wanted(command: CommandApdu) -> int:
    if command.le is None:
        raise StatusError(SW.WRONG_LENGTH)
    return command.le


def _room_in_data_object(wanted: int) -> int:
    """How many bytes a data object of at most this size can carry."""
    if wanted <= _LONGEST_WITH_ONE_LENGTH_BYTE:
        return max(0, wanted - 2)
    return wanted - 3 if wanted <= _LONGEST_WITH_TWO_LENGTH_BYTES else wanted - 4


def _is_on_stock(header: FileHeader) -> bool:
    """Whether a chip from stock has such files: the travel document's DF, and transparent files."""
    return header.kind is FileKind.TRANSPARENT or header.df_name == _AID_EMRTD
