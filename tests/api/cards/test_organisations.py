"""Organisations that run desks: as many cards as agreed, what they did in counts, and nothing about one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import httpx
import pytest

from central_api.context import Registry
from central_api.organisations.endpoints import PERFORMANCE, STOCK, OrganisationStock
from central_api.organisations.repository import Organisation
from central_api.organisations.service import Performance, give_desk, hire
from domain.cards import SpoilReason
from domain.events import EventKind
from domain.ids import KioskId
from domain.messages import routes
from domain.messages.card_stock import StockMove, StockMoveKind
from domain.messages.enrolment import EnrolmentState, EnrolmentStatus
from domain.people import Household, Member, Relationship, Sex
from tests.api.cards.lost_and_found import issue
from tests.api.client import TestKiosk
from tests.api.conftest import NewKiosk
from tests.api.fakes import Clock
from tests.api.issuing import Chip, Desk, Officer
from tests.api.people import make_family, make_finger, make_person
from tests.api.registered import send_submission

HOPE = Organisation("hope", "Hope for the Hills", card_quota=3, is_active=True)
BRIDGE = Organisation("bridge", "Bridge Trust", card_quota=50, is_active=True)


def run_by(registry: Registry, organisation: Organisation, *kiosks: TestKiosk) -> None:
    with registry.begin() as transaction:
        hire(transaction, organisation)
        for kiosk in kiosks:
            give_desk(transaction, organisation.id, KioskId(kiosk.id))


def alone(area: str, name: str = "Farida Begum", finger: int | None = None) -> tuple[Household, dict[object, object]]:
    stranger = make_person(name, "फ़रीदा बेगम", sex=Sex.FEMALE, born=date(1971, 1, 1))
    head = Member(person=stranger, relationship=Relationship.HEAD)
    fingers = {} if finger is None else {stranger.id: [make_finger(finger)]}
    return make_family(area).model_copy(update={"members": (head,)}), fingers  # type: ignore[return-value]


def move(kiosk: TestKiosk, kind: StockMoveKind, count: int, reason: SpoilReason | None = None) -> None:
    kiosk.tell(EventKind.STOCK_MOVED, StockMove(kind=kind, on=kiosk.now().date(), count=count, reason=reason), "op-1")


def test_cards_beyond_the_quota_are_refused_with_the_reason_and_others_are_not(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry, new_kiosk: NewKiosk
) -> None:
    other = Desk(new_kiosk())
    run_by(registry, replace(HOPE, card_quota=2), kiosk, other.kiosk)
    issue(desk, family, officer)  # the officer's card was the first
    for each in (desk, other):
        answer = each.kiosk.post(routes.CARD_ORDERS, each.order(Chip(), household_id=family.id))
        assert (answer.status_code, answer.json()["code"]) == (403, "organisation.quota_used")
        assert answer.json()["params"] == {"quota": 2, "used": 2}
    run_by(registry, replace(HOPE, is_active=False, card_quota=9))
    answer = desk.kiosk.post(routes.CARD_ORDERS, desk.order(Chip(), household_id=family.id))
    assert answer.json()["code"] == "organisation.dismissed"
    with registry.begin() as transaction:
        give_desk(transaction, None, KioskId(kiosk.id))
    answer = desk.kiosk.post(routes.CARD_ORDERS, desk.order(Chip(), household_id=family.id))
    assert answer.json()["code"] == "card.holder_has_card", "the office has no quota"


def test_the_same_order_again_is_answered_also_when_the_quota_is_used_and_a_burned_card_gives_its_place_back(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry
) -> None:
    run_by(registry, replace(HOPE, card_quota=2), kiosk)
    order = desk.order(Chip(), household_id=family.id)
    assert desk.package(order) == desk.package(order)
    run_by(registry, replace(HOPE, card_quota=3))
    desk.package(desk.order(Chip(), household_id=family.id))  # supersedes the first
    told = kiosk.ask(Performance, PERFORMANCE.format(organisation_id="hope"))
    assert told.quota_used == 2


def test_an_organisation_is_told_what_it_did(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry, clock: Clock
) -> None:
    run_by(registry, replace(HOPE, card_quota=10), kiosk)
    move(kiosk, StockMoveKind.RECEIVED, 10)
    issue(desk, family, officer)
    clock.pass_time(timedelta(days=1))
    household, _ = alone(kiosk.bundle().area)
    send_submission(kiosk, household)
    move(kiosk, StockMoveKind.SPOILED, 1, SpoilReason.DAMAGED)
    clock.pass_time(timedelta(minutes=1))
    move(kiosk, StockMoveKind.COUNTED, 6)
    told = kiosk.ask(Performance, PERFORMANCE.format(organisation_id="hope"))
    assert (told.households, told.people, told.failed_captures) == (3, 7, 5)
    # The officer's card was issued by this desk, too, before it had a stock.
    assert (told.cards_issued, told.cards_spoiled, told.blanks_missing, told.days) == (2, 1, 1, 2)
    assert (told.quota_used, told.card_quota, told.desks) == (2, 10, (kiosk.id,))


@pytest.mark.parametrize("path", [PERFORMANCE, STOCK])
def test_no_organisation_sees_a_row_of_another(
    kiosk: TestKiosk, officer: Officer, registry: Registry, new_kiosk: NewKiosk, path: str
) -> None:
    hers, his, office = kiosk, new_kiosk(), new_kiosk()
    run_by(registry, HOPE, hers)
    run_by(registry, BRIDGE, his)
    for each in (hers, his, office):
        move(each, StockMoveKind.RECEIVED, 7)
    seen = {
        (asking.id, organisation): asking.get(path.format(organisation_id=organisation)).status_code
        for asking in (hers, his, office)
        for organisation in ("hope", "bridge", "nobody")
    }
    assert {pair for pair, status in seen.items() if status == 200} == {(hers.id, "hope"), (his.id, "bridge")}
    assert set(seen.values()) == {200, 404}
    days = his.ask(OrganisationStock, STOCK.format(organisation_id="bridge")).days
    assert {day.kiosk_id for day in days} == {his.id}


def test_a_registration_waiting_at_one_organisations_desk_does_not_exist_for_the_other(
    kiosk: TestKiosk, officer: Officer, registry: Registry, new_kiosk: NewKiosk
) -> None:
    his = new_kiosk()
    run_by(registry, HOPE, kiosk)
    run_by(registry, BRIDGE, his)
    household, _ = alone(kiosk.bundle().area)
    submission = send_submission(kiosk, household)
    path = routes.ENROLMENT.format(submission_id=submission.submission_id)
    states = [each.ask(EnrolmentState, path).status for each in (kiosk, his)]
    assert states == [EnrolmentStatus.REGISTERED, EnrolmentStatus.UNKNOWN]


def test_an_order_of_one_organisations_desk_is_not_given_to_the_other(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry, new_kiosk: NewKiosk
) -> None:
    his = new_kiosk()
    run_by(registry, replace(HOPE, card_quota=9), kiosk)
    run_by(registry, BRIDGE, his)
    order = desk.order(Chip(), household_id=family.id)
    desk.package(order)
    answer = his.post(routes.CARD_ORDERS, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "card.order_differs")


def test_the_console_shows_stock_and_organisations(
    desk: Desk, kiosk: TestKiosk, family: Household, officer: Officer, registry: Registry, client: httpx.Client
) -> None:
    for page in ("/console/stock", "/console/organisations"):
        assert client.get(page).status_code == 200
    run_by(registry, HOPE, kiosk)
    move(kiosk, StockMoveKind.RECEIVED, 20)
    issue(desk, family, officer)
    text = client.get("/console/stock").text
    assert "<strong>18</strong> blank" in text
    assert "never counted by hand" in text
    assert "2 of 3" in client.get("/console/organisations").text
    for page in ("/console/stock", "/console/organisations"):
        answer = client.get(page)
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        assert "Sunita" not in answer.text
