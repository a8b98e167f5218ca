"""Failure to enrol and failure to verify by group, on both databases, from what desks report anyhow."""

from __future__ import annotations

from datetime import date

import httpx
from anyio.from_thread import BlockingPortal

from central_api.app import create_app
from central_api.context import Registry
from central_api.finger_outcomes.endpoints import FINGER_OUTCOMES
from central_api.finger_outcomes.groups import GroupFigure, Kind
from central_api.finger_outcomes.service import FingerReport
from domain.deliveries import Denial
from domain.events import EventKind
from domain.fingers import FingerPosition
from domain.people import BirthDate
from domain.verification import Rung, RungOutcome, RungTried, VerifiedBy
from tests.api.client import BASE_URL, AsgiBridge, TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family, make_finger
from tests.api.registered import FOOD, add_card, choose, send_submission

OLD_ENOUGH = BirthDate(on=date(2016, 8, 2))
MISSED = tuple(
    RungTried(rung=Rung.BEST_FINGER, attempt=n, outcome=RungOutcome.NOT_MATCHED, finger=FingerPosition.RIGHT_THUMB)
    for n in (1, 2, 3)
)


def report(client: httpx.Client, **query: str) -> FingerReport:
    answer = client.get(FINGER_OUTCOMES, params=query)
    assert answer.status_code == 200, answer.text
    return FingerReport.model_validate_json(answer.text)


def of(figures: tuple[GroupFigure, ...], kind: Kind) -> dict[str, tuple[int | None, int | None]]:
    return {each.group: (each.tried, each.failed) for each in figures if each.kind is kind}


def test_people_who_agreed_and_gave_no_finger_are_counted_once_the_group_is_large_enough(
    client: httpx.Client, kiosk: TestKiosk
) -> None:
    family = make_family(AREA)
    grown = tuple(
        member.model_copy(update={"person": member.person.model_copy(update={"born": OLD_ENOUGH})})
        if member.person.born.on.year == 2021
        else member
        for member in family.members
    )
    family = family.model_copy(update={"members": grown})
    send_submission(kiosk, family, {family.head.person.id: [make_finger(1)]})
    found = report(client).to_enrol
    assert of(found, Kind.DESK) == {kiosk.id: (5, 4)}
    assert of(found, Kind.AGE) == {"30–44": (None, None), "5–14": (None, None), "15–29": (None, None)}


def test_small_children_are_not_counted_as_failures(client: httpx.Client, kiosk: TestKiosk) -> None:
    send_submission(kiosk, make_family(AREA))
    assert of(report(client).to_enrol, Kind.DESK) == {kiosk.id: (None, None)}


def test_a_visit_that_ended_by_face_counts_as_a_failed_finger_and_a_refusal_too(
    client: httpx.Client, kiosk: TestKiosk, registry: Registry
) -> None:
    family = make_family(AREA, land_acres=1)
    send_submission(kiosk, family)
    choose(kiosk, family, FOOD)
    card = add_card(registry, kiosk, family)
    by_face = card.deliver(kiosk, verified_by=VerifiedBy.FACE_AND_OFFICER).model_copy(update={"rungs": MISSED})
    kiosk.tell(EventKind.DELIVERY_RECORDED, by_face)
    for number in range(5):
        denial = Denial(
            reference=f"D-{number}",
            kiosk_id=kiosk.id,
            card_number=card.number,
            reason="holder.not_identified",
            alternative="supervisor",
            rungs=MISSED if number else (),
            denied_at=kiosk.now(),
        )
        kiosk.tell(EventKind.DENIAL_RECORDED, denial)
    found = report(client).to_verify
    assert of(found, Kind.DESK) == {kiosk.id: (5, 5)}
    assert of(report(client, days="1").to_verify, Kind.DESK) == {kiosk.id: (5, 5)}


def test_an_empty_registry_has_an_empty_report_and_a_page(client: httpx.Client) -> None:
    assert report(client).to_enrol == ()
    page = client.get("/console/fingers")
    assert page.status_code == 200
    assert "Nothing to count yet" in page.text


def test_the_report_is_for_the_registrys_own_machine(registry: Registry, portal: BlockingPortal) -> None:
    far = AsgiBridge(create_app(registry), portal, host="203.0.113.9")
    with httpx.Client(transport=far, base_url=BASE_URL) as stranger:
        assert stranger.get(FINGER_OUTCOMES).status_code == 403
