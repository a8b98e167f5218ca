"""Fingers that were not taken stay known with the person, their photograph sealed, and every desk hears of them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from central_api.context import Registry
from central_api.fingers.exceptions import CODE_SIGNATURE, CODE_UNSIGNED
from central_api.fingers.exceptions_repository import list_exceptions
from central_api.operators.repository import add_operator
from central_api.reviews.repository import list_open_cases
from central_api.tables.fingers import hand_photos
from central_api.tables.journal import audit_lines, changes
from central_api.vault import SealedRecordBroken
from domain.events import EventKind
from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId
from domain.messages.enrolment import (
    ExceptionLasting,
    FingerExcepted,
    FingerException,
    HandPhoto,
    PersonCapture,
)
from domain.messages.fingers import FingersExcepted, FingersKnown, HandsPhotographed
from domain.messages.kiosks import Role
from domain.messages.routes import FINGER_EXCEPTIONS, HAND_PHOTO, SYNC_PULL
from domain.messages.sync import ChangeKind, PullAnswer
from domain.people import Household
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.fakes import START
from tests.api.people import make_family, make_submission, seal
from tests.api.registered import send_submission, state_of

HANDS = b"\xff\xd8\xff not real hands \xff\xd9"
THUMB, INDEX, LEFT = FingerPosition.RIGHT_THUMB, FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_INDEX
SECOND = OperatorId("op-second")
MISSING = FingerExcepted(position=THUMB, reason=FingerException.MISSING, lasting=ExceptionLasting.PERMANENT)
BANDAGED = FingerExcepted(position=INDEX, reason=FingerException.BANDAGED, attempts=2)
DECLINED = FingerExcepted(position=LEFT, reason=FingerException.DECLINED)


@pytest.fixture
def second(kiosk: TestKiosk, registry: Registry) -> OperatorId:
    """Another officer in office, of a family of her own."""
    family = make_family(AREA)
    send_submission(kiosk, family)
    with registry.begin() as transaction:
        for operator, member in zip((OperatorId("op-founding"), SECOND), family.members, strict=False):
            add_operator(transaction.connection, operator, member.person.id, Role.OFFICER, transaction.now)
    return SECOND


def register(kiosk: TestKiosk, **capture: Any) -> tuple[Household, str]:
    """A family of one whose only member's capture says that."""
    family = make_family(AREA)
    head = family.head.model_copy(
        update={
            "person": family.head.person.model_copy(
                update={"name": family.head.person.name.model_copy(update={"latin": "Zohra Bano", "local": "ज़ोहरा"})}
            )
        }
    )
    family = family.model_copy(update={"members": (head,)})
    submission = make_submission(family, kiosk.id, kiosk.now())
    changed = PersonCapture.model_validate({**submission.captures[0].model_dump(), **capture})
    submission = submission.model_copy(update={"captures": (changed,)})
    kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    return family, submission.submission_id


def lines_of(registry: Registry, person: PersonId) -> list[dict[str, Any]]:
    with registry.database.read() as connection:
        query = select(audit_lines.c.line).where(audit_lines.c.subject == f"person:{person}")
        return [json.loads(line) for line in connection.execute(query).scalars()]


def cases(registry: Registry) -> list[str]:
    with registry.database.read() as connection:
        return [case.reason for case in list_open_cases(connection, 9)]


def test_exceptions_and_the_hands_are_read_for_a_purpose_and_every_reading_is_on_record(
    kiosk: TestKiosk, registry: Registry, second: OperatorId
) -> None:
    family, capture_id = register(
        kiosk,
        excepted=(MISSING, BANDAGED, DECLINED),
        exception_photo=HANDS,
        hand_photo=HandPhoto.TAKEN,
        exceptions_signed_by=second,
    )
    person = family.head.person.id
    path = FINGER_EXCEPTIONS.format(person_id=person)
    assert kiosk.get(path).status_code == 422
    assert kiosk.get(FINGER_EXCEPTIONS.format(person_id="nobody"), purpose="serve").status_code == 404
    found = kiosk.ask(FingersExcepted, path, purpose="check_exception").exceptions
    assert [(each.position, each.reason, each.ends_on, each.signed_by, each.photo) for each in found] == [
        (THUMB, FingerException.MISSING, None, second, HandPhoto.TAKEN),
        (INDEX, FingerException.BANDAGED, START.date() + timedelta(days=30), second, HandPhoto.TAKEN),
        (LEFT, FingerException.DECLINED, START.date() + timedelta(days=90), None, None),
    ]
    hands = HAND_PHOTO.format(person_id=person, capture_id=capture_id)
    assert kiosk.get(hands, purpose="serve").status_code == 422, "nobody needs hands to serve"
    assert kiosk.ask(HandsPhotographed, hands, purpose="check_exception").jpeg == HANDS
    nobody = HAND_PHOTO.format(person_id=person, capture_id="another")
    assert kiosk.get(nobody, purpose="check_exception").status_code == 404
    read = [(line["action"], line["purpose"], line["actor"]) for line in lines_of(registry, person) if line["purpose"]]
    assert read == [
        ("finger_exceptions.read", "check_exception", kiosk.id),
        ("hand_photo.read", "check_exception", kiosk.id),
    ]
    assert cases(registry) == []


def test_the_photograph_is_sealed_and_opens_for_nobody_else(
    kiosk: TestKiosk, registry: Registry, second: OperatorId
) -> None:
    family, _ = register(
        kiosk, excepted=(MISSING,), exception_photo=HANDS, hand_photo=HandPhoto.TAKEN, exceptions_signed_by=second
    )
    with registry.begin() as transaction:
        (row,) = transaction.connection.execute(select(hand_photos)).all()
        assert HANDS[4:-3] not in row.sealed
        transaction.connection.execute(update(hand_photos).values(capture_id="moved"))
    path = HAND_PHOTO.format(person_id=family.head.person.id, capture_id="moved")
    answer = kiosk.get(path, purpose="check_exception")
    assert (answer.status_code, answer.json()["code"]) == (409, SealedRecordBroken.code)


def test_desks_hear_which_fingers_are_not_there_and_until_when_and_never_why(
    kiosk: TestKiosk, registry: Registry
) -> None:
    family, _ = register(kiosk, excepted=(MISSING, BANDAGED, DECLINED))
    told = [each for each in kiosk.ask(PullAnswer, SYNC_PULL).changes if each.kind is ChangeKind.FINGERS]
    (known,) = [FingersKnown.model_validate(each.payload) for each in told]
    assert known.person_id == family.head.person.id
    today = START.date()
    assert known.left_alone(on=today) == {THUMB, INDEX}
    assert known.left_alone(on=today + timedelta(days=29)) == {THUMB, INDEX}
    assert known.left_alone(on=today + timedelta(days=30)) == {THUMB}
    with registry.database.read() as connection:
        texts = [json.dumps(each) for each in connection.execute(select(changes.c.payload)).scalars()]
    assert not any(word in text for text in texts for word in ("missing", "bandaged", "declined"))


@pytest.mark.parametrize("signed_by", [None, "op-founding", "nobody-of-ours"])
def test_what_no_second_officer_signed_for_is_kept_and_somebody_looks_at_it(
    signed_by: str | None, kiosk: TestKiosk, registry: Registry, second: OperatorId
) -> None:
    family, _ = register(kiosk, excepted=(MISSING,), exceptions_signed_by=signed_by, hand_photo=HandPhoto.CAMERA_AWAY)
    assert cases(registry) == [CODE_UNSIGNED if signed_by is None else CODE_SIGNATURE]
    with registry.database.read() as connection:
        (kept,) = list_exceptions(connection, family.head.person.id)
    assert (kept.reason, kept.photo) == (FingerException.MISSING, HandPhoto.CAMERA_AWAY)


def test_a_child_too_young_is_asked_at_its_fifth_birthday(kiosk: TestKiosk, registry: Registry) -> None:
    family = make_family(AREA)
    submission = make_submission(family, kiosk.id, kiosk.now())
    child = next(each.person for each in family.members if each.person.born.on == date(2021, 8, 2))
    captures = tuple(
        each.model_copy(update={"exceptions": {"0": FingerException.TOO_YOUNG}}) if each.person_id == child.id else each
        for each in submission.captures
    )
    submission = submission.model_copy(update={"captures": captures})
    kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    with registry.database.read() as connection:
        (kept,) = list_exceptions(connection, child.id)
    assert (kept.position, kept.ends_on) == (FingerPosition.UNKNOWN, date(2026, 8, 2))


def test_hands_without_consent_are_refused_as_fingers_are(kiosk: TestKiosk, registry: Registry) -> None:
    family = make_family(AREA)
    submission = make_submission(family, kiosk.id, kiosk.now())
    head = family.head.person.id
    silent = tuple(each for each in submission.consents if each.person_id != head)
    captures = tuple(
        each.model_copy(update={"portrait": None, "exception_photo": HANDS}) if each.person_id == head else each
        for each in submission.captures
    )
    submission = submission.model_copy(update={"captures": captures, "consents": silent})
    kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    assert state_of(kiosk, submission).refusal == "enrolment.consent_missing"
    with registry.database.read() as connection:
        assert connection.execute(select(hand_photos)).first() is None
