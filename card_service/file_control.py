"""File control parameters: how a file is described to the chip that creates it (ISO/IEC 7816-4:2013, 7.4.3)."""

from __future__ import annotations

from card_service.layout import LEDGER_RECORD_BYTES, NEVER, CardFile, Directory, FileKind
from card_service.tlv import encode_tlv

_TAG_FCP = 0x62
_TAG_SIZE, _TAG_DESCRIPTOR, _TAG_FILE_ID, _TAG_DF_NAME = 0x80, 0x82, 0x83, 0x84
_TAG_ACCESS, _TAG_SFI = 0x86, 0x88
_DESCRIPTOR_DF = b"\x38"
_DESCRIPTOR_TRANSPARENT = b"\x01"
_DESCRIPTOR_LINEAR = bytes((0x02, 0x41, 0x00, LEDGER_RECORD_BYTES))
_TWO_BYTES = 2


def encode_directory_control(directory: Directory) -> bytes:
    """The template that creates this DF under the MF."""
    return encode_tlv(
        _TAG_FCP,
        encode_tlv(_TAG_DESCRIPTOR, _DESCRIPTOR_DF)
        + encode_tlv(_TAG_FILE_ID, directory.to_bytes(_TWO_BYTES, "big"))
        + (encode_tlv(_TAG_DF_NAME, directory.aid) if directory.aid else b""),
    )


def encode_file_control(file: CardFile, content_bytes: int) -> bytes:
    """The template that creates this file with room for so many bytes (records: all that the table gives it)."""
    is_records = file.kind is FileKind.RECORDS
    size = file.size_bytes // LEDGER_RECORD_BYTES if is_records else content_bytes
    # UPDATE is never granted: nothing changes after the card is locked but by the chip itself.
    rules = file.read.encode() + NEVER.encode() + file.append.encode()
    return encode_tlv(
        _TAG_FCP,
        encode_tlv(_TAG_DESCRIPTOR, _DESCRIPTOR_LINEAR if is_records else _DESCRIPTOR_TRANSPARENT)
        + encode_tlv(_TAG_FILE_ID, file.fid.to_bytes(_TWO_BYTES, "big"))
        + encode_tlv(_TAG_SIZE, size.to_bytes(_TWO_BYTES, "big"))
        + (b"" if file.sfi is None else encode_tlv(_TAG_SFI, bytes((file.sfi,))))
        + encode_tlv(_TAG_ACCESS, rules),
    )
