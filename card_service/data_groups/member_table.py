"""EF.Mbr: the members of the household on this card, ours (docs/card-commands.md, 8)."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.data_groups.births import decode_birth_date, encode_birth_date
from card_service.data_groups.errors import DataGroupRefused
from card_service.tlv import Tlv, TlvError, decode_tlv_one, encode_tlv
from domain.fingers import FingerPosition
from domain.ids import PersonId
from domain.people import BirthDate, Relationship, Sex

TAG_TABLE = 0xE1
TAG_ROW = 0xE2
_TAG_INDEX, _TAG_PERSON, _TAG_NAME, _TAG_BIRTH, _TAG_SEX, _TAG_ROLE, _TAG_FINGERS, _TAG_PHOTO = range(0x80, 0x88)
_ROW_TAGS = tuple(range(_TAG_INDEX, _TAG_PHOTO + 1))

MAX_ROWS = 8
MAX_FINGERS = 4
MAX_NAME_BYTES = 120
MAX_PERSON_ID_BYTES = 40

# Numbers on the card never change their meaning; a new relation gets a new number.
_ROLE_TO_CODE = {
    Relationship.HEAD: 1,
    Relationship.SPOUSE: 2,
    Relationship.CHILD: 3,
    Relationship.PARENT: 4,
    Relationship.SIBLING: 5,
    Relationship.GRANDCHILD: 6,
    Relationship.OTHER_RELATIVE: 7,
    Relationship.NOT_RELATED: 8,
}
_CODE_TO_ROLE = {code: role for role, code in _ROLE_TO_CODE.items()}


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member. ``index`` 1 is the holder; ``fingers`` stand in rank order, the best first; empty: no finger."""

    index: int
    person_id: PersonId
    name: str
    born: BirthDate
    sex: Sex
    role: Relationship
    fingers: tuple[FingerPosition, ...]
    has_photo: bool

    def __post_init__(self) -> None:
        if not 1 <= self.index <= MAX_ROWS:
            raise DataGroupRefused("a member index is 1 to 8")
        if not 1 <= len(self.name.encode("utf-8")) <= MAX_NAME_BYTES:
            raise DataGroupRefused("a member's name has 1 to 120 bytes in UTF-8")
        if not 1 <= len(self.person_id) <= MAX_PERSON_ID_BYTES or not self.person_id.isascii():
            raise DataGroupRefused("a person id has 1 to 40 ASCII characters")
        if len(set(self.fingers)) != len(self.fingers) or len(self.fingers) > MAX_FINGERS:
            raise DataGroupRefused("a member has up to four different fingers")


@dataclass(frozen=True, slots=True)
class MemberTable:
    """Up to eight members, their indexes 1, 2, 3 … in order."""

    rows: tuple[MemberRow, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.rows) <= MAX_ROWS:
            raise DataGroupRefused("a card has one to eight members")
        if [row.index for row in self.rows] != list(range(1, len(self.rows) + 1)):
            raise DataGroupRefused("member indexes count from 1 without a gap")
        if len({row.person_id for row in self.rows}) != len(self.rows):
            raise DataGroupRefused("a person stands twice in the member table")

    def get_row(self, index: int) -> MemberRow:
        """The member with that index; ``DataGroupRefused`` when the card has none."""
        if not 1 <= index <= len(self.rows):
            raise DataGroupRefused("no such member on this card")
        return self.rows[index - 1]


def encode_member_table(record: MemberTable) -> bytes:
    """The file, tag E1."""
    return encode_tlv(TAG_TABLE, b"".join(_encode_row(row) for row in record.rows))


def decode_member_table(data: bytes) -> MemberTable:
    """The members in that file."""
    try:
        record = MemberTable(tuple(_decode_row(row) for row in decode_tlv_one(data).children()))
    except (TlvError, UnicodeDecodeError) as error:
        raise DataGroupRefused("the member table cannot be read") from error
    if encode_member_table(record) != data:
        raise DataGroupRefused("the member table is not in its one encoding")
    return record


def _encode_row(row: MemberRow) -> bytes:
    values = (
        bytes((row.index,)),
        row.person_id.encode("ascii"),
        row.name.encode("utf-8"),
        encode_birth_date(row.born),
        row.sex.value.encode("ascii"),
        bytes((_ROLE_TO_CODE[row.role],)),
        bytes(row.fingers),
        bytes((row.has_photo,)),
    )
    pairs = zip(_ROW_TAGS, values, strict=True)
    return encode_tlv(TAG_ROW, b"".join(encode_tlv(tag, value) for tag, value in pairs))


def _decode_row(row: Tlv) -> MemberRow:
    fields = row.children()
    if row.tag != TAG_ROW or tuple(field.tag for field in fields) != _ROW_TAGS:
        raise DataGroupRefused("a member row has other fields than expected")
    index, person, name, birth, sex, role, fingers, photo = (field.value for field in fields)
    if len(index) != 1 or len(role) != 1 or role[0] not in _CODE_TO_ROLE or photo not in (b"\x00", b"\x01"):
        raise DataGroupRefused("a member row has a field of unknown meaning")
    try:
        return MemberRow(
            index=index[0],
            person_id=PersonId(person.decode("ascii")),
            name=name.decode("utf-8"),
            born=decode_birth_date(birth),
            sex=Sex(sex.decode("ascii")),
            role=_CODE_TO_ROLE[role[0]],
            fingers=tuple(FingerPosition(position) for position in fingers),
            has_photo=photo == b"\x01",
        )
    except ValueError as error:
        raise DataGroupRefused("a member row has an unknown sex or finger") from error
