"""An operator out of office is dead everywhere, and nobody approves their own affairs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from central_api.context import Registry
from central_api.four_eyes import check_issue
from central_api.households.repository import find_first_household_of
from central_api.operators.repository import add_operator, get_person_of
from central_api.operators.service import deactivate, reinstate
from central_api.tables.benefits import review_cases
from domain.cards import BlockReason, CardStatus
from domain.deliveries import Denial
from domain.desk_lock import DeskLock, DeskUnlocked, LockReason, UnlockedAs
from domain.desk_policy import DeskPolicy, read_desk_policy
from domain.events import EventKind, SignedEvent
from domain.four_eyes import SamePersonTwice
from domain.ids import OperatorId, PersonId
from domain.messages import routes
from domain.messages.card_stock import StockMove, StockMoveKind
from domain.messages.enrolment import DuplicateDecided, DuplicateDecision, ProgrammesChosen
from domain.messages.kiosks import Role
from domain.messages.sync import EventVerdict
from domain.people import Household, Member, Relationship, Sex
from domain.record import Record
from domain.verification import VerifiedBy
from tests.api.cards.lost_and_found import block, issue, status_of, unblock
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.fakes import Clock
from tests.api.issuing import Chip, Desk, Officer
from tests.api.people import make_family, make_finger, make_person, make_submission, seal
from tests.api.registered import FOOD, add_card, send_submission, state_of

OUT = "operator.out_of_office"
TWICE = "four_eyes.same_person"


def dismiss(registry: Registry, officer: Officer) -> None:
    with registry.begin() as transaction:
        assert not deactivate(transaction, officer.operator_id).is_active
        deactivate(transaction, officer.operator_id)


def hire(registry: Registry, person: PersonId, name: str) -> OperatorId:
    with registry.begin() as transaction:
        add_operator(transaction.connection, OperatorId(name), person, Role.SUPERVISOR, transaction.now)
    return OperatorId(name)


def cases(registry: Registry) -> list[str]:
    with registry.database.read() as connection:
        return list(connection.execute(select(review_cases.c.reason).order_by(review_cases.c.reason)).scalars())


def stranger_alone() -> Household:
    """A household of one, like nobody registered."""
    stranger = make_person("Farida Begum", "फ़रीदा बेगम", sex=Sex.FEMALE, born=date(1971, 1, 1))
    head = Member(person=stranger, relationship=Relationship.HEAD)
    return make_family(AREA).model_copy(update={"members": (head,)})


def officers_acts(kiosk: TestKiosk, operator: OperatorId, household: Household) -> dict[EventKind, Record]:
    lock = DeskLock(operator_id=operator, reason=LockReason.IDLE, locked_at=kiosk.now())
    return {
        EventKind.PROGRAMMES_CHOSEN: ProgrammesChosen(household_id=household.id, programmes=(FOOD,)),
        EventKind.STOCK_MOVED: StockMove(kind=StockMoveKind.RECEIVED, on=kiosk.now().date(), count=5),
        EventKind.DESK_UNLOCKED: DeskUnlocked(lock=lock, operator_id=operator, unlocked_as=UnlockedAs.SAME_OPERATOR),
        EventKind.OPERATOR_LOGGED_IN: lock,
    }


def test_what_an_operator_does_after_dismissal_is_refused_at_the_next_sync_and_what_was_done_before_stands(
    kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry, clock: Clock
) -> None:
    def acts() -> list[SignedEvent]:
        told = officers_acts(kiosk, officer.operator_id, family)
        return [kiosk.make_event(kind, payload, officer.operator_id) for kind, payload in told.items()]

    before = acts()
    clock.pass_time(timedelta(hours=1))
    dismiss(registry, officer)
    clock.pass_time(timedelta(minutes=1))
    after = acts()
    clock.pass_time(timedelta(minutes=1))
    assert [answer.verdict for answer in kiosk.push(*before)] == [EventVerdict.ACCEPTED] * len(before)
    assert {(answer.verdict, answer.code) for answer in kiosk.push(*after)} == {(EventVerdict.REJECTED, OUT)}
    assert cases(registry) == [OUT] * len(after)
    with registry.begin() as transaction:
        assert reinstate(transaction, officer.operator_id).is_active
    again = acts()
    assert [answer.verdict for answer in kiosk.push(*again)] == [EventVerdict.ACCEPTED] * len(again)


def test_an_operator_out_of_office_neither_countersigns_nor_unblocks_and_the_next_bundle_says_so(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry
) -> None:
    _, card = issue(desk, family, officer)
    number = kiosk.bundle().number
    block(kiosk, card.card_number, officer)
    dismiss(registry, officer)
    bundle = kiosk.bundle()
    (entry,) = bundle.operators
    assert (bundle.number, entry.is_active) == (number + 1, False)
    refused = unblock(kiosk, card.card_number, officer, family.head.person.id)
    assert (refused.verdict, refused.code) == (EventVerdict.REJECTED, OUT)
    assert status_of(kiosk, card.card_number) is CardStatus.BLOCKED
    chip = Chip()
    other = stranger_alone()
    send_submission(kiosk, other)
    package = desk.package(desk.order(chip, household_id=other.id))
    request = desk.request_activation(package, desk.write(chip, package), other.head.person.id, officer)
    answer = kiosk.post(routes.CARD_ACTIVATIONS, request)
    assert (answer.status_code, answer.json()["params"]["reason"]) == (422, "officer_card_unknown")


def test_people_are_served_also_by_an_operator_out_of_office_and_somebody_looks_at_it(
    kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry
) -> None:
    dismiss(registry, officer)
    card = add_card(registry, kiosk, family)
    delivery = card.deliver(kiosk).model_copy(update={"operator_id": officer.operator_id})
    denial = Denial(
        reference="D-1",
        kiosk_id=kiosk.id,
        card_number=card.number,
        reason="holder.not_identified",
        alternative="desk",
        denied_at=kiosk.now(),
    )
    told = [(EventKind.DELIVERY_RECORDED, delivery), (EventKind.DENIAL_RECORDED, denial)]
    events = [kiosk.make_event(kind, payload, officer.operator_id) for kind, payload in told]
    assert [answer.verdict for answer in kiosk.push(*events)] == [EventVerdict.ACCEPTED] * 2
    assert cases(registry).count(OUT) == 2


def test_nobody_countersigns_a_card_for_their_own_household(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry
) -> None:
    with registry.database.read() as connection:
        me = get_person_of(connection, officer.operator_id)
        home = find_first_household_of(connection, me)
    assert home is not None
    chip = Chip()
    package = desk.package(desk.order(chip, household_id=home))
    request = desk.request_activation(package, desk.write(chip, package), me, officer)
    answer = kiosk.post(routes.CARD_ACTIVATIONS, request)
    assert (answer.status_code, answer.json()["params"]["reason"]) == (422, "same_person_twice")
    issue(desk, family, officer)


def test_nobody_gives_a_blocked_card_back_to_their_own_household(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry
) -> None:
    _, card = issue(desk, family, officer)
    block(kiosk, card.card_number, officer, BlockReason.LOST)
    father = hire(registry, family.members[1].person.id, "op-father")
    refused = unblock(kiosk, card.card_number, replace(officer, operator_id=father), family.head.person.id)
    assert (refused.verdict, refused.code) == (EventVerdict.REJECTED, TWICE)
    assert status_of(kiosk, card.card_number) is CardStatus.BLOCKED
    assert unblock(kiosk, card.card_number, officer, family.head.person.id).code is None


@pytest.mark.parametrize("verified_by", [VerifiedBy.FACE_AND_OFFICER, VerifiedBy.SUPERVISOR])
def test_who_answers_for_a_face_of_their_own_household_is_found_though_the_goods_are_gone(
    kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry, verified_by: VerifiedBy
) -> None:
    father = hire(registry, family.members[1].person.id, "op-father")
    for operator, code in ((father, TWICE), (officer.operator_id, None)):
        card = add_card(registry, kiosk, family)
        delivery = card.deliver(kiosk, units=5, verified_by=verified_by)
        delivery = delivery.model_copy(update={"operator_id": operator})
        answer = kiosk.tell(EventKind.DELIVERY_RECORDED, delivery, operator)
        assert (answer.verdict, answer.code) == (EventVerdict.ACCEPTED, code)


def test_a_match_of_fingers_is_overruled_by_another_officer_only(
    kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry
) -> None:
    home = stranger_alone()
    submission = make_submission(home, kiosk.id, kiosk.now(), {home.head.person.id: [make_finger(1)]})
    submission = submission.model_copy(update={"operator_id": officer.operator_id})
    kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    (candidate,) = state_of(kiosk, submission).candidates
    assert candidate.matching_fingers == 1
    decided = DuplicateDecided(
        submission_id=submission.submission_id,
        candidate_id=candidate.candidate_id,
        decision=DuplicateDecision.DIFFERENT_PERSON,
        reason="side_by_side",
    )
    concerned = hire(registry, family.head.person.id, "op-mother")
    other = hire(registry, family.members[1].person.id, "op-father")
    verdicts = [
        (answer.verdict, answer.code)
        for operator in (officer.operator_id, concerned, other)
        for answer in [kiosk.tell(EventKind.DUPLICATE_DECIDED, decided, operator)]
    ]
    refused = (EventVerdict.REJECTED, TWICE)
    assert verdicts == [refused, refused, (EventVerdict.ACCEPTED, None)]


def test_two_officers_at_the_issue_where_the_policy_says_so(
    desk: Desk, kiosk: TestKiosk, officer: Officer, registry: Registry
) -> None:
    home = stranger_alone()
    submission = make_submission(home, kiosk.id, kiosk.now())
    submission = submission.model_copy(update={"operator_id": officer.operator_id})
    kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    with registry.database.read() as connection:
        check = partial(
            check_issue,
            connection,
            officer=officer.operator_id,
            household_id=home.id,
            holder=home.head.person.id,
        )
        check(has_two_officers=False)
        with pytest.raises(SamePersonTwice):
            check(has_two_officers=True)


def test_a_kiosk_is_told_the_policy_of_its_registry(kiosk: TestKiosk) -> None:
    assert read_desk_policy(kiosk.bundle().settings) == DeskPolicy()
