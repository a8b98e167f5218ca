"""Invented families and their registrations."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from biometrics.iso19794 import encode_record
from biometrics.template import Minutia, MinutiaKind, Template
from central_api.enrolments.sealed_submission import enrolment_suite
from domain.consent import Consent, ConsentMark, ConsentPurpose
from domain.fingers import FingerPosition
from domain.ids import AreaCode, HouseholdId, KioskId, OperatorId, PersonId, SubmissionId
from domain.messages.enrolment import (
    HPKE_INFO_ENROLMENT,
    EnrolmentSubmission,
    FingerRecord,
    PersonCapture,
    SealedEnrolment,
)
from domain.people import BirthDate, BirthPrecision, Household, Member, Person, PersonName, Relationship, Sex

PORTRAIT = b"\xff\xd8\xff not a real face \xff\xd9"


def make_person(
    latin: str, local: str, *, sex: Sex, born: date, precision: BirthPrecision = BirthPrecision.DAY, **facts: object
) -> Person:
    plain = {name: value for name, value in facts.items() if isinstance(value, bool | int | str)}
    return Person(
        id=PersonId(str(uuid.uuid4())),
        name=PersonName(latin=latin, local=local),
        sex=sex,
        born=BirthDate(on=born, precision=precision),
        facts=plain,
    )


def make_family(area: str, **facts: bool | int | str) -> Household:
    """A mother, her husband and three children of 4, 9 and 16."""
    mother = make_person("Sunita Devi", "सुनीता देवी", sex=Sex.FEMALE, born=date(1990, 5, 17))
    father = make_person("Ramesh Kumar", "रमेश कुमार", sex=Sex.MALE, born=date(1987, 1, 9))
    youngest = make_person("Anu Kumari", "अनु कुमारी", sex=Sex.FEMALE, born=date(2021, 8, 2))
    middle = make_person("Mohan Kumar", "मोहन कुमार", sex=Sex.MALE, born=date(2016, 11, 30))
    eldest = make_person(
        "Geeta Kumari", "गीता कुमारी", sex=Sex.FEMALE, born=date(2009, 4, 4), in_school=True, school_class=10
    )
    children = [Member(person=each, relationship=Relationship.CHILD) for each in (youngest, middle, eldest)]
    return Household(
        id=HouseholdId(str(uuid.uuid4())),
        area=AreaCode(area),
        members=(
            Member(person=mother, relationship=Relationship.HEAD),
            Member(person=father, relationship=Relationship.SPOUSE),
            *children,
        ),
        facts={"income_monthly_minor": 600_000, "house_kind": "kutcha", **facts},
        papers=("address_proof", "income_certificate", "ration_form", "bank_book"),
    )


def make_finger(seed: int, position: FingerPosition = FingerPosition.RIGHT_THUMB) -> FingerRecord:
    """A finger with invented minutiae; the same seed is the same finger."""
    dice = random.Random(seed)
    minutiae = tuple(
        Minutia(dice.randrange(250), dice.randrange(280), dice.randrange(256), MinutiaKind.RIDGE_ENDING, 60)
        for _ in range(30)
    )
    template = Template(256, 288, 500, position, 70, minutiae)
    return FingerRecord(position=position, template=encode_record([template]), quality=70, attempts=1, rank=1)


def make_submission(
    household: Household, kiosk: KioskId, now: datetime, fingers: dict[PersonId, Sequence[FingerRecord]] | None = None
) -> EnrolmentSubmission:
    """A whole registration: consent of everybody, portraits, and the fingers given."""
    return EnrolmentSubmission(
        submission_id=SubmissionId(str(uuid.uuid4())),
        kiosk_id=kiosk,
        operator_id=OperatorId("op-founding"),
        household=household,
        consents=tuple(
            _consent(member.person.id, purpose, now) for member in household.members for purpose in PURPOSES
        ),
        captures=tuple(
            PersonCapture(
                person_id=member.person.id,
                portrait=PORTRAIT,
                fingers=tuple((fingers or {}).get(member.person.id, ())),
            )
            for member in household.members
        ),
        captured_at=now,
    )


PURPOSES = (ConsentPurpose.REGISTRATION, ConsentPurpose.BIOMETRICS)


def _consent(person: PersonId, purpose: ConsentPurpose, now: datetime) -> Consent:
    return Consent(
        person_id=person,
        purpose=purpose,
        text_version="consent/2",
        language="hi",
        audio_played=True,
        given_by=ConsentMark.SPOKEN_YES,
        witnessed_by=OperatorId("op-founding"),
        given_at=now,
    )


def seal_bytes(plain: bytes, enrolment_key: bytes, info: bytes) -> bytes:
    return enrolment_suite().encrypt(plain, X25519PublicKey.from_public_bytes(enrolment_key), info)


def seal(submission: EnrolmentSubmission, enrolment_key: bytes) -> SealedEnrolment:
    """As a kiosk seals it."""
    plain = submission.model_dump_json().encode()
    info = HPKE_INFO_ENROLMENT + submission.submission_id.encode()
    sealed = seal_bytes(plain, enrolment_key, info)
    return SealedEnrolment(
        submission_id=submission.submission_id,
        household_id=submission.household.id,
        sealed=sealed,
        content_sha256=hashlib.sha256(plain).hexdigest(),
    )
