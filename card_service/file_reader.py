"""Reading a whole transparent file in few commands, from our card or from a stock one (ISO/IEC 7816-4:2013, 11.3)."""

from __future__ import annotations

from card_service.apdu import (
    CLA_PLAIN,
    INS_READ_BINARY,
    INS_READ_BINARY_ODD,
    INS_SELECT,
    SW,
    SW1_MASK,
    SW2_MASK,
    CommandApdu,
    ResponseApdu,
)
from card_service.connection import CommandSender
from card_service.errors import CardMisbehaved, CardRefused
from card_service.layout import CardFile, Directory
from card_service.tlv import TlvError, decode_tlv_header, decode_tlv_one, encode_tlv

_SFI_IN_P1 = 0x80
_P1_BY_FID, _P2_NO_ANSWER = 0x00, 0x0C
_FID_BYTES = 2
#: From here on the offset does not fit into P1-P2: READ BINARY B1 carries it in a data object.
ODD_FROM_OFFSET = 32_768
_TAG_OFFSET, _TAG_DATA = 0x54, 0x53
#: Enough to know how long a file of one data object is (tag of one byte, length of up to four).
_HEAD_BYTES = 6


class FileReader:
    """Reads files of the current DF through ``sender``."""

    def __init__(self, sender: CommandSender) -> None:
        self._sender = sender

    def read_first(self, file: CardFile, count: int | None = None) -> ResponseApdu:
        """The first block, as long as the card allows; the file becomes the current one."""
        # One byte more than the file may hold: the answer then says that it was the end.
        le = min(self._sender.max_read_bytes, count or file.size_bytes + 1)
        if file.sfi is not None:
            return self._read_exactly_when_told(_SFI_IN_P1 | file.sfi, 0, le)
        name = file.fid.to_bytes(_FID_BYTES, "big")
        selected = self._sender.send(CommandApdu(CLA_PLAIN, INS_SELECT, _P1_BY_FID, _P2_NO_ANSWER, name))
        return self._read_exactly_when_told(0, 0, le) if selected.is_ok else selected

    def read_rest(self, file: CardFile, response: ResponseApdu) -> bytes:
        """The whole file, whose first block is ``response``. Raises CardRefused and CardMisbehaved (too large)."""
        content = b""
        while True:
            content += response.data
            if len(content) > file.size_bytes:
                raise CardMisbehaved(f"{file.name} is larger than it may be")
            if response.sw == SW.END_OF_FILE or (response.sw == SW.WRONG_OFFSET and content):
                return content
            if not response.is_ok:
                raise CardRefused(response.sw, INS_READ_BINARY)
            if not response.data:
                raise CardMisbehaved("A read answered nothing, and not the end of the file")
            left = _bytes_left(file, content)
            if not left:
                return content
            response = self._read_at(len(content), left)

    def _read_at(self, offset: int, wanted: int) -> ResponseApdu:
        le = min(self._sender.max_read_bytes, wanted)
        if offset < ODD_FROM_OFFSET:
            return self._read_exactly_when_told(offset >> 8, offset & 0xFF, le)
        data = encode_tlv(_TAG_OFFSET, offset.to_bytes(3, "big").lstrip(b"\0"))
        response = self._sender.send(CommandApdu(CLA_PLAIN, INS_READ_BINARY_ODD, 0, 0, data, le))
        if not response.data:
            return response
        return ResponseApdu(_odd_content(response.data), response.sw)

    def _read_exactly_when_told(self, p1: int, p2: int, le: int) -> ResponseApdu:
        """READ BINARY; a stock card that refuses to read past the end is asked for just what there is."""
        response = self._sender.send(CommandApdu(CLA_PLAIN, INS_READ_BINARY, p1, p2, le=le))
        if response.sw & SW1_MASK == SW.WRONG_LE and response.sw & SW2_MASK:
            return self._sender.send(CommandApdu(CLA_PLAIN, INS_READ_BINARY, p1, p2, le=response.sw & SW2_MASK))
        if response.sw != SW.WRONG_LENGTH or not p1 & _SFI_IN_P1:
            return response
        head = self._sender.send(CommandApdu(CLA_PLAIN, INS_READ_BINARY, p1, p2, le=_HEAD_BYTES))
        if not head.is_ok:
            return head
        try:
            total = decode_tlv_header(head.data).total_bytes
        except TlvError as error:
            raise CardMisbehaved("A file of the card begins with no data object") from error
        le = min(total, self._sender.max_read_bytes)
        return self._sender.send(CommandApdu(CLA_PLAIN, INS_READ_BINARY, p1, p2, le=le))


def _bytes_left(file: CardFile, content: bytes) -> int:
    """How much to ask for next. A data group says how long it is, and a stock card may not read past its end."""
    if file.directory is Directory.EMRTD:
        try:
            return max(0, decode_tlv_header(content).total_bytes - len(content))
        except TlvError:
            pass  # no data object: its hash will not match, but that is for the caller to find
    return file.size_bytes + 1 - len(content)


def _odd_content(data: bytes) -> bytes:
    try:
        found = decode_tlv_one(data)
    except TlvError as error:
        raise CardMisbehaved("The answer of READ BINARY is malformed") from error
    if found.tag != _TAG_DATA:
        raise CardMisbehaved("The answer of READ BINARY holds something else")
    return found.value
