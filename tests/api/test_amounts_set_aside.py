"""Amounts set aside at providers, as the registry follows them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from card_service.ledger_record import RecordKind
from central_api.context import Registry
from central_api.deliveries.provider_transactions import find_transaction
from central_api.entitlements.repository import lock_drawing
from central_api.tables.benefits import review_cases
from domain.deliveries import BenefitDelivery
from domain.events import EventKind
from domain.messages.sync import EventVerdict
from domain.provider_transactions import ProviderKind, ProviderMark, ProviderState, ProviderStep, ProviderUse
from tests.api.client import TestKiosk
from tests.api.conftest import AREA, NewKiosk
from tests.api.people import make_family
from tests.api.registered import FOOD, FOOD_SCHEME, MARCH, TestCard, add_card, choose, send_submission

_P = ProviderStep


@pytest.fixture
def card(kiosk: TestKiosk, registry: Registry) -> TestCard:
    family = make_family(AREA, land_acres=1)
    send_submission(kiosk, family)
    choose(kiosk, family, FOOD)
    return add_card(registry, kiosk, family)


def marked(kiosk: TestKiosk, card: TestCard, step: ProviderStep, units: int, name: str = "T-1") -> BenefitDelivery:
    kind = RecordKind.DELIVERY if step is _P.BLOCK else RecordKind.REVERSAL
    mark = ProviderMark(transaction_id=name, kind=ProviderKind.CLINIC, step=step)
    return card.deliver(kiosk, kind=kind, units=units).model_copy(update={"provider": mark})


def tell(kiosk: TestKiosk, delivery: BenefitDelivery) -> tuple[EventVerdict, str | None]:
    answer = kiosk.tell(EventKind.DELIVERY_RECORDED, delivery)
    return answer.verdict, answer.code


def use(kiosk: TestKiosk, units: int, name: str = "T-1") -> tuple[EventVerdict, str | None]:
    answer = kiosk.tell(EventKind.PROVIDER_USED, ProviderUse(transaction_id=name, units=units))
    return answer.verdict, answer.code


OK = (EventVerdict.ACCEPTED, None)
REFUSED = (EventVerdict.REJECTED, "provider.step_refused")
UNKNOWN = (EventVerdict.REJECTED, "provider.unknown")


def drawn(registry: Registry, card: TestCard) -> int:
    with registry.begin() as transaction:
        drawing = lock_drawing(transaction.connection, card.household_id, FOOD_SCHEME, MARCH)
        assert drawing is not None
        return drawing.drawn


def test_set_aside_part_used_closed_and_the_balance_is_what_was_used(
    kiosk: TestKiosk, card: TestCard, registry: Registry
) -> None:
    block = marked(kiosk, card, _P.BLOCK, 20)
    assert [tell(kiosk, block), use(kiosk, 5), use(kiosk, 16), use(kiosk, 3)] == [OK, OK, REFUSED, OK]
    assert drawn(registry, card) == 20
    assert tell(kiosk, marked(kiosk, card, _P.CLOSE, 12)) == OK
    assert drawn(registry, card) == 8
    assert use(kiosk, 1) == REFUSED
    assert tell(kiosk, block) == OK, "the same again changes nothing"
    with registry.database.read() as connection:
        after = find_transaction(connection, "T-1")
    assert after is not None
    assert (after.state, after.blocked, after.used, after.returned) == (ProviderState.CLOSED, 20, 8, 12)


def test_all_of_it_goes_back_when_it_is_undone(kiosk: TestKiosk, card: TestCard, registry: Registry) -> None:
    assert [tell(kiosk, marked(kiosk, card, _P.BLOCK, 20)), use(kiosk, 5)] == [OK, OK]
    assert tell(kiosk, marked(kiosk, card, _P.REVERSE, 20)) == OK
    assert drawn(registry, card) == 0


def test_a_step_the_card_bears_out_and_the_table_does_not_counts_and_is_looked_at(
    kiosk: TestKiosk, card: TestCard, registry: Registry
) -> None:
    tell(kiosk, marked(kiosk, card, _P.BLOCK, 20))
    use(kiosk, 5)
    assert tell(kiosk, marked(kiosk, card, _P.CLOSE, 14)) == (EventVerdict.ACCEPTED, "provider.step_refused")
    assert drawn(registry, card) == 6, "the card holds it, so it counts"
    assert tell(kiosk, marked(kiosk, card, _P.BLOCK, 1)) == (EventVerdict.ACCEPTED, "provider.step_refused")
    with registry.database.read() as connection:
        assert list(connection.execute(select(review_cases.c.reason)).scalars()) == ["provider.step_refused"] * 2
        after = find_transaction(connection, "T-1")
    assert after is not None
    assert after.state is ProviderState.PART_USED


def test_no_other_desk_uses_or_returns_it(kiosk: TestKiosk, card: TestCard, new_kiosk: NewKiosk) -> None:
    tell(kiosk, marked(kiosk, card, _P.BLOCK, 20))
    other = new_kiosk()
    assert use(other, 1) == UNKNOWN
    assert use(kiosk, 1, "T-2") == UNKNOWN
    assert tell(other, marked(other, card, _P.REVERSE, 20)) == (EventVerdict.ACCEPTED, "provider.unknown")
