"""How many bytes families take on a card: real encodings, invented people, the longest names that fit."""

from __future__ import annotations

from datetime import date

from card_service.data_groups import MemberRow, MemberTable, encode_member_table
from card_service.layout import CARD_FILES, CHANGING_FILES, DATA_GROUPS, DG2, DG13, MEMBERS, room_bytes, template_file
from domain.fingers import FingerPosition
from domain.ids import PersonId
from domain.people import BirthDate, Relationship, Sex
from tests.unit.card_service_terminal.desk import issue

FAMILIES, FINGERS = (1, 5, 8), (2, 4)
#: What a portrait is cropped to at enrolment, and what fits when members' photographs are made smaller for the card.
LARGE_PHOTO_BYTES, SMALL_PHOTO_BYTES = 5_000, 2_560
CARD_32_KB, CARD_64_KB = 32 * 1_024, 64 * 1_024
_NAME = "लक्ष्मीनारायण प्रसाद सिंह"
_RECORD_HEADER_BYTES, _VIEW_BYTES, _MINUTIA_BYTES, _MINUTIAE = 24, 6, 6, 40  # ISO/IEC 19794-2:2005, 8
_ANCHOR_ENTRY_BYTES, _DG2_OVERHEAD_BYTES, _DG13_FIXED_BYTES = 34, 100, 130


def bytes_on_card() -> dict[str, dict[str, int]]:
    """For each family: bytes of all files with large and with small photographs of the members."""
    return {
        f"{members} members, {fingers} fingers": {
            "bytes": _total(members, fingers, LARGE_PHOTO_BYTES),
            "bytes_small_photos": _total(members, fingers, SMALL_PHOTO_BYTES),
        }
        for members in FAMILIES
        for fingers in FINGERS
    }


def _total(members: int, fingers: int, photo_bytes: int) -> int:
    template = _RECORD_HEADER_BYTES + fingers * (_VIEW_BYTES + _MINUTIAE * _MINUTIA_BYTES)
    family = members * room_bytes(template_file(1), template) + (members - 1) * photo_bytes
    anchor = _DG13_FIXED_BYTES + (2 * members) * _ANCHOR_ENTRY_BYTES
    changing = sum(file.size_bytes for file in CHANGING_FILES)
    portrait = LARGE_PHOTO_BYTES + _DG2_OVERHEAD_BYTES
    return _others() + changing + portrait + anchor + _member_table(members, fingers) + family


def _others() -> int:
    """The files whose size does not depend on the family, as issued."""
    files = issue()["active"].data.files
    counted = {file.key for file in (*DATA_GROUPS.values(), *CARD_FILES[:6])} - {DG2.key, DG13.key, MEMBERS.key}
    return sum(len(content) for key, content in files.items() if key in counted)


def _member_table(members: int, fingers: int) -> int:
    rows = tuple(
        MemberRow(
            index=index,
            person_id=PersonId(f"P-{index:010}"),
            name=_NAME,
            born=BirthDate(on=date(1980, 4, 5)),
            sex=Sex.FEMALE,
            role=Relationship.CHILD,
            fingers=tuple(FingerPosition)[1 : 1 + fingers],
            has_photo=True,
        )
        for index in range(1, members + 1)
    )
    return len(encode_member_table(MemberTable(rows)))
