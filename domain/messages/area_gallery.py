"""The fingers of an area for its desks: minutiae only, sealed to the asking desk, followed by number."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from domain.ids import AreaCode, HouseholdId, PersonId
from domain.people import PersonName, Sex
from domain.record import Record

#: POST AreaGalleryRequest -> AreaGalleryPage.
AREA_GALLERY = "/v1/area-gallery"
#: HPKE (RFC 9180) suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.
HPKE_INFO_AREA_GALLERY = b"single-window/area-gallery/1/"
#: Refusals after which a desk holds nobody's fingers: it was taken out of service, its area may hold none, or too many.
CODE_KIOSK_RETIRED = "kiosk.retired"
CODE_NOT_ALLOWED = "area_gallery.not_allowed"
CODE_TOO_LARGE = "area_gallery.too_large"
KEY_BYTES = 32


class GalleryPurpose(StrEnum):
    """What the fingers of an area may be asked for."""

    LOCAL_DUPLICATE_CHECK = "local_duplicate_check"


class AreaGalleryRequest(Record):
    """What follows ``after`` in the area ``scope``; both as the last page said, 0 and "" at first."""

    purpose: GalleryPurpose
    after: int = Field(ge=0, lt=2**63)
    scope: str = Field(default="", max_length=64)
    #: X25519 public key made for this one request: who records the answer and takes the desk later reads nothing.
    reply_key: bytes = Field(min_length=KEY_BYTES, max_length=KEY_BYTES)


class AreaPerson(Record):
    """Somebody of the area with exactly the fingers enrolled now: ISO/IEC 19794-2 records, never pictures."""

    person_id: PersonId
    household_id: HouseholdId
    name: PersonName
    sex: Sex
    birth_year: int
    area: AreaCode
    fingers: tuple[bytes, ...] = Field(repr=False)


class AreaGalleryContent(Record):
    """What is sealed. ``gone`` are to be forgotten: moved away, erased, dead, or their consent is withdrawn."""

    people: tuple[AreaPerson, ...]
    gone: tuple[PersonId, ...]


class AreaGalleryPage(Record):
    """``sealed`` is HPKE single-shot output (encapsulated key || ciphertext) of AreaGalleryContent's JSON to the
    reply key, with info = ``sealing_info(kiosk id, page)``."""

    #: Names the places that the page speaks of. Another one than before: forget everybody, this begins anew.
    scope: str
    #: The page begins at the beginning: forget everybody first.
    is_first: bool
    #: Ask again after this one.
    cursor: int
    is_last: bool
    #: Everybody whose fingers the area holds now, not only those of this page.
    people: int
    sealed: bytes


def sealing_info(kiosk_id: str, *, scope: str, cursor: int) -> bytes:
    """What a page is bound to: it cannot be played to another desk, or as another page."""
    return HPKE_INFO_AREA_GALLERY + f"{kiosk_id}/{scope}/{cursor}".encode()
