"""The stages of an enrolment, and what its draft keeps and forgets."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from domain.consent import Consent, ConsentMark, ConsentPurpose
from domain.fingers import FingerPosition
from domain.ids import AreaCode, HouseholdId, KioskId, OperatorId, PersonId, SubmissionId
from domain.messages.enrolment import HPKE_INFO_ENROLMENT, EnrolmentSubmission, FingerRecord, PersonCapture
from domain.people import BirthDate, HouseholdNotWhole, Member, Person, PersonName, Relationship, Sex
from enrolment.session import ENROLMENT, EnrolmentDraft, EnrolmentEvent, EnrolmentStage, EnrolmentStepRefused
from enrolment.submission import ConsentMissing, make_submission, seal

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
HEAD = PersonId("p-1")


def member(person_id: str = HEAD, relation: Relationship = Relationship.HEAD) -> Member:
    person = Person(
        id=PersonId(person_id),
        name=PersonName(latin="Asha Devi", local="आशा"),
        sex=Sex.FEMALE,
        born=BirthDate(on=date(1990, 1, 1)),
    )
    return Member(person=person, relationship=relation)


def draft() -> EnrolmentDraft:
    return EnrolmentDraft(
        submission_id=SubmissionId("s-1"),
        household_id=HouseholdId("h-1"),
        operator_id=OperatorId("o-1"),
        language="en",
        started_at=NOW,
    )


def consent(person_id: str = HEAD) -> Consent:
    return Consent(
        person_id=PersonId(person_id),
        purpose=ConsentPurpose.BIOMETRICS,
        text_version="1",
        language="en",
        audio_played=True,
        given_by=ConsentMark.TOUCHED_YES,
        witnessed_by=OperatorId("o-1"),
        given_at=NOW,
    )


def capture(person_id: str = HEAD) -> PersonCapture:
    finger = FingerRecord(position=FingerPosition.RIGHT_THUMB, template=b"FMR", quality=80, attempts=2, rank=1)
    return PersonCapture(person_id=PersonId(person_id), portrait=b"\xff\xd8", fingers=(finger,))


def whole() -> EnrolmentDraft:
    with_all = draft().with_member(member()).with_consent(consent()).with_capture(capture())
    return with_all.with_address(AreaCode("UT-1"), "by the well").model_copy(update={"stage": EnrolmentStage.REVIEW})


@pytest.mark.parametrize("stage", list(EnrolmentStage))
@pytest.mark.parametrize("event", list(EnrolmentEvent))
def test_only_events_of_the_table_move_a_draft(stage: EnrolmentStage, event: EnrolmentEvent) -> None:
    at = draft().model_copy(update={"stage": stage})
    expected = ENROLMENT.get((stage, event))
    if expected is None:
        with pytest.raises(EnrolmentStepRefused):
            at.after(event)
    else:
        assert at.after(event).stage is expected


def test_every_stage_can_be_reached_and_every_unfinished_one_left() -> None:
    reached = {EnrolmentStage.CONSENT, *ENROLMENT.values()}
    assert reached == set(EnrolmentStage)
    final = {EnrolmentStage.DECLINED, EnrolmentStage.REGISTERED, EnrolmentStage.REFUSED}
    assert {stage for stage, _ in ENROLMENT} == set(EnrolmentStage) - final


def test_a_corrected_member_takes_the_place_of_the_old_one() -> None:
    corrected = member().model_copy(update={"relationship": Relationship.CHILD})
    assert draft().with_member(member()).with_member(corrected).members == (corrected,)


def test_a_person_taken_out_leaves_no_capture_and_no_consent() -> None:
    without = whole().without_member(HEAD)
    assert (without.members, without.captures, without.consents) == ((), (), ())


def test_a_sealed_draft_holds_no_finger_and_a_registered_one_no_portrait() -> None:
    sealed = whole().sealed()
    assert [each.fingers for each in sealed.captures] == [()]
    assert sealed.registered(None).captures == ()
    assert "FMR" not in sealed.registered(HouseholdId("h-9")).model_dump_json()


def test_a_draft_survives_being_written_and_read() -> None:
    assert EnrolmentDraft.model_validate_json(whole().model_dump_json()) == whole()


def test_a_household_without_a_place_is_not_whole() -> None:
    with pytest.raises(HouseholdNotWhole):
        draft().with_member(member()).to_household()


def test_nothing_captured_is_sent_without_consent() -> None:
    without = whole().model_copy(update={"consents": ()})
    with pytest.raises(ConsentMissing):
        make_submission(without, kiosk_id=KioskId("k"), captured_at=NOW, on=TODAY)


def test_only_the_registry_opens_what_was_sealed() -> None:
    key, other = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    submission = make_submission(whole(), kiosk_id=KioskId("k"), captured_at=NOW, on=TODAY)
    envelope = seal(submission, key.public_key().public_bytes_raw())
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    info = HPKE_INFO_ENROLMENT + b"s-1"
    assert EnrolmentSubmission.model_validate_json(suite.decrypt(envelope.sealed, key, info)) == submission
    assert b"Asha" not in envelope.model_dump_json().encode()
    for wrong_key, wrong_info in ((other, info), (key, HPKE_INFO_ENROLMENT + b"s-2")):
        with pytest.raises(Exception):  # noqa: B017, PT011  whatever the library says, it does not open
            suite.decrypt(envelope.sealed, wrong_key, wrong_info)
