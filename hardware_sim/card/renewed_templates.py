"""Finger templates taken anew on an operational card (docs/card-commands.md, section 10)."""

from __future__ import annotations

from card_service.apdu import SW
from card_service.tlv import TlvError, decode_tlvs
from hardware_sim.card.bound_files import ENTITLEMENT_SEGMENT, bound_files
from hardware_sim.card.chip import Chip
from hardware_sim.card.file_header import FileKind
from hardware_sim.card.status import StatusError, require

TAG_MEMBER, TAG_CONTENT = 0xC0, 0xC1
MAX_MEMBERS = 8
_TEMPLATE_FILES = 0x0210  # the file of member n is 0210 + n


def renew_templates(chip: Chip, data: bytes) -> None:
    """Replace one member's file as a whole, atomically: 6985 in another DF, 6A88 without such a file, 6A84 too long."""
    require(chip.selection.directory == bound_files(chip, ENTITLEMENT_SEGMENT).directory, SW.CONDITIONS_NOT_SATISFIED)
    member, content = _decode(data)
    directory = chip.selection.directory
    header = chip.files.find(directory, _TEMPLATE_FILES + member) if 1 <= member <= MAX_MEMBERS else None
    if header is None or header.kind is not FileKind.TRANSPARENT:
        raise StatusError(SW.REFERENCE_NOT_FOUND)
    require(len(content) <= header.size, SW.NOT_ENOUGH_MEMORY)
    with chip.memory.transaction():
        chip.files.update(directory, header, 0, content.ljust(header.size, b"\x00"))


def _decode(data: bytes) -> tuple[int, bytes]:
    try:
        objects = decode_tlvs(data)
    except TlvError as malformed:
        raise StatusError(SW.WRONG_DATA) from malformed
    require([each.tag for each in objects] == [TAG_MEMBER, TAG_CONTENT], SW.WRONG_DATA)
    member, content = (each.value for each in objects)
    require(len(member) == 1 and bool(content), SW.WRONG_DATA)
    return member[0], content
