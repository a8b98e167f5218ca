"""The people of a card as the issuer wants them: a household's members, the head first, or one operator."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image

from biometrics.errors import TemplateUnencodable
from biometrics.iso19794 import decode_record, encode_record
from biometrics.template import Template
from card_service.card_order import CardMember
from card_service.data_groups import DataGroupRefused
from card_service.data_groups.dg2 import MAX_PORTRAIT_BYTES, jpeg_size_px
from card_service.data_groups.member_table import MAX_FINGERS
from card_service.layout import MAX_MEMBERS, template_file
from central_api.cards.card_photograph import shrink_photograph
from central_api.errors import NotFound
from central_api.fingers.telling import read_known
from central_api.households.repository import find_household, find_person
from central_api.households.service import OpenFinger, PurposeOfReading, note_reading, read_fingers, read_portrait
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator, get_person_of
from central_api.vault import Vault
from domain.ids import HouseholdId, OperatorId, PersonId
from domain.people import Member, Relationship

_NO_PORTRAIT_SIZE_PX = (96, 120)
_NO_PORTRAIT_COLOUR = "#B8BEC4"
_HOLDER_INDEX = 1


@dataclass(frozen=True, slots=True)
class PeopleReader:
    """Reads people for a card on behalf of a kiosk; each reading leaves a line in the access log."""

    transaction: Transaction
    vault: Vault
    kiosk_id: str

    def household_members(self, household_id: HouseholdId, *, only: PersonId | None = None) -> tuple[CardMember, ...]:
        """Up to eight members, the head first; or ``only`` that one, as holder. Raises NotFound."""
        household = find_household(self.transaction.connection, household_id)
        if household is None:
            raise NotFound("household")
        self._note(f"household:{household_id}", "household.read")
        # The sort keeps the order of registration among the others.
        members = sorted(household.members, key=lambda member: member.relationship is not Relationship.HEAD)
        if only is not None:
            members = [member for member in members if member.person.id == only]
            if not members:
                raise NotFound("person")
        return self._with_biometrics(members[:MAX_MEMBERS])

    def operator(self, operator_id: OperatorId) -> tuple[CardMember, ...]:
        """The operator alone. Raises NotFound for an unknown or dismissed one."""
        connection = self.transaction.connection
        entry = find_operator(connection, operator_id)
        if entry is None or not entry.is_active:
            raise NotFound("operator")
        person = find_person(connection, get_person_of(connection, operator_id))
        if person is None:
            raise NotFound("person")
        return self._with_biometrics([Member(person=person, relationship=Relationship.HEAD)])

    def _with_biometrics(self, members: Sequence[Member]) -> tuple[CardMember, ...]:
        ids = [member.person.id for member in members]
        fingers = read_fingers(self.transaction, self.vault, ids, PurposeOfReading.ISSUE_CARD, self.kiosk_id)
        return tuple(
            self._card_member(member, fingers.get(member.person.id, []), is_holder=index == _HOLDER_INDEX)
            for index, member in enumerate(members, start=_HOLDER_INDEX)
        )

    def _card_member(self, member: Member, fingers: Sequence[OpenFinger], *, is_holder: bool) -> CardMember:
        person = member.person
        portrait = read_portrait(self.transaction, self.vault, person.id, PurposeOfReading.ISSUE_CARD, self.kiosk_id)
        if portrait is not None and not is_holder:
            portrait = shrink_photograph(portrait)
        templates = _templates_for_card(self._that_can_be_given(person.id, fingers))
        return CardMember(
            person_id=person.id,
            name=person.name,
            born=person.born,
            sex=person.sex,
            role=member.relationship,
            fingers=tuple(template.position for template in templates),
            finger_record=encode_record(templates) if templates else None,
            portrait_jpeg=portrait if portrait is not None and _fits_on_card(portrait) else None,
        )

    def _that_can_be_given(self, person_id: PersonId, fingers: Sequence[OpenFinger]) -> Sequence[OpenFinger]:
        """A card has room for four: none for a finger that is not there now, unless no other is left."""
        known = read_known(self.transaction.connection, person_id)
        away = known.left_alone(on=self.transaction.now.date())
        return [finger for finger in fingers if finger.position not in away] or fingers

    def _note(self, subject: str, action: str) -> None:
        note_reading(self.transaction, subject, PurposeOfReading.ISSUE_CARD, self.kiosk_id, action)


def make_neutral_portrait() -> bytes:
    """A plain grey JPEG: DG2 must hold a picture, also where none could be taken."""
    stream = io.BytesIO()
    Image.new("RGB", _NO_PORTRAIT_SIZE_PX, _NO_PORTRAIT_COLOUR).save(stream, "JPEG", quality=60)
    return stream.getvalue()


def _templates_for_card(fingers: Sequence[OpenFinger]) -> list[Template]:
    """Up to four fingers in rank order, as many as one file of the card holds."""
    templates = [
        replace(decode_record(finger.template)[0], position=finger.position) for finger in fingers[:MAX_FINGERS]
    ]
    while templates and not _fits_in_file(templates):
        templates.pop()
    return templates


def _fits_in_file(templates: Sequence[Template]) -> bool:
    try:
        return len(encode_record(templates)) <= template_file(_HOLDER_INDEX).size_bytes
    except TemplateUnencodable:
        return False


def _fits_on_card(portrait: bytes) -> bool:
    try:
        jpeg_size_px(portrait)
    except DataGroupRefused:
        return False
    return len(portrait) <= MAX_PORTRAIT_BYTES
