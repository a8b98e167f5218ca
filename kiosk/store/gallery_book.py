"""What the kiosk keeps beside the gallery of its area: where it lies, who is in it, and what it sent itself."""

from __future__ import annotations

import secrets
from datetime import datetime

from pydantic import Field

from domain.ids import AreaCode, HouseholdId, PersonId, SubmissionId
from domain.messages.area_gallery import AreaPerson
from domain.messages.local_check import NotChecked
from domain.people import PersonName, Sex
from domain.record import Record

#: A desk with one of these holds no finger at all, not even of its own registrations.
HOLDS_NOTHING = frozenset({NotChecked.NOT_ALLOWED, NotChecked.RETIRED})
KEY_BYTES = 32
_FOLDER_BYTES = 8


class GalleryBook(Record):
    """One gallery from its beginning to its end. Its key lies only here: a new book makes the old files noise."""

    #: Name of its directory.
    folder: str
    key: bytes = Field(repr=False)
    #: What the registry's last page said.
    scope: str = ""
    cursor: int = 0
    people: int = 0
    #: When the registry last said that there is nothing more; None: never since the beginning.
    whole_at: datetime | None = None
    #: Why the area is not in it.
    lack: NotChecked | None = NotChecked.NO_GALLERY
    #: The people of the gallery before are still being forgotten.
    is_clearing: bool = False


class Neighbour(Record):
    """Somebody of the gallery, as far as a desk knows."""

    person_id: PersonId
    household_id: HouseholdId
    name: PersonName
    sex: Sex
    birth_year: int
    area: AreaCode


class OwnPerson(Record):
    """Somebody registered at this desk."""

    who: Neighbour
    portrait: bytes | None = Field(default=None, repr=False)
    #: ISO/IEC 19794-2 records.
    fingers: tuple[bytes, ...] = Field(repr=False)


class OwnRegistration(Record):
    """A registration of this desk, until the registry has decided it and the feed has caught up."""

    submission_id: SubmissionId
    sent_at: datetime
    people: tuple[OwnPerson, ...] = Field(repr=False)
    #: The registry registered or refused it.
    is_decided: bool = False


def new_book(lack: NotChecked | None = NotChecked.NO_GALLERY) -> GalleryBook:
    """The book of an empty gallery that was never there."""
    return GalleryBook(folder=secrets.token_hex(_FOLDER_BYTES), key=secrets.token_bytes(KEY_BYTES), lack=lack)


def neighbour_of(person: AreaPerson) -> Neighbour:
    return Neighbour.model_validate(person.model_dump(exclude={"fingers"}))
