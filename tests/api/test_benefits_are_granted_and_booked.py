"""Entitlements granted by the registry's own screening, and deliveries booked once on the card's proof."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from card_service.ledger_record import RecordKind
from central_api.context import Registry
from central_api.entitlements.repository import lock_drawing
from central_api.entitlements.service import grant_pending, list_for_statement
from central_api.journal.audit_chain import AuditStream
from central_api.reviews.repository import list_open_cases
from central_api.tables.benefits import deliveries, programme_choices
from central_api.tables.journal import audit_lines
from domain.cards import CardStatus
from domain.deliveries import BenefitDelivery
from domain.events import EventKind
from domain.ids import HouseholdId, ProgrammeCode
from domain.messages.enrolment import DuplicateDecided, DuplicateDecision
from domain.messages.sync import EventAnswer, EventVerdict
from domain.people import Household
from tests.api.client import TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.fakes import Clock
from tests.api.people import make_family, make_finger
from tests.api.registered import FOOD, FOOD_SCHEME, MARCH, TestCard, add_card, choose, send_submission, state_of

SCHOLARSHIP = ProgrammeCode("school_scholarship")


@pytest.fixture
def family(kiosk: TestKiosk) -> Household:
    family = make_family(AREA, land_acres=1)
    send_submission(kiosk, family)
    choose(kiosk, family, FOOD)
    return family


@pytest.fixture
def card(registry: Registry, kiosk: TestKiosk, family: Household) -> TestCard:
    return add_card(registry, kiosk, family)


def send(kiosk: TestKiosk, delivery: BenefitDelivery) -> EventAnswer:
    return kiosk.tell(EventKind.DELIVERY_RECORDED, delivery)


def booked(registry: Registry) -> int:
    with registry.database.read() as connection:
        return connection.execute(select(func.count()).select_from(deliveries)).scalar_one()


def drawn(registry: Registry, household: HouseholdId, period: int = MARCH) -> int:
    with registry.begin() as transaction:
        drawing = lock_drawing(transaction.connection, household, FOOD_SCHEME, period)
        assert drawing is not None
        return drawing.drawn


def reasons(registry: Registry) -> list[str]:
    with registry.database.read() as connection:
        return [case.reason for case in list_open_cases(connection, 10)]


def test_a_monthly_ration_is_granted_for_three_months_so_that_the_card_works_long_offline(
    family: Household, registry: Registry, clock: Clock
) -> None:
    with registry.database.read() as connection:
        granted = list_for_statement(connection, family.id, on=clock().date())
    assert [(each.scheme, each.period.key, each.units, each.measure) for each in granted] == [
        (1, 202603, 25, "kg"),
        (1, 202604, 25, "kg"),
        (1, 202605, 25, "kg"),
    ]


def test_later_the_next_months_follow_and_the_past_ones_leave_the_statement(
    family: Household, registry: Registry, clock: Clock
) -> None:
    clock.pass_time(timedelta(days=30))
    with registry.begin() as transaction:
        grant_pending(transaction, family.id)
    with registry.database.read() as connection:
        granted = list_for_statement(connection, family.id, on=clock().date())
    assert [each.period.key for each in granted] == [202604, 202605, 202606]


def test_the_registry_screens_again_and_grants_nothing_that_its_own_rules_refuse(
    kiosk: TestKiosk, registry: Registry, clock: Clock
) -> None:
    rich = make_family(AREA, income_monthly_minor=9_000_000, land_acres=40)
    send_submission(kiosk, rich)
    assert choose(kiosk, rich, FOOD, SCHOLARSHIP).verdict is EventVerdict.ACCEPTED
    with registry.database.read() as connection:
        assert list_for_statement(connection, rich.id, on=clock().date()) == []
        assert set(connection.execute(select(programme_choices.c.is_granted)).scalars()) == {False}


def test_a_programme_with_a_missing_paper_waits_for_the_paper(
    kiosk: TestKiosk, registry: Registry, clock: Clock
) -> None:
    family = make_family(AREA, land_acres=1)
    send_submission(kiosk, family)
    choose(kiosk, family, SCHOLARSHIP)  # the daughter is in class 10; her school certificate was not seen
    with registry.database.read() as connection:
        assert list_for_statement(connection, family.id, on=clock().date()) == []


def test_a_household_that_waits_for_a_decision_keeps_its_choice(
    kiosk: TestKiosk, registry: Registry, clock: Clock
) -> None:
    known = make_family(AREA)
    send_submission(kiosk, known, {known.head.person.id: [make_finger(3)]})
    waiting = make_family(AREA, land_acres=1)
    submission = send_submission(kiosk, waiting, {waiting.members[1].person.id: [make_finger(3)]})
    assert choose(kiosk, waiting, FOOD).verdict is EventVerdict.ACCEPTED
    for candidate in state_of(kiosk, submission).candidates:
        decided = DuplicateDecided(
            submission_id=submission.submission_id,
            candidate_id=candidate.candidate_id,
            decision=DuplicateDecision.DIFFERENT_PERSON,
            reason="",
        )
        kiosk.tell(EventKind.DUPLICATE_DECIDED, decided)
    with registry.database.read() as connection:
        assert len(list_for_statement(connection, waiting.id, on=clock().date())) == 3


def test_a_delivery_with_the_cards_proof_is_booked_once(
    kiosk: TestKiosk, card: TestCard, family: Household, registry: Registry
) -> None:
    delivery = card.deliver(kiosk)
    assert send(kiosk, delivery).verdict is EventVerdict.ACCEPTED
    assert send(kiosk, delivery).verdict is EventVerdict.ACCEPTED
    assert (booked(registry), drawn(registry, family.id)) == (1, 25)


def test_a_second_ration_of_the_month_is_a_case_and_does_not_count(
    kiosk: TestKiosk, card: TestCard, family: Household, registry: Registry
) -> None:
    send(kiosk, card.deliver(kiosk))
    answer = send(kiosk, card.deliver(kiosk))
    assert (answer.verdict, answer.code) == (EventVerdict.CONFLICT, "delivery.over_entitlement")
    assert (booked(registry), drawn(registry, family.id)) == (1, 25)
    assert reasons(registry) == ["delivery.over_entitlement"]


def test_a_reversal_gives_back_and_never_more_than_was_drawn(
    kiosk: TestKiosk, card: TestCard, family: Household, registry: Registry
) -> None:
    send(kiosk, card.deliver(kiosk))
    assert send(kiosk, card.deliver(kiosk, kind=RecordKind.REVERSAL)).verdict is EventVerdict.ACCEPTED
    assert drawn(registry, family.id) == 0
    assert send(kiosk, card.deliver(kiosk, kind=RecordKind.REVERSAL)).code == "delivery.over_entitlement"
    assert send(kiosk, card.deliver(kiosk)).verdict is EventVerdict.ACCEPTED


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("receipt of another chip", "delivery.receipt_wrong"),
        ("receipt cut", "delivery.receipt_wrong"),
        ("terminal of nobody", "delivery.terminal_signature_wrong"),
        ("units journalled otherwise", "delivery.record_differs"),
        ("record cut", "delivery.record_malformed"),
        ("card of nobody", "delivery.card_unknown"),
        ("period not granted", "delivery.not_entitled"),
        ("another kiosk's delivery", "delivery.other_kiosk"),
    ],
)
def test_what_the_card_does_not_bear_out_becomes_a_case_with_everything_in_it(
    case: str, code: str, kiosk: TestKiosk, card: TestCard, registry: Registry
) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1())
    delivery = card.deliver(
        kiosk,
        key=stranger if case == "receipt of another chip" else None,
        terminal_key=stranger if case == "terminal of nobody" else None,
        period=202601 if case == "period not granted" else MARCH,
    )
    changes: dict[str, dict[str, object]] = {
        "receipt cut": {"receipt_hex": delivery.receipt_hex[:-2]},
        "units journalled otherwise": {"units": 20},
        "record cut": {"ledger_record_hex": delivery.ledger_record_hex[:-2]},
        "card of nobody": {"card_number": "000000000"},
        "another kiosk's delivery": {"kiosk_id": "K999"},
    }
    answer = send(kiosk, delivery.model_copy(update=changes.get(case, {})))
    assert (answer.verdict, answer.code) == (EventVerdict.CONFLICT, code)
    assert booked(registry) == 0
    assert reasons(registry) == [code]


def test_another_delivery_at_the_same_place_of_the_ledger_is_a_case(
    kiosk: TestKiosk, card: TestCard, registry: Registry
) -> None:
    send(kiosk, card.deliver(kiosk, units=5))
    card.sequence -= 1
    assert send(kiosk, card.deliver(kiosk, units=6)).code == "delivery.sequence_taken"
    assert booked(registry) == 1


def test_the_same_delivery_id_with_another_content_is_a_case(kiosk: TestKiosk, card: TestCard) -> None:
    delivery = card.deliver(kiosk)
    send(kiosk, delivery)
    other = delivery.model_copy(update={"was_offline": False})
    assert send(kiosk, other).code == "delivery.differs"


def test_a_card_blocked_meanwhile_was_served_all_the_same_and_somebody_looks_at_it(
    kiosk: TestKiosk, family: Household, registry: Registry
) -> None:
    blocked = add_card(registry, kiosk, family, CardStatus.BLOCKED)
    answer = send(kiosk, blocked.deliver(kiosk))
    assert (answer.verdict, answer.code) == (EventVerdict.ACCEPTED, "delivery.card_not_active")
    assert (booked(registry), reasons(registry)) == (1, ["delivery.card_not_active"])


def test_two_cards_of_one_household_draw_from_one_entitlement_even_at_the_same_moment(
    new_kiosk: NewKiosk, family: Household, registry: Registry
) -> None:
    desks = [new_kiosk() for _ in range(3)]
    cards = [add_card(registry, desk, family) for desk in desks]
    pairs = [(desk, card.deliver(desk)) for desk, card in zip(desks, cards, strict=True)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda pair: send(*pair), pairs))
    assert sorted(answer.verdict for answer in answers) == [
        EventVerdict.ACCEPTED,
        EventVerdict.CONFLICT,
        EventVerdict.CONFLICT,
    ]
    assert (booked(registry), drawn(registry, family.id)) == (1, 25)


def test_a_delivery_leaves_one_audit_line_beside_it(kiosk: TestKiosk, card: TestCard, registry: Registry) -> None:
    delivery = card.deliver(kiosk)
    send(kiosk, delivery)
    send(kiosk, delivery)
    with registry.database.read() as connection:
        query = select(audit_lines.c.action).where(audit_lines.c.stream == AuditStream.DELIVERIES)
        assert connection.execute(query).scalars().all() == ["delivery.booked"]
