"""Failure to enrol and failure to verify by group, on both databases, from what desks report anyhow."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
from anyio.from_thread import BlockingPortal
from sqlalchemy import select

from central_api.app import create_app
from central_api.context import Registry
from central_api.deliveries.repository import add_delivery
from central_api.finger_outcomes.endpoints import FINGER_OUTCOMES
from central_api.finger_outcomes.groups import UNKNOWN, GroupFigure, Kind
from central_api.finger_outcomes.repository import list_enrolled
from central_api.finger_outcomes.service import FingerReport
from central_api.households.repository import add_household
from central_api.tables.fingers import finger_exceptions
from central_api.tables.people import templates
from domain.deliveries import Denial
from domain.events import EventKind
from domain.fingers import FingerPosition
from domain.messages.enrolment import FingerExcepted, FingerException
from domain.people import BirthDate, Relationship
from domain.sensors import SensorIdentity
from domain.verification import Rung, RungOutcome, RungTried, VerifiedBy
from tests.api.client import BASE_URL, AsgiBridge, TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.people import make_family, make_finger, make_submission, seal
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


def ladder(sensor: SensorIdentity | None, *, is_match: bool) -> tuple[RungTried, ...]:
    thumb = RungTried(rung=Rung.BEST_FINGER, attempt=1, outcome=RungOutcome.NOT_MATCHED, sensor=sensor)
    again = RungOutcome.MATCHED if is_match else RungOutcome.BAD_CAPTURE
    return thumb, thumb.model_copy(update={"attempt": 2, "outcome": again})


def deny(kiosk: TestKiosk, rungs: tuple[RungTried, ...], number: str) -> None:
    denial = Denial(
        reference=number,
        kiosk_id=kiosk.id,
        card_number=None,
        reason="holder.not_identified",
        alternative="supervisor",
        rungs=rungs,
        denied_at=kiosk.now(),
    )
    kiosk.tell(EventKind.DENIAL_RECORDED, denial)


def serve(kiosk: TestKiosk, registry: Registry, rungs: tuple[RungTried, ...]) -> None:
    """A delivery to a family of its own, as it stands in the table."""
    family = make_family(AREA, land_acres=1)
    with registry.begin() as transaction:
        add_household(transaction.connection, family, transaction.now)
    card = add_card(registry, kiosk, family)
    delivery = card.deliver(kiosk).model_copy(update={"rungs": rungs})
    with registry.begin() as transaction:
        add_delivery(transaction.connection, delivery, family.id, transaction.now)


def test_a_device_that_fails_more_often_than_the_others_alarms_by_its_serial_number(
    client: httpx.Client, new_kiosk: NewKiosk, registry: Registry
) -> None:
    kiosk, other = new_kiosk(), new_kiosk()
    good = [SensorIdentity(driver="zfm", model="ZFM-20", serial=f"A{n}") for n in range(3)]
    bad = SensorIdentity(driver="zfm", model="ZFM-20", serial="B1")
    nameless = SensorIdentity(driver="zfm", model="ZFM-20")
    for sensor in [*good, bad]:
        for _ in range(6):
            serve(kiosk, registry, ladder(sensor, is_match=True))
    for desk in (kiosk, other):
        for number in range(5):
            deny(desk, ladder(nameless, is_match=False), f"{desk.id}-{number}")
    for number in range(4):
        deny(kiosk, ladder(bad, is_match=False), f"B-{number}")
    for number in range(2):
        deny(kiosk, ladder(SensorIdentity(driver="sbi", serial="S9"), is_match=False), f"S-{number}")
    for _ in range(6):
        serve(kiosk, registry, ladder(None, is_match=True))

    found = report(client).to_verify
    assert of(found, Kind.DEVICE) == {
        **{f"zfm ZFM-20 A{n}": (6, 0) for n in range(3)},
        "zfm ZFM-20 B1": (10, 4),
        f"zfm ZFM-20 at {other.id}": (5, 5),
        UNKNOWN: (6, 0),
        # A small group takes the next smallest with it: the two could be told from the total.
        "sbi S9": (None, None),
        f"zfm ZFM-20 at {kiosk.id}": (None, None),
    }
    alarms = {each.group for each in found if each.kind is Kind.DEVICE and each.is_alarming}
    assert alarms == {"zfm ZFM-20 B1", f"zfm ZFM-20 at {other.id}"}
    assert of(found, Kind.DEVICE_KIND)["zfm ZFM-20"] == (38, 14)
    page = client.get("/console/fingers").text
    assert "zfm ZFM-20 B1" in page


def test_the_device_of_an_enrolment_is_counted_by_what_it_took_or_tried(
    client: httpx.Client, kiosk: TestKiosk, registry: Registry
) -> None:
    zfm, sbi = SensorIdentity(driver="zfm", model="ZFM-20", serial="A1"), SensorIdentity(driver="sbi", serial="S9")
    family = make_family(AREA)
    born = BirthDate(on=date(1980, 1, 1))
    members = tuple(
        each.model_copy(update={"person": each.person.model_copy(update={"born": born})})
        if each.relationship is Relationship.CHILD
        else each
        for each in family.members
    )
    family = family.model_copy(update={"members": members})
    submission = make_submission(family, kiosk.id, kiosk.now())
    taken = make_finger(1).model_copy(update={"sensor": zfm, "attempts": 5})
    worn = FingerExcepted(position=FingerPosition.LEFT_THUMB, reason=FingerException.WORN, attempts=3, sensor=sbi)
    captures = tuple(
        each.model_copy(update={"fingers": (taken,)} if number == 0 else {"excepted": (worn,)})
        for number, each in enumerate(submission.captures)
    )
    submission = submission.model_copy(update={"captures": captures})
    kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    with registry.database.read() as connection:
        tried = connection.execute(select(templates.c.attempts)).scalars().all()
        tried += connection.execute(select(finger_exceptions.c.attempts)).scalars().all()
        assert sorted(tried) == [3, 3, 3, 3, 5], "how often each finger was tried is on record"
        attempts = list(list_enrolled(connection, kiosk.now() - timedelta(days=1)))
    assert sorted((each.sensor.kind if each.sensor else "", each.has_failed) for each in attempts) == [
        *[("sbi", True)] * 4,
        ("zfm ZFM-20", False),
    ]


def test_an_empty_registry_has_an_empty_report_and_a_page(client: httpx.Client) -> None:
    assert report(client).to_enrol == ()
    page = client.get("/console/fingers")
    assert page.status_code == 200
    assert "Nothing to count yet" in page.text


def test_the_report_is_for_the_registrys_own_machine(registry: Registry, portal: BlockingPortal) -> None:
    far = AsgiBridge(create_app(registry), portal, host="203.0.113.9")
    with httpx.Client(transport=far, base_url=BASE_URL) as stranger:
        assert stranger.get(FINGER_OUTCOMES).status_code == 403
