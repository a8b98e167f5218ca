"""A page of an area's fingers for one desk: only its own area, only where that is allowed, sealed, and noted."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from central_api.access.repository import KnownKiosk
from central_api.area_gallery import repository
from central_api.area_gallery.repository import Numbered
from central_api.context import Registry
from central_api.duplicates.repository import list_known
from central_api.errors import MalformedRequest, RequestRefused
from central_api.households.service import PurposeOfReading, read_fingers
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.places.repository import list_areas
from central_api.settings import Settings
from domain.areas import Area, areas_within
from domain.ids import AreaCode, PersonId
from domain.messages.area_gallery import (
    CODE_NOT_ALLOWED,
    CODE_TOO_LARGE,
    AreaGalleryContent,
    AreaGalleryPage,
    AreaGalleryRequest,
    AreaPerson,
    sealing_info,
)

#: A page of them is opened, sealed, sent and filed in well under a second.
PEOPLE_A_PAGE = 200
_SCOPE_CHARACTERS = 32
_PURPOSE = PurposeOfReading.LOCAL_DUPLICATE_CHECK


class GalleryNotAllowed(RequestRefused):
    """The fingers of this desk's area may lie on no desk."""

    code = CODE_NOT_ALLOWED
    message_key = "error.area_gallery_not_allowed"
    status = HTTPStatus.FORBIDDEN


class GalleryTooLarge(RequestRefused):
    """The area has more people than one desk is given; ``limit`` says how many that is. Never a part of them:
    a desk would take it for the whole."""

    code = CODE_TOO_LARGE
    message_key = "error.area_gallery_too_large"
    status = HTTPStatus.FORBIDDEN


def give_page(
    transaction: Transaction, request: AreaGalleryRequest, kiosk: KnownKiosk, registry: Registry
) -> AreaGalleryPage:
    """What is new since the number that the desk names. Raises GalleryNotAllowed or GalleryTooLarge.

    A desk that held another area, or numbers that this registry never gave, begins at the beginning.
    """
    connection = transaction.connection
    areas = _areas_of(list_areas(connection), kiosk.area, registry.settings)
    scope = _scope(areas)
    is_first = request.scope != scope or not 0 < request.after <= repository.newest_number(connection)
    after = 0 if is_first else request.after
    news = repository.list_news(connection, areas, after=after, limit=PEOPLE_A_PAGE + 1)
    if is_first or len(news) <= PEOPLE_A_PAGE:
        repository.compare_with_register(connection, areas)
        news = repository.list_news(connection, areas, after=after, limit=PEOPLE_A_PAGE + 1)
    people = repository.count_people(connection, areas)
    if people > registry.settings.gallery_people:
        raise GalleryTooLarge("too many people for one desk", limit=registry.settings.gallery_people)
    page, is_last = news[:PEOPLE_A_PAGE], len(news) <= PEOPLE_A_PAGE
    cursor = page[-1].number if page else after
    content = _open(transaction, areas, page, kiosk, registry)
    return AreaGalleryPage(
        scope=scope,
        is_first=is_first,
        cursor=cursor,
        is_last=is_last,
        people=people,
        sealed=_seal(content, request.reply_key, sealing_info(kiosk.id, scope=scope, cursor=cursor)),
    )


def _areas_of(areas: Collection[Area], own: AreaCode, settings: Settings) -> frozenset[AreaCode]:
    """The desk's own area with all inside it, without places whose fingers may lie on no desk."""
    if settings.is_token_only or not settings.gallery_people:
        raise GalleryNotAllowed("no desk holds fingers here")
    barred = frozenset[AreaCode]().union(*(areas_within(areas, code) for code in settings.no_gallery_in))
    allowed = areas_within(areas, own) - barred
    if not allowed:
        raise GalleryNotAllowed("this area's fingers may lie on no desk")
    return allowed


def _scope(areas: Collection[AreaCode]) -> str:
    return hashlib.sha256("\n".join(sorted(areas)).encode()).hexdigest()[:_SCOPE_CHARACTERS]


def _open(
    transaction: Transaction,
    areas: Collection[AreaCode],
    news: list[Numbered],
    kiosk: KnownKiosk,
    registry: Registry,
) -> AreaGalleryContent:
    """As they are now, whatever the news was: a person who moved within the area is not gone."""
    wanted = sorted({each.person_id for each in news})
    held = repository.list_held(transaction.connection, areas, wanted)
    fingers = read_fingers(transaction, registry.vault, sorted(held), _PURPOSE, kiosk.id)
    known = {each.id: each for each in list_known(transaction.connection, sorted(held))}
    people = tuple(
        AreaPerson(
            person_id=person_id,
            household_id=known[person_id].household_id,
            name=known[person_id].name,
            sex=known[person_id].sex,
            birth_year=known[person_id].birth_year,
            area=area,
            fingers=tuple(finger.template for finger in fingers[person_id]),
        )
        for person_id, area in sorted(held.items())
    )
    gone = tuple(person_id for person_id in wanted if person_id not in held)
    if news:
        _note_page(transaction, kiosk, given=people, gone=gone)
    return AreaGalleryContent(people=people, gone=gone)


def _note_page(
    transaction: Transaction, kiosk: KnownKiosk, *, given: tuple[AreaPerson, ...], gone: tuple[PersonId, ...]
) -> None:
    """Which desk was given how many; each person has a line of their own besides."""
    line = AuditLine(
        stream=AuditStream.ACCESS,
        at=transaction.now,
        actor=kiosk.id,
        action="area_gallery.given",
        subject=f"kiosk:{kiosk.id}",
        purpose=_PURPOSE,
        details={"people": len(given), "gone": len(gone)},
    )
    transaction.note(line)


def _seal(content: AreaGalleryContent, reply_key: bytes, info: bytes) -> bytes:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    try:
        return suite.encrypt(content.model_dump_json().encode(), X25519PublicKey.from_public_bytes(reply_key), info)
    except ValueError as error:
        # Points of small order: nothing would be secret.
        raise MalformedRequest("not an X25519 public key", problems=1) from error
