"""The fingers of an area for its desks: only theirs, sealed, whole, with everybody who went, and noted."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import replace
from datetime import date

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlalchemy import delete, func, insert, select, update

from central_api.app import create_app
from central_api.area_gallery import service
from central_api.context import Registry
from central_api.households.biometrics_repository import SealedFinger, add_finger
from central_api.journal.audit_chain import AuditStream
from central_api.kiosks.service import retire_kiosk
from central_api.tables.journal import audit_lines
from central_api.tables.people import consents, households, memberships, templates
from central_api.vault import template_place
from domain.consent import TOLD_OF_DESKS
from domain.fingers import FingerPosition
from domain.ids import AreaCode, HouseholdId, PersonId
from domain.messages.area_gallery import (
    AREA_GALLERY,
    AreaGalleryContent,
    AreaGalleryPage,
    AreaGalleryRequest,
    GalleryPurpose,
    sealing_info,
)
from domain.messages.sync import ErrorBody
from domain.people import Household, Member, Relationship, Sex
from kiosk.flows.enrol_consent import TEXT_VERSION
from tests.api.client import BASE_URL, AsgiBridge, TestKiosk
from tests.api.conftest import AREA, OTHER_AREA, NewKiosk
from tests.api.people import PORTRAIT, make_family, make_finger, make_person
from tests.api.registered import send_submission

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
BLOCK = "UT-01-01-02"


class Follower:
    """A desk that follows its area, as a dictionary of who it holds."""

    def __init__(self, kiosk: TestKiosk) -> None:
        self.kiosk = kiosk
        self.held: dict[PersonId, tuple[bytes, ...]] = {}
        self.scope, self.cursor, self.pages = "", 0, 0
        self.raw = b""

    def ask(self) -> tuple[AreaGalleryPage, AreaGalleryContent]:
        key = X25519PrivateKey.generate()
        request = AreaGalleryRequest(
            purpose=GalleryPurpose.LOCAL_DUPLICATE_CHECK,
            after=self.cursor,
            scope=self.scope,
            reply_key=key.public_key().public_bytes_raw(),
        )
        response = self.kiosk.post(AREA_GALLERY, request)
        assert response.status_code == 200, response.text
        self.raw = response.content
        page = AreaGalleryPage.model_validate_json(response.content)
        info = sealing_info(self.kiosk.id, scope=page.scope, cursor=page.cursor)
        return page, AreaGalleryContent.model_validate_json(SUITE.decrypt(page.sealed, key, info))

    def follow(self) -> dict[PersonId, tuple[bytes, ...]]:
        while True:
            page, content = self.ask()
            self.pages += 1
            if page.is_first:
                self.held = {}
            self.held |= {person.person_id: person.fingers for person in content.people}
            for gone in content.gone:
                self.held.pop(gone, None)
            self.scope, self.cursor = page.scope, page.cursor
            if page.is_last:
                return self.held


def refusal(kiosk: TestKiosk) -> str:
    request = AreaGalleryRequest(
        purpose=GalleryPurpose.LOCAL_DUPLICATE_CHECK,
        after=0,
        reply_key=X25519PrivateKey.generate().public_key().public_bytes_raw(),
    )
    return ErrorBody.model_validate_json(kiosk.post(AREA_GALLERY, request).content).code


#: Nobody is taken for anybody else by name and year.
NAMES = (
    "Asha Devi",
    "Bilal Khan",
    "Chetan Rao",
    "Deepa Nair",
    "Esther Paul",
    "Farida Begum",
    "Gopal Das",
    "Hema Malik",
)
_NUMBERS = itertools.count()


def enrol(kiosk: TestKiosk, area: str, *seeds: int) -> Household:
    """A household of that place in which everybody gives one finger."""
    family = make_family(area)
    members = []
    for seed in seeds:
        number = next(_NUMBERS)
        born = date(1930 + 9 * (number % 8), 3, 4)
        person = make_person(f"{NAMES[number % 8]} {number}", f"व्यक्ति {number}", sex=Sex.FEMALE, born=born)
        relationship = Relationship.NOT_RELATED if members else Relationship.HEAD
        members.append((Member(person=person, relationship=relationship), seed))
    family = family.model_copy(update={"members": tuple(member for member, _ in members)})
    send_submission(kiosk, family, {member.person.id: [make_finger(seed)] for member, seed in members})
    return family


def change(registry: Registry, *statements: object) -> None:
    with registry.database.begin() as connection:
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]


def give_fingers(registry: Registry, person_id: PersonId, seed: int) -> None:
    """Takes that person's fingers anew."""
    finger = make_finger(seed)
    place = template_place(person_id, finger.position)
    sealed = registry.vault.seal(finger.template, place)
    with registry.database.begin() as connection:
        connection.execute(delete(templates).where(templates.c.person_id == person_id))
        add_finger(connection, SealedFinger(person_id, FingerPosition(finger.position), 70, 1, sealed))


def test_a_desk_gets_the_fingers_of_its_area_and_of_no_other(new_kiosk: NewKiosk) -> None:
    here, there = new_kiosk(AREA), new_kiosk(OTHER_AREA)
    ours, theirs = enrol(here, AREA, 1, 2), enrol(here, OTHER_AREA, 3)
    mother, father = (member.person.id for member in ours.members[:2])
    assert Follower(here).follow() == {mother: (make_finger(1).template,), father: (make_finger(2).template,)}
    assert Follower(there).follow() == {theirs.head.person.id: (make_finger(3).template,)}


def test_a_desk_of_a_block_gets_its_villages(new_kiosk: NewKiosk) -> None:
    block = new_kiosk(BLOCK)
    family = enrol(block, AREA, 1)
    enrol(block, OTHER_AREA, 2)
    assert set(Follower(block).follow()) == {family.head.person.id}


def test_the_answer_holds_no_finger_no_name_and_no_picture_in_plain(kiosk: TestKiosk) -> None:
    enrol(kiosk, AREA, 1)
    follower = Follower(kiosk)
    follower.follow()
    template = make_finger(1).template
    sealed = AreaGalleryPage.model_validate_json(follower.raw).sealed
    for hidden in (template, template[:24], b"Asha", b"Devi", PORTRAIT, base64.b64encode(template)[:40]):
        assert hidden not in follower.raw
        assert hidden not in sealed
    _, content = Follower(kiosk).ask()
    assert PORTRAIT not in content.model_dump_json().encode()


def test_a_page_opens_for_nobody_but_the_request_that_asked_for_it(kiosk: TestKiosk) -> None:
    enrol(kiosk, AREA, 1)
    follower = Follower(kiosk)
    page, _ = follower.ask()
    info = sealing_info(kiosk.id, scope=page.scope, cursor=page.cursor)
    with pytest.raises(InvalidTag):
        SUITE.decrypt(page.sealed, X25519PrivateKey.generate(), info)


def test_it_comes_in_pages_that_may_be_asked_for_again(kiosk: TestKiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PEOPLE_A_PAGE", 2)
    enrol(kiosk, AREA, 1, 2, 3, 4, 5)
    follower = Follower(kiosk)
    first, again = follower.ask(), follower.ask()
    assert first[1] == again[1]
    assert not first[0].is_last
    assert len(follower.follow()) == 5
    assert follower.pages == 3
    assert len(Follower(kiosk).follow()) == 5


def test_only_what_is_new_comes_the_next_time(kiosk: TestKiosk) -> None:
    enrol(kiosk, AREA, 1, 2)
    follower = Follower(kiosk)
    follower.follow()
    _, nothing = follower.ask()
    assert (nothing.people, nothing.gone) == ((), ())
    second = enrol(kiosk, AREA, 3)
    _, content = follower.ask()
    assert [person.person_id for person in content.people] == [second.head.person.id]


def test_who_moved_away_died_took_the_consent_back_or_was_erased_is_gone(
    new_kiosk: NewKiosk, registry: Registry
) -> None:
    here, there = new_kiosk(AREA), new_kiosk(OTHER_AREA)
    moved, dead, silent, erased, stays = (enrol(here, AREA, seed) for seed in range(1, 6))
    follower, other = Follower(here), Follower(there)
    assert len(follower.follow()) == 5
    assert other.follow() == {}
    now = here.now()
    change(
        registry,
        update(households).where(households.c.id == moved.id).values(area=OTHER_AREA),
        update(memberships).where(memberships.c.person_id == dead.head.person.id).values(left_at=now),
        update(consents)
        .where(consents.c.person_id == silent.head.person.id, consents.c.purpose == "biometrics")
        .values(withdrawn_at=now),
        delete(templates).where(templates.c.person_id == erased.head.person.id),
    )
    _, content = follower.ask()
    assert set(content.gone) == {each.head.person.id for each in (moved, dead, silent, erased)}
    assert set(follower.follow()) == {stays.head.person.id}
    assert set(other.follow()) == {moved.head.person.id}


def test_who_was_not_told_that_desks_hold_fingers_is_given_to_none(kiosk: TestKiosk, registry: Registry) -> None:
    before, after = enrol(kiosk, AREA, 1), enrol(kiosk, AREA, 2)
    with registry.database.begin() as connection:
        is_it = consents.c.person_id == before.head.person.id
        for row in connection.execute(select(consents).where(is_it)).all():
            old = update(consents).where(is_it, consents.c.purpose == row.purpose)
            connection.execute(old.values(record={**row.record, "text_version": "consent/1"}))
    assert set(Follower(kiosk).follow()) == {after.head.person.id}


def test_the_wording_that_kiosks_read_out_tells_of_the_desks() -> None:
    assert TEXT_VERSION in TOLD_OF_DESKS


def test_who_moves_within_the_area_stays(new_kiosk: NewKiosk, registry: Registry) -> None:
    block = new_kiosk(BLOCK)
    family = enrol(block, AREA, 1)
    follower = Follower(block)
    follower.follow()
    next_village = "UT-01-01-02-001"
    change(registry, update(households).where(households.c.id == family.id).values(area=next_village))
    page, content = follower.ask()
    assert [person.area for person in content.people] == [next_village]
    assert content.gone == ()
    assert page.people == 1


def test_fingers_taken_anew_replace_the_old_ones(kiosk: TestKiosk, registry: Registry) -> None:
    mother = enrol(kiosk, AREA, 1).head.person.id
    follower = Follower(kiosk)
    follower.follow()
    give_fingers(registry, mother, 9)
    assert follower.follow() == {mother: (make_finger(9).template,)}


def test_each_person_given_has_a_line_with_desk_and_purpose(kiosk: TestKiosk, registry: Registry) -> None:
    family = enrol(kiosk, AREA, 1, 2)
    follower = Follower(kiosk)
    follower.follow()
    follower.follow()
    people = [f"person:{member.person.id}" for member in family.members[:2]]
    with registry.database.read() as connection:
        query = select(audit_lines.c.line).where(audit_lines.c.stream == AuditStream.ACCESS)
        lines = [json.loads(line) for line in connection.execute(query).scalars()]
    given = [line for line in lines if line["purpose"] == "local_duplicate_check"]
    read = [line for line in given if line["action"] == "fingers.read"]
    assert sorted(line["subject"] for line in read) == sorted(people)
    assert {line["actor"] for line in given} == {kiosk.id}
    (page,) = [line for line in given if line["action"] == "area_gallery.given"]
    assert page["details"] == {"people": 2, "gone": 0}


def test_a_desk_out_of_service_gets_nothing_and_is_told_so(kiosk: TestKiosk, registry: Registry) -> None:
    enrol(kiosk, AREA, 1)
    with registry.begin() as transaction:
        retire_kiosk(transaction, kiosk.id)
    assert refusal(kiosk) == "kiosk.retired"
    stranger = TestKiosk(kiosk.client, kiosk.now)
    stranger.id = kiosk.id
    assert refusal(stranger) == "err.request.unauthorized", "said only to who proves to be that desk"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gallery_people": 0}, "area_gallery.not_allowed"),
        ({"is_token_only": True}, "area_gallery.not_allowed"),
        ({"no_gallery_in": frozenset({AreaCode(BLOCK)})}, "area_gallery.not_allowed"),
        ({"gallery_people": 1}, "area_gallery.too_large"),
    ],
)
def test_an_area_that_may_hold_none_or_has_too_many_gets_none(
    changes: dict[str, object], code: str, kiosk: TestKiosk, registry: Registry, client: httpx.Client
) -> None:
    enrol(kiosk, AREA, 1, 2)
    settings = replace(registry.settings, **changes)  # type: ignore[arg-type]
    bridge = kiosk.client._transport
    assert isinstance(bridge, AsgiBridge)
    app = create_app(replace(registry, settings=settings))
    with httpx.Client(transport=AsgiBridge(app, bridge._portal), base_url=BASE_URL) as strict:
        kiosk.client = strict
        assert refusal(kiosk) == code
    kiosk.client = client


def test_a_place_inside_that_may_hold_none_is_left_out_and_the_desk_begins_anew(
    new_kiosk: NewKiosk, registry: Registry, client: httpx.Client
) -> None:
    block = new_kiosk(BLOCK)
    enrol(block, AREA, 1)
    other = enrol(block, "UT-01-01-02-001", 2)
    follower = Follower(block)
    assert len(follower.follow()) == 2
    bridge = client._transport
    assert isinstance(bridge, AsgiBridge)
    settings = replace(registry.settings, no_gallery_in=frozenset({AreaCode(AREA)}))
    app = create_app(replace(registry, settings=settings))
    with httpx.Client(transport=AsgiBridge(app, bridge._portal), base_url=BASE_URL) as strict:
        block.client = strict
        assert set(follower.follow()) == {other.head.person.id}
    block.client = client


def test_a_number_that_was_never_given_begins_anew(kiosk: TestKiosk) -> None:
    enrol(kiosk, AREA, 1)
    follower = Follower(kiosk)
    follower.follow()
    follower.cursor = 10**6
    page, content = follower.ask()
    assert page.is_first
    assert len(content.people) == 1


def test_what_makes_no_sense_is_refused(kiosk: TestKiosk) -> None:
    for body in (b"{}", b'{"purpose":"curiosity","after":0,"reply_key":"AAAA"}'):
        request = kiosk.client.build_request(
            "POST", AREA_GALLERY, content=body, headers={"content-type": "application/json"}
        )
        assert kiosk.client.send(kiosk.sign(request)).status_code == 422
    zero = AreaGalleryRequest(purpose=GalleryPurpose.LOCAL_DUPLICATE_CHECK, after=0, reply_key=bytes(32))
    assert kiosk.post(AREA_GALLERY, zero).status_code == 422


def test_a_person_in_two_households_of_the_area_is_held_once(kiosk: TestKiosk, registry: Registry) -> None:
    first, second = enrol(kiosk, AREA, 1), enrol(kiosk, AREA, 2)
    mother = first.head.person.id
    row = {"household_id": HouseholdId(second.id), "person_id": mother, "relationship": "parent", "position": 9}
    change(registry, insert(memberships).values(joined_at=kiosk.now(), **row))
    held = Follower(kiosk).follow()
    assert held[mother] == (make_finger(1).template,)
    assert len(held) == 2
    with registry.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(memberships)).scalar_one() == 3
