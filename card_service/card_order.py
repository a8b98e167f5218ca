"""An approved order: everything that the registry decided about one card before a key signs anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from card_service.data_groups import MemberRow, MemberTable, encode_member_table
from card_service.data_groups.births import for_card
from card_service.data_groups.dg2 import MAX_PORTRAIT_BYTES, jpeg_size_px
from card_service.data_groups.dg11 import MAX_NAME_BYTES as MAX_HOLDER_NAME_BYTES
from card_service.data_groups.member_table import MAX_NAME_BYTES
from card_service.data_groups.mrz import fit_name
from card_service.ecdsa_raw import load_point
from card_service.layout import MAX_MEMBERS, MEMBERS, CardFile, photo_file, template_file
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.errors import ProjectError
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, OrderId, PersonId
from domain.people import BirthDate, PersonName, Relationship, Sex

CAN_DIGITS = 6
HOLDER_INDEX = 1


class OrderUnfit(ProjectError):
    """No card can be made of this order; ``problem`` says why, for the screen."""

    code = "issuing.order_unfit"
    message_key = "error.issuing_order_unfit"

    def __init__(self, problem: str) -> None:
        super().__init__(problem, problem=problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class ChipKeys:
    """The two points (65 bytes) that the chip generated: chip authentication, and receipts."""

    ca_point: bytes
    receipt_point: bytes

    def __post_init__(self) -> None:
        for point in (self.ca_point, self.receipt_point):
            try:
                load_point(point)
            except ValueError as error:
                raise OrderUnfit("order.chip_key_wrong") from error
        if self.ca_point == self.receipt_point:
            raise OrderUnfit("order.chip_keys_equal")


@dataclass(frozen=True, slots=True)
class CardMember:
    """One member of the household, or the operator.

    ``finger_record`` is one ISO/IEC 19794-2 record with a view for each of ``fingers``, in rank order; None without
    fingers. ``portrait_jpeg`` has at most 5 KiB.
    """

    person_id: PersonId
    name: PersonName
    born: BirthDate
    sex: Sex
    role: Relationship
    fingers: tuple[FingerPosition, ...] = ()
    finger_record: bytes | None = None
    portrait_jpeg: bytes | None = None

    def __post_init__(self) -> None:
        if bool(self.fingers) != (self.finger_record is not None):
            raise OrderUnfit("order.fingers_and_templates_differ")
        if self.portrait_jpeg is not None:
            if len(self.portrait_jpeg) > MAX_PORTRAIT_BYTES:
                raise OrderUnfit("order.portrait_too_large")
            jpeg_size_px(self.portrait_jpeg)


@dataclass(frozen=True, slots=True)
class CardOrder:
    """``members`` in card order, the holder first. ``household_id`` is the operator's id on an officer's card."""

    order_id: OrderId
    card_number: CardNumber
    can: str
    profile: CardProfile
    household_id: HouseholdId
    issue_number: int
    members: tuple[CardMember, ...]
    chip: ChipKeys
    ordered_at: datetime
    valid_until: date
    #: Stands for the holder's portrait when there is none: DG2 must hold a picture.
    no_portrait_jpeg: bytes = b""

    def __post_init__(self) -> None:
        if not 1 <= len(self.members) <= MAX_MEMBERS:
            raise OrderUnfit("order.members_1_to_8")
        if len(self.can) != CAN_DIGITS or not (self.can.isascii() and self.can.isdecimal()):
            raise OrderUnfit("order.can_wrong")
        if not all(fit_name(member.name.latin) for member in self.members):
            raise OrderUnfit("order.latin_name_missing")
        if any(len(name.encode("utf-8")) > MAX_HOLDER_NAME_BYTES for name in self._holder_names()):
            raise OrderUnfit("order.name_too_long")
        if self.valid_until <= self.ordered_at.date():
            raise OrderUnfit("order.expired")
        if not (self.holder.portrait_jpeg or self.no_portrait_jpeg):
            raise OrderUnfit("order.portrait_missing")

    @property
    def holder(self) -> CardMember:
        return self.members[0]

    def _holder_names(self) -> tuple[str, str]:
        return self.holder.name.local, self.holder.name.latin

    @property
    def holder_portrait_jpeg(self) -> bytes:
        return self.holder.portrait_jpeg or self.no_portrait_jpeg

    def social_protection_files(self) -> dict[CardFile, bytes]:
        """Member table, templates and photographs: the files that DG13 anchors."""
        files = {MEMBERS: self._member_table()}
        for index, member in enumerate(self.members, start=HOLDER_INDEX):
            if member.finger_record is not None:
                files[template_file(index)] = member.finger_record
            if member.portrait_jpeg is not None and index != HOLDER_INDEX:
                files[photo_file(index)] = member.portrait_jpeg
        too_large = [file.name for file, content in files.items() if len(content) > file.size_bytes]
        if too_large:
            raise OrderUnfit("order.file_too_large")
        return files

    def _member_table(self) -> bytes:
        """Names as people write them; in Latin letters, which take less room, when those do not fit."""
        local = [member.name.local for member in self.members]
        if all(len(name.encode("utf-8")) <= MAX_NAME_BYTES for name in local):
            table = self._encode_members(local)
            if len(table) <= MEMBERS.size_bytes:
                return table
        return self._encode_members([fit_name(member.name.latin) for member in self.members])

    def _encode_members(self, names: Sequence[str]) -> bytes:
        rows = [
            MemberRow(
                index=index,
                person_id=member.person_id,
                name=name,
                born=for_card(member.born),
                sex=member.sex,
                role=member.role,
                fingers=member.fingers,
                has_photo=member.portrait_jpeg is not None,
            )
            for index, (member, name) in enumerate(zip(self.members, names, strict=True), start=HOLDER_INDEX)
        ]
        return encode_member_table(MemberTable(tuple(rows)))
