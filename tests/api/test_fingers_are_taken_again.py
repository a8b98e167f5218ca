"""Fingers taken again at a desk: renewed when they are the person's own, else left for somebody to look at."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from central_api.cards.people_on_card import PeopleReader
from central_api.context import Registry
from central_api.enrolments.retaking import CODE_ANOTHER_PERSON, CODE_NONE_MATCHES, CODE_OWN_FINGERS
from central_api.fingers.exceptions_repository import find_photo, list_exceptions
from central_api.fingers.swaps import CODE_SWAPPED
from central_api.fingers.swaps_repository import list_swaps
from central_api.fingers.telling import read_known
from central_api.households.service import PurposeOfReading, read_fingers
from central_api.operators.repository import add_operator
from central_api.reviews.repository import list_open_cases
from central_api.tables.journal import audit_lines
from central_api.tables.people import consents
from domain.events import EventKind
from domain.finger_swaps import SwappedPair
from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId
from domain.messages.enrolment import (
    ExceptionLasting,
    FingerExcepted,
    FingerException,
    FingerRecord,
    HandPhoto,
    PersonCapture,
)
from domain.messages.fingers import HPKE_INFO_FINGERS, FingersRetaken, SealedFingers
from domain.messages.kiosks import Role
from domain.messages.sync import EventAnswer, EventVerdict
from domain.people import Household
from domain.verification import VerifiedBy
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.fakes import Clock
from tests.api.people import make_family, make_finger, seal_bytes
from tests.api.registered import TestCard, add_card, send_submission

RIGHT, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB
INDEX, OTHER_INDEX = FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX


def given(*fingers: tuple[int, FingerPosition], quality: int = 70) -> tuple[FingerRecord, ...]:
    """The same number is the same finger."""
    return tuple(
        make_finger(seed, position).model_copy(update={"rank": rank, "quality": quality})
        for rank, (seed, position) in enumerate(fingers, start=1)
    )


@pytest.fixture
def family(kiosk: TestKiosk) -> Household:
    """A mother with two thumbs on record, and a father with his."""
    family = make_family(AREA)
    mother, father = family.members[0].person.id, family.members[1].person.id
    send_submission(
        kiosk, family, {mother: given((1, RIGHT), (2, LEFT)), father: given((7, RIGHT), (8, LEFT), (9, INDEX))}
    )
    return family


@pytest.fixture
def card(kiosk: TestKiosk, registry: Registry, family: Household) -> TestCard:
    return add_card(registry, kiosk, family)


def retake(kiosk: TestKiosk, card: TestCard, person: PersonId, **changes: Any) -> EventAnswer:
    capture = PersonCapture(person_id=person, portrait=None, **changes.pop("capture", {}))
    content = FingersRetaken(
        capture_id="R-1",
        kiosk_id=kiosk.id,
        operator_id=OperatorId("op-founding"),
        card_number=card.number,
        verified_by=VerifiedBy.FINGER,
        capture=capture,
        captured_at=kiosk.now(),
    ).model_copy(update=changes.pop("content", {}))
    plain = content.model_dump_json().encode()
    sealed = SealedFingers(
        capture_id="R-1",
        person_id=person,
        sealed=seal_bytes(plain, kiosk.bundle().enrolment_key, HPKE_INFO_FINGERS + b"R-1"),
        content_sha256=hashlib.sha256(plain).hexdigest(),
    )
    return kiosk.tell(EventKind.FINGERS_RETAKEN, sealed.model_copy(update=changes), "op-founding")


def held(registry: Registry, person: PersonId) -> dict[FingerPosition, tuple[bytes, int]]:
    with registry.begin() as transaction:
        found = read_fingers(transaction, registry.vault, [person], PurposeOfReading.ISSUE_CARD, "test")
    return {each.position: (each.template, each.quality) for each in found.get(person, [])}


def as_held(fingers: tuple[FingerRecord, ...]) -> dict[FingerPosition, tuple[bytes, int]]:
    return {each.position: (each.template, each.quality) for each in fingers}


def cases(registry: Registry) -> set[str]:
    with registry.database.read() as connection:
        return {case.reason for case in list_open_cases(connection, 9)} - {"enrolment.operator_unknown"}


def test_newer_fingers_take_the_place_of_older_ones_and_new_ones_join_them(
    kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard
) -> None:
    person = family.head.person.id
    fresh = given((1, RIGHT), (3, INDEX), quality=90)
    answer = retake(kiosk, card, person, capture={"fingers": fresh})
    assert (answer.verdict, answer.code) == (EventVerdict.ACCEPTED, None)
    assert held(registry, person) == as_held(given((2, LEFT))) | as_held(fresh)
    with registry.database.read() as connection:
        assert read_known(connection, person).order == (RIGHT, INDEX, LEFT), "ranked together, the best first"
        query = select(audit_lines.c.line).where(audit_lines.c.subject == f"person:{person}")
        lines = [json.loads(line) for line in connection.execute(query).scalars()]
        bodies = connection.execute(text("SELECT body FROM events WHERE kind = 'fingers.retaken'")).scalars().all()
    assert [line["details"]["renewed"] for line in lines if line["action"] == "fingers.retaken"] == [2]
    assert ("fingers.read", "renew_fingers") in {(line["action"], line["purpose"]) for line in lines}
    assert '"sealed"' not in bodies[0], "the sealed fingers do not live on in the journal"


def test_what_cannot_be_given_any_more_is_kept_with_the_hands_and_what_comes_back_is_excepted_no_more(
    kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard, clock: Clock
) -> None:
    person = family.head.person.id
    bandaged = FingerExcepted(position=INDEX, reason=FingerException.BANDAGED)
    gone = FingerExcepted(position=LEFT, reason=FingerException.MISSING, lasting=ExceptionLasting.PERMANENT)
    capture = {
        "fingers": given((1, RIGHT)),
        "excepted": (bandaged,),
        "exception_photo": b"\xff\xd8 hands",
        "hand_photo": HandPhoto.TAKEN,
    }
    retake(kiosk, card, person, capture=capture)
    with registry.database.read() as connection:
        assert [each.position for each in list_exceptions(connection, person)] == [INDEX]
        assert find_photo(connection, person, "R-1") is not None
        assert [each.position for each in read_known(connection, person).not_there] == [INDEX]
    clock.pass_time(timedelta(days=29))
    retake(kiosk, card, person, capture={"fingers": given((1, RIGHT))})
    with registry.database.read() as connection:
        assert [each.position for each in list_exceptions(connection, person)] == [INDEX], "not yet over"
    clock.pass_time(timedelta(days=2))
    retake(kiosk, card, person, capture={"fingers": given((1, RIGHT))})
    with registry.database.read() as connection:
        assert list_exceptions(connection, person) == [], "it could have been given"
    retake(kiosk, card, person, capture={**capture, "excepted": (gone,)})
    with registry.database.read() as connection:
        assert [each.position for each in list_exceptions(connection, person)] == [LEFT]
    with registry.begin() as transaction:
        members = PeopleReader(transaction, registry.vault, kiosk.id).household_members(family.id)
    assert members[0].fingers == (RIGHT,), "the next card has no room for a finger that is not there"
    clock.pass_time(timedelta(days=1))
    retake(kiosk, card, person, capture={"fingers": given((1, RIGHT), (2, LEFT))})
    with registry.database.read() as connection:
        assert list_exceptions(connection, person) == []
        assert read_known(connection, person).not_there == ()


def test_fingers_of_somebody_else_change_nothing_and_are_looked_at(
    kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard
) -> None:
    person = family.head.person.id
    before = held(registry, person)
    strange = retake(kiosk, card, person, capture={"fingers": given((20, RIGHT), (21, LEFT))})
    assert (strange.verdict, strange.code) == (EventVerdict.ACCEPTED, CODE_NONE_MATCHES)
    fathers = retake(kiosk, card, person, capture={"fingers": given((1, RIGHT), (8, LEFT), (9, INDEX))})
    assert fathers.code == CODE_ANOTHER_PERSON, "one finger of hers does not carry two of his"
    assert held(registry, person) == before
    assert cases(registry) == {CODE_NONE_MATCHES, CODE_ANOTHER_PERSON}


def test_an_officer_does_not_renew_their_own_fingers(
    kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard
) -> None:
    person = family.head.person.id
    with registry.begin() as transaction:
        add_operator(transaction.connection, OperatorId("op-founding"), person, Role.OFFICER, transaction.now)
    before = held(registry, person)
    assert retake(kiosk, card, person, capture={"fingers": given((1, RIGHT), quality=90)}).code == CODE_OWN_FINGERS
    assert held(registry, person) == before


def test_a_finger_under_another_name_is_left_out_and_kept_for_another_officer_to_decide(
    kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard
) -> None:
    person = family.head.person.id
    answer = retake(kiosk, card, person, capture={"fingers": given((1, LEFT), (2, RIGHT), (3, INDEX), quality=90)})
    assert answer.code is None
    assert held(registry, person) == as_held(given((1, RIGHT), (2, LEFT))) | as_held(given((3, INDEX), quality=90))
    with registry.database.read() as connection:
        pairs = {swap.pair for swap in list_swaps(connection, "R-1", person)}
    assert pairs == {SwappedPair(given_as=LEFT, known_as=RIGHT), SwappedPair(given_as=RIGHT, known_as=LEFT)}
    assert cases(registry) == {CODE_SWAPPED}


def test_somebody_without_fingers_on_record_may_give_the_first_ones(
    kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard
) -> None:
    daughter = family.members[4].person.id
    first = given((31, RIGHT), (32, LEFT))
    assert retake(kiosk, card, daughter, capture={"fingers": first}).code is None
    assert held(registry, daughter) == as_held(first)
    with registry.database.read() as connection:
        assert read_known(connection, daughter).order == (RIGHT, LEFT)


@pytest.mark.parametrize("case", ["other hash", "other person", "other kiosk", "other card", "no consent", "twice"])
def test_what_is_not_in_order_is_rejected_and_changes_nothing(
    case: str, kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard
) -> None:
    person = family.head.person.id
    before = held(registry, person)
    changes: dict[str, Any] = {
        "other hash": {"content_sha256": "0" * 64},
        "other person": {"person_id": family.members[1].person.id},
        "other kiosk": {"content": {"kiosk_id": "K-999"}},
        "other card": {"content": {"card_number": "0" * 9}},
        "twice": {"capture": {"fingers": (*given((1, RIGHT)), *given((2, RIGHT)))}},
    }.get(case, {})
    if case == "no consent":
        with registry.begin() as transaction:
            transaction.connection.execute(update(consents).values(withdrawn_at=transaction.now))
    answer = retake(kiosk, card, person, **{"capture": {"fingers": given((1, RIGHT), quality=90)}, **changes})
    assert answer.verdict is EventVerdict.REJECTED
    assert held(registry, person) == before


def test_the_same_fingers_in_another_event_change_nothing_more(
    kiosk: TestKiosk, registry: Registry, family: Household, card: TestCard
) -> None:
    person = family.head.person.id
    capture = {"fingers": given((1, LEFT), (2, RIGHT), (3, INDEX)), "exception_photo": b"\xff\xd8 hands"}
    for _ in range(2):
        assert retake(kiosk, card, person, capture=capture).code is None
    assert set(held(registry, person)) == {RIGHT, LEFT, INDEX}
