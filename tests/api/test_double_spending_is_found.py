"""Two desks that never heard of each other: at sync the registry names card, entitlement and both desks."""

from __future__ import annotations

from central_api.console.day_report import read_report
from central_api.context import Registry
from central_api.deliveries.double_spending import DoubleSpending, find_double_spending
from domain.events import EventKind
from domain.people import Household
from tests.api.client import TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.people import make_family
from tests.api.registered import FOOD, FOOD_SCHEME, MARCH, TestCard, add_card, choose, send_submission


def _card(kiosk: TestKiosk, registry: Registry) -> TestCard:
    family: Household = make_family(AREA, land_acres=1)
    send_submission(kiosk, family)
    choose(kiosk, family, FOOD)
    return add_card(registry, kiosk, family)


def _found(registry: Registry) -> tuple[DoubleSpending, ...]:
    with registry.database.read() as connection:
        return find_double_spending(connection)


def test_the_same_place_of_a_ledger_told_by_two_desks_is_found_with_both(
    kiosk: TestKiosk, registry: Registry, new_kiosk: NewKiosk
) -> None:
    card, other = _card(kiosk, registry), new_kiosk()
    sequence = card.sequence
    kiosk.tell(EventKind.DELIVERY_RECORDED, card.deliver(kiosk, units=5))
    assert _found(registry) == ()
    # The chip as it was before: a copy with keys, or memory set back.
    card.sequence = sequence
    answer = other.tell(EventKind.DELIVERY_RECORDED, card.deliver(other, units=6))
    assert answer.code == "delivery.sequence_taken"
    (finding,) = _found(registry)
    assert (finding.card, finding.scheme, finding.period, finding.units) == (card.number, FOOD_SCHEME, MARCH, 6)
    assert finding.kiosks == (kiosk.id, other.id)
    with registry.database.read() as connection:
        assert read_report(connection).double_spending == (finding,)


def test_more_than_was_granted_is_found_with_the_desks_that_handed_it_over(
    kiosk: TestKiosk, registry: Registry, new_kiosk: NewKiosk
) -> None:
    card, other = _card(kiosk, registry), new_kiosk()
    kiosk.tell(EventKind.DELIVERY_RECORDED, card.deliver(kiosk))
    answer = other.tell(EventKind.DELIVERY_RECORDED, card.deliver(other))
    assert answer.code == "delivery.over_entitlement"
    (finding,) = _found(registry)
    assert finding.reason == "delivery.over_entitlement"
    assert finding.kiosks == (kiosk.id, other.id)
