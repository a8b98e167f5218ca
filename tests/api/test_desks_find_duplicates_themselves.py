"""What a desk found in its own gallery reaches the registry, and counts there under the registry's own rules."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import select

from central_api.console.day_report import read_report
from central_api.context import Registry
from central_api.households.repository import find_household
from central_api.operators.service import appoint
from central_api.tables.area_gallery import local_checks
from central_api.tables.benefits import review_cases
from central_api.tables.journal import audit_lines
from domain.events import EventKind
from domain.ids import OperatorId, PersonId, SubmissionId
from domain.messages.duplicate_decision import DuplicateDecision
from domain.messages.enrolment import (
    DuplicateCandidate,
    DuplicateDecided,
    EnrolmentStatus,
    EnrolmentSubmission,
    FingerRecord,
)
from domain.messages.kiosks import Role
from domain.messages.local_check import LocalCandidate, LocalCheck, LocalVerdict, NotChecked
from domain.messages.sync import EventVerdict
from domain.people import Household, Member, Relationship, Sex
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family, make_finger, make_person, make_submission, seal
from tests.api.registered import send_submission, state_of

SAME, DIFFERENT, ASK = (
    DuplicateDecision.SAME_PERSON,
    DuplicateDecision.DIFFERENT_PERSON,
    DuplicateDecision.ASK_SUPERVISOR,
)
CLERK, OTHER = OperatorId("op-founding"), OperatorId("op-2")


def strangers() -> Household:
    """A woman and her mother whom nobody knows by name."""
    woman = make_person("Farida Begum", "फ़रीदा बेगम", sex=Sex.FEMALE, born=date(1961, 1, 1))
    mother = make_person("Zubeda Khatoon", "ज़ुबेदा ख़ातून", sex=Sex.FEMALE, born=date(1938, 6, 1))
    members = (
        Member(person=woman, relationship=Relationship.HEAD),
        Member(person=mother, relationship=Relationship.PARENT),
    )
    return make_family(AREA).model_copy(update={"members": members})


def send(
    kiosk: TestKiosk, household: Household, check: LocalCheck | None, *, finger: FingerRecord | None = None
) -> EnrolmentSubmission:
    """The registration with what the desk found; its last member gives the finger."""
    fingers = {household.members[-1].person.id: [finger]} if finger else {}
    submission = make_submission(household, kiosk.id, kiosk.now(), fingers)
    submission = submission.model_copy(update={"local_check": check})
    answer = kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    assert answer.verdict is EventVerdict.ACCEPTED, answer
    return submission


def found(
    household: Household,
    known: PersonId,
    decision: DuplicateDecision | None,
    by: OperatorId | None = CLERK,
    of: SubmissionId | None = None,
) -> LocalCheck:
    """The last member is taken for somebody known."""
    candidate = LocalCandidate(
        candidate_id="at the desk",
        person_id=household.members[-1].person.id,
        known_person_id=known,
        known_submission_id=of,
        matching_fingers=2,
        decision=decision,
        decided_by=by,
    )
    return LocalCheck(verdict=LocalVerdict.FOUND, people=9_000, candidates=(candidate,))


def known_mother(kiosk: TestKiosk) -> PersonId:
    family = make_family(AREA)
    mother = family.head.person.id
    send_submission(kiosk, family, {mother: [make_finger(1)]})
    return mother


def only_candidate(kiosk: TestKiosk, submission: EnrolmentSubmission) -> DuplicateCandidate:
    (candidate,) = state_of(kiosk, submission).candidates
    return candidate


def test_what_the_desk_could_not_look_at_is_kept_and_noted(kiosk: TestKiosk, registry: Registry) -> None:
    check = LocalCheck(verdict=LocalVerdict.COULD_NOT_CHECK, why=NotChecked.NO_GALLERY)
    submission = send(kiosk, strangers(), check)
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED
    with registry.database.read() as connection:
        row = connection.execute(select(local_checks)).one()
        query = select(audit_lines.c.line).where(audit_lines.c.action == "enrolment.checked_at_desk")
        (line,) = [json.loads(each) for each in connection.execute(query).scalars()]
        assert read_report(connection).checked_at_desk == {"could_not_check": 1}
    assert (row.submission_id, row.verdict) == (submission.submission_id, "could_not_check")
    assert LocalCheck.model_validate_json(json.dumps(row.record)) == check
    assert line["details"] == {"verdict": "could_not_check", "why": "no_gallery", "people": 0, "candidates": 0}


def test_who_was_found_at_the_desk_to_be_the_same_is_linked_without_asking_again(
    kiosk: TestKiosk, registry: Registry
) -> None:
    mother, household = known_mother(kiosk), strangers()
    submission = send(kiosk, household, found(household, mother, SAME), finger=make_finger(1))
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED
    with registry.database.read() as connection:
        kept = find_household(connection, household.id)
    assert kept is not None
    assert [member.person.id for member in kept.members] == [household.head.person.id, mother]


def test_whom_only_the_desk_finds_is_a_candidate_all_the_same(kiosk: TestKiosk) -> None:
    mother, household = known_mother(kiosk), strangers()
    submission = send(kiosk, household, found(household, mother, None))
    candidate = only_candidate(kiosk, submission)
    assert (candidate.known_person_id, candidate.matching_fingers, candidate.decision) == (mother, 2, None)
    assert candidate.reasons == ("duplicate.fingers", "duplicate.at_desk")


def test_against_the_fingers_whoever_took_them_does_not_decide_and_another_does(
    kiosk: TestKiosk, registry: Registry
) -> None:
    mother = known_mother(kiosk)
    clerks = make_family(AREA)
    staff = [
        make_person("Kamla Bai", "कमला बाई", sex=Sex.FEMALE, born=date(1972, 1, 1)),
        make_person("Iqbal Ansari", "इक़बाल अंसारी", sex=Sex.MALE, born=date(1979, 1, 1)),
    ]
    members = [
        Member(person=staff[0], relationship=Relationship.HEAD),
        Member(person=staff[1], relationship=Relationship.SPOUSE),
    ]
    send_submission(kiosk, clerks.model_copy(update={"members": tuple(members)}))
    with registry.begin() as transaction:
        maker, other = (appoint(transaction, person.id, Role.OFFICER).operator_id for person in staff)

    def decided(by: OperatorId, seed: int) -> EnrolmentStatus:
        household = strangers()
        renamed = [
            member.model_copy(
                update={"person": make_person(f"Nobody {seed}{at}", "कोई", sex=Sex.MALE, born=date(1925 + seed, 1, 1))}
            )
            for at, member in enumerate(household.members)
        ]
        household = household.model_copy(update={"members": tuple(renamed)})
        submission = make_submission(household, kiosk.id, kiosk.now())
        check = found(household, mother, DIFFERENT, by)
        submission = submission.model_copy(update={"local_check": check, "operator_id": maker})
        kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
        return state_of(kiosk, submission).status

    assert decided(maker, 0) is EnrolmentStatus.REVIEW
    assert decided(OperatorId("nobody"), 20) is EnrolmentStatus.REVIEW
    assert decided(other, 40) is EnrolmentStatus.REGISTERED


def test_who_asked_for_a_supervisor_waits_until_one_has_decided(kiosk: TestKiosk) -> None:
    mother, household = known_mother(kiosk), strangers()
    submission = send(kiosk, household, found(household, mother, ASK), finger=make_finger(1))
    candidate = only_candidate(kiosk, submission)
    assert candidate.decision is ASK
    decided = DuplicateDecided(
        submission_id=submission.submission_id, candidate_id=candidate.candidate_id, decision=DIFFERENT, reason="looked"
    )
    kiosk.tell(EventKind.DUPLICATE_DECIDED, decided, OTHER)
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED


def test_who_was_found_in_a_registration_that_is_still_open_waits_for_it(kiosk: TestKiosk, registry: Registry) -> None:
    mother = known_mother(kiosk)
    first = strangers()
    one = send(kiosk, first, None, finger=make_finger(1))
    assert state_of(kiosk, one).status is EnrolmentStatus.REVIEW
    captured = first.members[-1].person.id
    second = make_family(AREA).model_copy(
        update={
            "members": (
                Member(
                    person=make_person("Gopal Das", "गोपाल दास", sex=Sex.MALE, born=date(1950, 2, 2)),
                    relationship=Relationship.HEAD,
                ),
                Member(
                    person=make_person("Hema Malik", "हेमा मलिक", sex=Sex.FEMALE, born=date(1955, 2, 2)),
                    relationship=Relationship.SPOUSE,
                ),
            )
        }
    )
    two = send(kiosk, second, found(second, captured, SAME, of=one.submission_id))
    waiting = state_of(kiosk, two)
    assert (waiting.status, waiting.candidates) == (EnrolmentStatus.REVIEW, ())
    candidate = only_candidate(kiosk, one)
    decided = DuplicateDecided(
        submission_id=one.submission_id, candidate_id=candidate.candidate_id, decision=SAME, reason="looked"
    )
    kiosk.tell(EventKind.DUPLICATE_DECIDED, decided, OTHER)
    assert state_of(kiosk, one).status is EnrolmentStatus.REGISTERED
    assert state_of(kiosk, two).status is EnrolmentStatus.REGISTERED
    with registry.database.read() as connection:
        kept = find_household(connection, second.id)
    assert kept is not None
    assert kept.members[1].person.id == mother, "the one she was all along"


def test_somebody_whom_only_the_desk_knows_is_looked_at_by_the_office_and_holds_up_nobody(
    kiosk: TestKiosk, registry: Registry
) -> None:
    household = strangers()
    submission = send(kiosk, household, found(household, PersonId("erased long ago"), SAME))
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED
    with registry.database.read() as connection:
        reasons = connection.execute(select(review_cases.c.reason)).scalars().all()
    assert "duplicate.known_at_desk_only" in reasons
