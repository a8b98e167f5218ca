"""The chip's files: one MF, DFs under it, EFs in each, all held in non-volatile memory."""

from __future__ import annotations

from card_service.apdu import SW
from card_service.tlv import encode_tlv
from hardware_sim.card.file_header import (
    TAG_DESCRIPTOR,
    TAG_FCP,
    TAG_FILE_ID,
    FileHeader,
    FileKind,
)
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.status import StatusError, require

MASTER_FILE_ID = 0x3F00
ATR_INFO_FILE_ID = 0x2F01
CHIP_BYTES = 80 * 1024  # docs/card-commands.md, section 2: what an SPC-1 chip offers to files

_DF_DESCRIPTOR = b"\x38"
_HEADERS = "header/"
_CONTENTS = "content/"

MASTER_FILE = FileHeader(
    kind=FileKind.DEDICATED,
    file_id=MASTER_FILE_ID,
    control_parameters=encode_tlv(TAG_DESCRIPTOR, _DF_DESCRIPTOR)
    + encode_tlv(TAG_FILE_ID, MASTER_FILE_ID.to_bytes(2, "big")),
)


class FileSystem:
    """Files by identifier, short identifier or name; their bytes and records."""

    def __init__(self, memory: NonVolatileMemory) -> None:
        self._memory = memory

    def create(self, header: FileHeader, directory: int) -> None:
        """Make the file, filled with zeros: 6A89 if it is there already, 6A84 if the chip is too small."""
        parent = MASTER_FILE_ID if header.kind is FileKind.DEDICATED else directory
        taken = self.entries(parent)
        is_new = header.file_id != MASTER_FILE_ID and all(
            header.file_id != each.file_id
            and (header.short_id is None or header.short_id != each.short_id)
            and (not header.df_name or header.df_name != each.df_name)
            for each in taken
        )
        require(is_new, SW.FILE_EXISTS)
        require(self._used_bytes() + header.total_bytes <= CHIP_BYTES, SW.NOT_ENOUGH_MEMORY)
        self._memory.put(header_segment(parent, header.file_id), header.template(TAG_FCP))

    def entries(self, directory: int) -> list[FileHeader]:
        """The files of a directory in the order of their creation."""
        names = self._memory.names(f"{_HEADERS}{directory:04X}/")
        return [FileHeader.decode(self._memory.read(name)) for name in names]

    def directories(self) -> list[FileHeader]:
        """The DFs in the order of their creation."""
        return [each for each in self.entries(MASTER_FILE_ID) if each.kind is FileKind.DEDICATED]

    def find(self, directory: int, file_id: int) -> FileHeader | None:
        """The file with this identifier in this directory."""
        raw = self._memory.read(header_segment(directory, file_id))
        return FileHeader.decode(raw) if raw else None

    def find_short(self, directory: int, short_id: int) -> FileHeader | None:
        """The EF with this short identifier in this directory."""
        return next((each for each in self.entries(directory) if each.short_id == short_id), None)

    def read(self, directory: int, header: FileHeader, offset: int, length: int) -> bytes:
        """Up to ``length`` bytes of a transparent file; fewer at its end."""
        content = self._memory.read(content_segment(directory, header.file_id))
        end = min(offset + length, header.size)
        return content[offset:end].ljust(end - offset, b"\x00")

    def update(self, directory: int, header: FileHeader, offset: int, data: bytes) -> None:
        """Write into a transparent file, page by page, not atomically."""
        require(offset + len(data) <= header.size, SW.NOT_ENOUGH_MEMORY)
        self._memory.write(content_segment(directory, header.file_id), offset, data)

    def read_slot(self, directory: int, header: FileHeader, slot: int) -> bytes:
        """The record in this physical place of a linear file."""
        content = self._memory.read(content_segment(directory, header.file_id))
        start = slot * header.record_bytes
        record = content[start : start + header.record_bytes]
        if len(record) != header.record_bytes:
            raise StatusError(SW.RECORD_NOT_FOUND)
        return record

    def write_slot(self, directory: int, header: FileHeader, slot: int, record: bytes) -> None:
        """Put a record into this physical place of a linear file."""
        require(len(record) == header.record_bytes and slot < header.size, SW.WRONG_DATA)
        segment = content_segment(directory, header.file_id)
        self._memory.write(segment, slot * header.record_bytes, record)

    def _used_bytes(self) -> int:
        makers = header_segment(MASTER_FILE_ID, ATR_INFO_FILE_ID)
        names = [name for name in self._memory.names(_HEADERS) if name != makers]
        return sum(FileHeader.decode(self._memory.read(name)).total_bytes for name in names)


def header_segment(directory: int, file_id: int) -> str:
    """Where in memory the file's control parameters lie."""
    return f"{_HEADERS}{directory:04X}/{file_id:04X}"


def content_segment(directory: int, file_id: int) -> str:
    """Where in memory the file's bytes lie."""
    return f"{_CONTENTS}{directory:04X}/{file_id:04X}"
