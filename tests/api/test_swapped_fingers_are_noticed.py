"""Fingers that match an earlier registration under other names: shown, kept, and corrected by a decision."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import select

from biometrics.iso19794 import decode_record
from central_api.context import Registry
from central_api.fingers.swaps import CODE_SWAPPED
from central_api.fingers.telling import read_known
from central_api.households.service import PurposeOfReading, read_fingers
from central_api.operators.repository import add_operator
from central_api.reviews.repository import list_open_cases
from central_api.tables.fingers import finger_swaps
from central_api.tables.journal import audit_lines
from domain.events import EventKind
from domain.finger_swaps import SwapDecision, SwappedPair
from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId
from domain.messages.enrolment import (
    DuplicateDecided,
    DuplicateDecision,
    EnrolmentStatus,
    EnrolmentSubmission,
    FingerRecord,
)
from domain.messages.fingers import FingerSwapDecided
from domain.messages.kiosks import Role
from domain.messages.sync import EventAnswer, EventVerdict
from domain.people import Household, Member, Relationship, Sex
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family, make_finger, make_person
from tests.api.registered import send_submission, state_of

RIGHT, LEFT, INDEX = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB, FingerPosition.RIGHT_INDEX
SUPERVISOR = OperatorId("op-2")


def fingers(*given: tuple[int, FingerPosition]) -> list[FingerRecord]:
    """The same number is the same finger."""
    return [
        make_finger(seed, position).model_copy(update={"rank": rank})
        for rank, (seed, position) in enumerate(given, start=1)
    ]


def again(kiosk: TestKiosk, *given: tuple[int, FingerPosition]) -> tuple[EnrolmentSubmission, PersonId]:
    """A second household, one member of which has these fingers."""
    head = make_person("Harish Chandra", "हरीश चंद्र", sex=Sex.MALE, born=date(1960, 2, 3))
    aunt = make_person("Farida Begum", "फ़रीदा बेगम", sex=Sex.FEMALE, born=date(1971, 1, 1))
    members = (
        Member(person=head, relationship=Relationship.HEAD),
        Member(person=aunt, relationship=Relationship.OTHER_RELATIVE),
    )
    household = make_family(AREA).model_copy(update={"members": members})
    return send_submission(kiosk, household, {aunt.id: fingers(*given)}), aunt.id


@pytest.fixture
def known(kiosk: TestKiosk, registry: Registry) -> Household:
    """A mother with two thumbs and an index on record, and officers in office."""
    family = make_family(AREA)
    send_submission(kiosk, family, {family.head.person.id: fingers((1, RIGHT), (2, LEFT), (3, INDEX))})
    with registry.begin() as transaction:
        for operator, member in zip((OperatorId("op-founding"), SUPERVISOR), family.members[1:], strict=False):
            add_operator(transaction.connection, operator, member.person.id, Role.OFFICER, transaction.now)
    return family


def decide(kiosk: TestKiosk, submission: EnrolmentSubmission, decision: DuplicateDecision, by: OperatorId) -> None:
    (candidate,) = state_of(kiosk, submission).candidates
    decided = DuplicateDecided(
        submission_id=submission.submission_id,
        candidate_id=candidate.candidate_id,
        decision=decision,
        reason="side by side",
    )
    assert kiosk.tell(EventKind.DUPLICATE_DECIDED, decided, by).verdict is EventVerdict.ACCEPTED


def correct(
    kiosk: TestKiosk,
    submission: EnrolmentSubmission,
    known: Household,
    decision: SwapDecision = SwapDecision.RECORD_WAS_WRONG,
    by: OperatorId = SUPERVISOR,
) -> EventAnswer:
    decided = FingerSwapDecided(capture_id=submission.submission_id, person_id=known.head.person.id, decision=decision)
    return kiosk.tell(EventKind.FINGER_SWAP_DECIDED, decided, by)


def held(registry: Registry, person: PersonId) -> dict[FingerPosition, int]:
    """Which invented finger is on record under which name, opened as for a card."""
    seeds = {make_finger(seed).template[-60:]: seed for seed in (1, 2, 3)}
    with registry.begin() as transaction:
        found = read_fingers(transaction, registry.vault, [person], PurposeOfReading.ISSUE_CARD, "test")[person]
    assert all(decode_record(each.template)[0].position is each.position for each in found)
    return {each.position: seeds[each.template[-60:]] for each in found}


def cases(registry: Registry) -> list[str]:
    with registry.database.read() as connection:
        return [case.reason for case in list_open_cases(connection, 9)]


def test_swapped_hands_are_shown_beside_the_two_people(kiosk: TestKiosk, registry: Registry, known: Household) -> None:
    submission, _ = again(kiosk, (1, LEFT), (2, RIGHT), (3, INDEX))
    state = state_of(kiosk, submission)
    assert state.status is EnrolmentStatus.REVIEW, "shown to an officer, never refused"
    (candidate,) = state.candidates
    assert candidate.known_person_id == known.head.person.id
    assert candidate.matching_fingers == 3
    assert set(candidate.swapped) == {
        SwappedPair(given_as=LEFT, known_as=RIGHT),
        SwappedPair(given_as=RIGHT, known_as=LEFT),
    }
    with registry.database.read() as connection:
        query = select(audit_lines.c.line).where(audit_lines.c.subject == f"person:{known.head.person.id}")
        lines = [json.loads(line) for line in connection.execute(query).scalars()]
    assert ("fingers.read", "decide_duplicate") in {(line["action"], line["purpose"]) for line in lines}


def test_fingers_under_their_old_names_are_no_swap(kiosk: TestKiosk, known: Household) -> None:
    submission, _ = again(kiosk, (1, RIGHT), (3, INDEX))
    (candidate,) = state_of(kiosk, submission).candidates
    assert (candidate.matching_fingers, candidate.swapped) == (2, ())


def test_the_record_is_corrected_by_the_decision_of_another_officer(
    kiosk: TestKiosk, registry: Registry, known: Household
) -> None:
    person = known.head.person.id
    submission, _ = again(kiosk, (1, LEFT), (2, RIGHT))
    decide(kiosk, submission, DuplicateDecision.SAME_PERSON, OperatorId("op-founding"))
    assert state_of(kiosk, submission).status is EnrolmentStatus.REGISTERED
    assert held(registry, person) == {RIGHT: 1, LEFT: 2, INDEX: 3}, "nothing changes by itself"
    assert set(cases(registry)) == {"person.in_two_households", CODE_SWAPPED}

    by_maker = correct(kiosk, submission, known, by=OperatorId("op-founding"))
    assert by_maker.verdict is EventVerdict.REJECTED, "not by the one who took the fingers"
    by_nobody = correct(kiosk, submission, known, by=OperatorId("nobody-of-ours"))
    assert (by_nobody.verdict, by_nobody.code) == (EventVerdict.REJECTED, "err.not_found"), by_nobody
    assert held(registry, person) == {RIGHT: 1, LEFT: 2, INDEX: 3}

    assert correct(kiosk, submission, known).verdict is EventVerdict.ACCEPTED
    assert held(registry, person) == {LEFT: 1, RIGHT: 2, INDEX: 3}
    with registry.database.read() as connection:
        assert read_known(connection, person).order == (LEFT, RIGHT, INDEX), "each finger keeps its own rank"
        kept = connection.execute(select(finger_swaps.c.decision, finger_swaps.c.decided_by)).all()
    assert {tuple(row) for row in kept} == {(SwapDecision.RECORD_WAS_WRONG, SUPERVISOR)}
    assert CODE_SWAPPED not in cases(registry)
    assert correct(kiosk, submission, known).verdict is EventVerdict.ACCEPTED, "the same decision again"
    assert held(registry, person) == {LEFT: 1, RIGHT: 2, INDEX: 3}
    other = correct(kiosk, submission, known, SwapDecision.GIVEN_WRONGLY)
    assert (other.verdict, other.code) == (EventVerdict.CONFLICT, "fingers.swap_decided_otherwise")


def test_a_record_that_was_right_stays(kiosk: TestKiosk, registry: Registry, known: Household) -> None:
    submission, _ = again(kiosk, (1, LEFT), (2, RIGHT))
    decide(kiosk, submission, DuplicateDecision.SAME_PERSON, OperatorId("op-founding"))
    answer = correct(kiosk, submission, known, SwapDecision.GIVEN_WRONGLY, OperatorId("op-founding"))
    assert answer.verdict is EventVerdict.ACCEPTED
    assert held(registry, known.head.person.id) == {RIGHT: 1, LEFT: 2, INDEX: 3}
    assert CODE_SWAPPED not in cases(registry)


def test_half_of_a_swap_does_not_say_what_the_other_finger_is(
    kiosk: TestKiosk, registry: Registry, known: Household
) -> None:
    submission, _ = again(kiosk, (1, LEFT))
    decide(kiosk, submission, DuplicateDecision.SAME_PERSON, OperatorId("op-founding"))
    answer = correct(kiosk, submission, known)
    assert (answer.verdict, answer.code) == (EventVerdict.REJECTED, "fingers.swap_unclear")
    assert held(registry, known.head.person.id) == {RIGHT: 1, LEFT: 2, INDEX: 3}
    assert CODE_SWAPPED in cases(registry)


def test_two_people_are_nobodys_swapped_hands(kiosk: TestKiosk, registry: Registry, known: Household) -> None:
    submission, _ = again(kiosk, (1, LEFT), (2, RIGHT))
    decide(kiosk, submission, DuplicateDecision.DIFFERENT_PERSON, SUPERVISOR)
    with registry.database.read() as connection:
        assert connection.execute(select(finger_swaps)).first() is None
    assert correct(kiosk, submission, known).verdict is EventVerdict.REJECTED
