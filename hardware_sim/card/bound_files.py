"""Which files the chip gives a special behaviour: set once at personalisation, so that no layout is built in."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.apdu import SW
from hardware_sim.card.chip import Chip
from hardware_sim.card.file_header import FileHeader, FileKind
from hardware_sim.card.status import StatusError, require

LEDGER_SEGMENT = "bound/ledger"
ENTITLEMENT_SEGMENT = "bound/entitlement"
FILE_ID_BYTES = 2


@dataclass(frozen=True, slots=True)
class BoundFiles:
    """Files of one DF that were named together."""

    directory: int
    headers: tuple[FileHeader, ...]


def bind_files(chip: Chip, segment: str, file_ids: bytes, kind: FileKind, count: int) -> None:
    """Remember files of the current DF: 6A80 for a wrong number or kind, 6A82 if one is not there."""
    require(len(file_ids) == count * FILE_ID_BYTES, SW.WRONG_DATA)
    directory = chip.selection.directory
    numbers = _file_ids(file_ids)
    headers = [chip.files.find(directory, number) for number in numbers]
    require(all(header is not None for header in headers), SW.FILE_NOT_FOUND)
    is_right_kind = all(header is not None and header.kind is kind for header in headers)
    require(is_right_kind and len(set(numbers)) == count, SW.WRONG_DATA)
    chip.memory.put(segment, directory.to_bytes(FILE_ID_BYTES, "big") + file_ids)


def bound_files(chip: Chip, segment: str) -> BoundFiles:
    """The files remembered under this name; 6985 if there are none."""
    raw = chip.memory.read(segment)
    require(bool(raw), SW.CONDITIONS_NOT_SATISFIED)
    directory, *numbers = _file_ids(raw)
    headers = [chip.files.find(directory, number) for number in numbers]
    found = tuple(header for header in headers if header is not None)
    if len(found) != len(numbers):
        raise StatusError(SW.CONDITIONS_NOT_SATISFIED)
    return BoundFiles(directory, found)


def _file_ids(raw: bytes) -> list[int]:
    return [int.from_bytes(raw[at : at + FILE_ID_BYTES], "big") for at in range(0, len(raw), FILE_ID_BYTES)]
