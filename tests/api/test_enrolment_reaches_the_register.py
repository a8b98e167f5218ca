"""From a sealed submission to a registered household, with duplicates shown and decided."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import select, text

from central_api.context import Registry
from central_api.households.repository import find_household
from central_api.journal.audit_chain import AuditStream
from central_api.tables.journal import audit_lines
from central_api.tables.people import persons, portraits, submissions, templates
from domain.events import EventKind
from domain.ids import PersonId
from domain.messages.enrolment import DuplicateDecided, DuplicateDecision, EnrolmentState, EnrolmentStatus
from domain.messages.routes import HOUSEHOLD
from domain.messages.sync import EventVerdict
from domain.people import BirthPrecision, Household, Member, Relationship, Sex
from tests.api.client import TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.people import PORTRAIT, make_family, make_finger, make_person, make_submission, seal
from tests.api.registered import send_submission, state_of

SUBMITTED = EventKind.ENROLMENT_SUBMITTED


def household_of(*members: Member) -> Household:
    plain = make_family(AREA)
    return plain.model_copy(update={"members": members})


def near_duplicate() -> Household:
    """The mother again, as another clerk would write her, in another household."""
    again = make_person(
        "Smt. Suneeta Devi", "सुनीता देवी", sex=Sex.FEMALE, born=date(1990, 1, 1), precision=BirthPrecision.YEAR
    )
    head = make_person("Harish Chandra", "हरीश चंद्र", sex=Sex.MALE, born=date(1960, 2, 3))
    return household_of(
        Member(person=head, relationship=Relationship.HEAD), Member(person=again, relationship=Relationship.CHILD)
    )


def decide(kiosk: TestKiosk, state: EnrolmentState, decision: DuplicateDecision) -> EventVerdict:
    """The officer's decision on the first candidate."""
    decided = DuplicateDecided(
        submission_id=state.submission_id,
        candidate_id=state.candidates[0].candidate_id,
        decision=decision,
        reason="compared side by side",
    )
    return kiosk.tell(EventKind.DUPLICATE_DECIDED, decided, "op-1").verdict


def test_a_family_nobody_knows_is_registered_at_once(kiosk: TestKiosk, registry: Registry) -> None:
    family = make_family(AREA)
    mother = family.head.person.id
    submission = send_submission(kiosk, family, {mother: [make_finger(1)]})
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED
    with registry.database.read() as connection:
        assert find_household(connection, family.id) == family


def test_members_of_one_household_are_never_taken_for_each_other(kiosk: TestKiosk) -> None:
    twins = [make_person("Sita", "सीता", sex=Sex.FEMALE, born=date(2012, 1, 1)) for _ in range(2)]
    head = make_person("Sita Devi", "सीता देवी", sex=Sex.FEMALE, born=date(1988, 1, 1))
    family = household_of(
        Member(person=head, relationship=Relationship.HEAD),
        *(Member(person=twin, relationship=Relationship.CHILD) for twin in twins),
    )
    submission = send_submission(kiosk, family, {twin.id: [make_finger(7)] for twin in twins})
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED


def test_a_name_spelt_otherwise_is_shown_side_by_side_and_a_different_person_is_registered(
    kiosk: TestKiosk, registry: Registry
) -> None:
    known = make_family(AREA)
    send_submission(kiosk, known)
    submission = send_submission(kiosk, near_duplicate())
    state = state_of(kiosk, submission)
    assert state.status is EnrolmentStatus.REVIEW
    (candidate,) = state.candidates
    assert candidate.known_person_id == known.head.person.id
    assert candidate.known_portrait == PORTRAIT
    assert candidate.name_likeness >= 90
    assert candidate.matching_fingers == 0
    assert candidate.known_area_names["hi"] == "गुलाबगंज"

    assert decide(kiosk, state, DuplicateDecision.ASK_SUPERVISOR) is EventVerdict.ACCEPTED
    assert state_of(kiosk, submission).status is EnrolmentStatus.REVIEW
    assert decide(kiosk, state, DuplicateDecision.DIFFERENT_PERSON) is EventVerdict.ACCEPTED
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED
    assert decide(kiosk, state, DuplicateDecision.DIFFERENT_PERSON) is EventVerdict.ACCEPTED
    assert decide(kiosk, state, DuplicateDecision.SAME_PERSON) is EventVerdict.CONFLICT
    with registry.database.read() as connection:
        assert len(connection.execute(select(persons)).all()) == 7


def test_the_same_person_is_linked_and_not_registered_twice(kiosk: TestKiosk, registry: Registry) -> None:
    known = make_family(AREA)
    mother = known.head.person.id
    send_submission(kiosk, known, {mother: [make_finger(1)]})
    second = near_duplicate()
    again = second.members[1].person.id
    submission = send_submission(kiosk, second, {again: [make_finger(1)]})
    state = state_of(kiosk, submission)
    assert [candidate.matching_fingers for candidate in state.candidates] == [1]
    assert decide(kiosk, state, DuplicateDecision.SAME_PERSON) is EventVerdict.ACCEPTED
    with registry.database.read() as connection:
        ids = set(connection.execute(select(persons.c.id)).scalars())
        household = find_household(connection, second.id)
        assert len(connection.execute(select(templates)).all()) == 1
    assert mother in ids
    assert again not in ids
    assert household is not None
    assert [member.person.id for member in household.members] == [second.head.person.id, mother]


def test_a_finger_finds_a_person_under_another_name_age_and_finger(kiosk: TestKiosk) -> None:
    known = make_family(AREA)
    send_submission(kiosk, known, {known.head.person.id: [make_finger(1)]})
    stranger = make_person("Farida Begum", "फ़रीदा बेगम", sex=Sex.FEMALE, born=date(1971, 1, 1))
    family = household_of(Member(person=stranger, relationship=Relationship.HEAD))
    submission = send_submission(kiosk, family, {stranger.id: [make_finger(1)]})
    (candidate,) = state_of(kiosk, submission).candidates
    assert (candidate.known_person_id, candidate.matching_fingers) == (known.head.person.id, 1)


def test_a_head_who_is_registered_already_gets_no_second_household(kiosk: TestKiosk, registry: Registry) -> None:
    known = make_family(AREA)
    send_submission(kiosk, known, {known.head.person.id: [make_finger(1)]})
    head = make_person("Sunita Devi", "सुनीता देवी", sex=Sex.FEMALE, born=date(1990, 5, 17))
    second = household_of(Member(person=head, relationship=Relationship.HEAD))
    submission = send_submission(kiosk, second, {head.id: [make_finger(1)]})
    decide(kiosk, state_of(kiosk, submission), DuplicateDecision.SAME_PERSON)
    state = state_of(kiosk, submission)
    assert (state.status, state.refusal) == (EnrolmentStatus.REFUSED, "enrolment.head_already_registered")
    with registry.database.read() as connection:
        assert find_household(connection, second.id) is None


def test_two_desks_that_register_one_person_at_once_see_each_other(new_kiosk: NewKiosk) -> None:
    here, there = new_kiosk(), new_kiosk()
    send_submission(here, make_family(AREA))
    first = send_submission(here, near_duplicate())
    second = send_submission(there, near_duplicate())
    assert len(state_of(there, second).candidates) == 1
    decide(here, state_of(here, first), DuplicateDecision.DIFFERENT_PERSON)
    decide(there, state_of(there, second), DuplicateDecision.DIFFERENT_PERSON)
    after = state_of(there, second)
    assert after.status is EnrolmentStatus.REVIEW
    assert len(after.candidates) == 4 - 1  # the mother (decided), and head and daughter registered meanwhile


def test_a_capture_without_consent_is_refused_and_nothing_of_it_is_kept(kiosk: TestKiosk, registry: Registry) -> None:
    submission = make_submission(make_family(AREA), kiosk.id, kiosk.now())
    silent = submission.household.members[2].person.id
    consents = tuple(consent for consent in submission.consents if consent.person_id != silent)
    submission = submission.model_copy(update={"consents": consents})
    answer = kiosk.tell(SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    assert (answer.verdict, answer.code) == (EventVerdict.ACCEPTED, "enrolment.refused")
    assert state_of(kiosk, submission).refusal == "enrolment.consent_missing"
    with registry.database.read() as connection:
        assert connection.execute(select(portraits)).first() is None
        assert connection.execute(select(submissions.c.sealed)).scalar_one() == b""


@pytest.mark.parametrize("case", ["other hash", "other id", "cut", "not json"])
def test_a_seal_that_is_not_right_is_rejected_and_the_kiosk_goes_on(case: str, kiosk: TestKiosk) -> None:
    key = kiosk.bundle().enrolment_key
    envelope = seal(make_submission(make_family(AREA), kiosk.id, kiosk.now()), key)
    changes = {
        "other hash": {"content_sha256": "0" * 64},
        "other id": {"submission_id": "another"},
        "cut": {"sealed": envelope.sealed[:-1]},
        "not json": {"sealed": envelope.sealed[:10]},
    }
    answer = kiosk.tell(SUBMITTED, envelope.model_copy(update=changes[case]))
    assert (answer.verdict, answer.code) == (EventVerdict.REJECTED, "enrolment.unreadable")
    assert kiosk.tell(EventKind.OPERATOR_LOGGED_IN, {}, "op-1").verdict is EventVerdict.ACCEPTED


def test_the_same_submission_in_another_event_changes_nothing_and_another_content_is_a_conflict(
    kiosk: TestKiosk, registry: Registry
) -> None:
    key = kiosk.bundle().enrolment_key
    submission = make_submission(make_family(AREA), kiosk.id, kiosk.now())
    envelope = seal(submission, key)
    assert kiosk.tell(SUBMITTED, envelope).verdict is EventVerdict.ACCEPTED
    assert kiosk.tell(SUBMITTED, envelope).verdict is EventVerdict.ACCEPTED
    other = seal(submission.model_copy(update={"consents": ()}), key)
    assert kiosk.tell(SUBMITTED, other).verdict is EventVerdict.CONFLICT
    with registry.database.read() as connection:
        assert len(connection.execute(select(persons)).all()) == 5


def test_no_biometric_and_no_name_stands_in_plain_where_it_should_not(kiosk: TestKiosk, registry: Registry) -> None:
    family = make_family(AREA)
    finger = make_finger(1)
    submission = make_submission(family, kiosk.id, kiosk.now(), {family.head.person.id: [finger]})
    envelope = seal(submission, kiosk.bundle().enrolment_key)
    kiosk.tell(SUBMITTED, envelope)
    with registry.database.read() as connection:
        sealed = connection.execute(select(templates.c.sealed)).scalars().all()
        sealed += connection.execute(select(portraits.c.sealed)).scalars().all()
        kept = connection.execute(select(submissions.c.sealed)).scalars().all()
        lines = connection.execute(select(audit_lines.c.line)).scalars().all()
        events = connection.execute(text("SELECT body FROM events")).scalars().all()
    assert all(PORTRAIT not in blob and finger.template not in blob for blob in sealed)
    assert kept == [b""]
    assert len(envelope.sealed) > max(len(body) for body in events)
    assert not any("Sunita" in line or "सुनीता" in line for line in [*lines, *events])


def test_reading_a_household_says_why_and_leaves_a_line_that_the_family_can_be_shown(
    kiosk: TestKiosk, registry: Registry
) -> None:
    family = make_family(AREA)
    send_submission(kiosk, family)
    path = HOUSEHOLD.format(household_id=family.id)
    assert kiosk.get(path).status_code == 422
    assert kiosk.get(path, purpose="curiosity").status_code == 422
    assert kiosk.ask(Household, path, purpose="serve") == family
    assert kiosk.get(HOUSEHOLD.format(household_id="nobody"), purpose="serve").status_code == 404
    with registry.database.read() as connection:
        query = select(audit_lines.c.line).where(audit_lines.c.subject == f"household:{family.id}")
        lines = [json.loads(line) for line in connection.execute(query).scalars()]
    reading = [line for line in lines if line["stream"] == AuditStream.ACCESS]
    assert [(line["purpose"], line["actor"]) for line in reading] == [("serve", kiosk.id)]


def test_another_kiosk_learns_nothing_of_a_submission(new_kiosk: NewKiosk) -> None:
    here, there = new_kiosk(), new_kiosk()
    submission = send_submission(here, make_family(AREA))
    state = state_of(there, submission)
    assert (state.status, state.household_id) == (EnrolmentStatus.UNKNOWN, None)


def test_a_finger_given_twice_for_one_position_is_refused(kiosk: TestKiosk) -> None:
    family = make_family(AREA)
    fingers = {PersonId(family.head.person.id): [make_finger(1), make_finger(2)]}
    submission = make_submission(family, kiosk.id, kiosk.now(), fingers)
    kiosk.tell(SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    assert state_of(kiosk, submission).refusal == "enrolment.finger_twice"
