"""Denials with who was denied, and the grievance that each raises by itself."""

from __future__ import annotations

from sqlalchemy import select

from central_api.context import Registry
from central_api.denials.repository import list_newest
from central_api.grievances import repository as grievances
from central_api.tables.service import denials
from domain.deliveries import Denial
from domain.events import EventKind
from domain.grievances import Grievance, GrievanceChannel, GrievanceReason
from domain.ids import AreaCode, GrievanceNumber
from domain.messages.sync import EventVerdict
from domain.verification import Rung, RungOutcome, RungTried
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family
from tests.api.registered import add_card, send_submission

RUNGS = tuple(
    RungTried(rung=Rung.BEST_FINGER, attempt=attempt, outcome=RungOutcome.NOT_MATCHED) for attempt in (1, 2, 3)
)


def make_denial(kiosk: TestKiosk, **changes: object) -> Denial:
    denial = Denial(
        reference=f"D-{kiosk.id}-26-0001",
        kiosk_id=kiosk.id,
        card_number=None,
        reason="holder.not_matched",
        alternative="supervisor",
        rungs=RUNGS,
        denied_at=kiosk.now(),
    )
    return denial.model_copy(update=changes)


def test_a_denial_is_counted_by_who_was_denied_and_raises_a_grievance(kiosk: TestKiosk, registry: Registry) -> None:
    family = make_family(AREA)
    mother = family.head.person.model_copy(update={"facts": {"occupation": "daily_labour"}})
    family = family.model_copy(
        update={"members": (family.members[0].model_copy(update={"person": mother}), *family.members[1:])}
    )
    send_submission(kiosk, family)
    card = add_card(registry, kiosk, family)
    denial = make_denial(kiosk, card_number=card.number, grievance_number="G-K001-26-0007")
    assert kiosk.tell(EventKind.DENIAL_RECORDED, denial).verdict is EventVerdict.ACCEPTED
    assert kiosk.tell(EventKind.DENIAL_RECORDED, denial).verdict is EventVerdict.ACCEPTED
    with registry.database.read() as connection:
        ((stored, holder),) = list_newest(connection, 10)
        (grievance,) = grievances.list_newest(connection, 10)
    assert stored == denial
    assert holder is not None
    assert (holder.sex, holder.birth_year, holder.occupation) == ("F", 1990, "daily_labour")
    assert (grievance.number, grievance.channel) == ("G-K001-26-0007", GrievanceChannel.AUTOMATIC)


def test_a_denial_without_a_card_or_a_number_raises_one_too(kiosk: TestKiosk, registry: Registry) -> None:
    kiosk.tell(EventKind.DENIAL_RECORDED, make_denial(kiosk))
    with registry.database.read() as connection:
        assert [each.number for each in grievances.list_newest(connection, 10)] == ["G-D-K001-26-0001"]
        assert connection.execute(select(denials.c.holder_sex)).scalar_one() is None


def test_another_denial_under_the_same_reference_is_a_conflict(kiosk: TestKiosk) -> None:
    kiosk.tell(EventKind.DENIAL_RECORDED, make_denial(kiosk))
    answer = kiosk.tell(EventKind.DENIAL_RECORDED, make_denial(kiosk, reason="card.copied"))
    assert (answer.verdict, answer.code) == (EventVerdict.CONFLICT, "denial.differs")


def test_the_grievance_of_a_denial_may_be_lodged_by_the_kiosk_too_and_is_one(
    kiosk: TestKiosk, registry: Registry
) -> None:
    number = GrievanceNumber("G-K001-26-0001")
    lodged = Grievance(
        number=number,
        channel=GrievanceChannel.AUTOMATIC,
        reason=GrievanceReason.DENIED,
        area=AreaCode(AREA),
        lodged_at=kiosk.now(),
    )
    kiosk.tell(EventKind.DENIAL_RECORDED, make_denial(kiosk, grievance_number=number))
    assert kiosk.tell(EventKind.GRIEVANCE_LODGED, lodged).verdict is EventVerdict.ACCEPTED
    with registry.database.read() as connection:
        assert len(grievances.list_newest(connection, 10)) == 1


def test_another_complaint_under_a_number_already_given_is_a_conflict(kiosk: TestKiosk) -> None:
    lodged = Grievance(
        number=GrievanceNumber("G-K001-26-0001"),
        channel=GrievanceChannel.KIOSK,
        reason=GrievanceReason.RUDE,
        area=AreaCode(AREA),
        lodged_at=kiosk.now(),
    )
    assert kiosk.tell(EventKind.GRIEVANCE_LODGED, lodged).verdict is EventVerdict.ACCEPTED
    other = lodged.model_copy(update={"reason": GrievanceReason.MONEY_ASKED})
    assert kiosk.tell(EventKind.GRIEVANCE_LODGED, other).verdict is EventVerdict.CONFLICT
