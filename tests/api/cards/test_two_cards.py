"""Two cards, one balance; and statements that are renewed while cards are out in the world."""

from __future__ import annotations

import random
import sys
from datetime import timedelta

import pytest

from card_service.ledger import AlreadyDrawn
from central_api.cards.clock import run_if_due
from central_api.context import Registry
from domain.cards import CardStatus
from domain.events import EventKind
from domain.messages import routes
from domain.messages.card_services import OfficeStatements, ShareRequest
from domain.messages.sync import EventVerdict, PullAnswer
from domain.people import Household
from tests.api.cards.lost_and_found import (
    block,
    card_of,
    draw,
    issue,
    limits_on,
    offer,
    share,
    status_of,
    tell_written,
    write,
)
from tests.api.client import TestKiosk
from tests.api.conftest import OTHER_AREA, NewKiosk
from tests.api.fakes import Clock
from tests.api.issuing import Chip, Desk, Officer
from tests.api.registered import MARCH, RATION_KG

ROUNDS = 60


def _two_cards(desk: Desk, family: Household, officer: Officer, kept: int = 1, given: int = 1) -> tuple[Chip, Chip]:
    """The family's card and one for the member who travels, as a desk makes them in one visit."""
    home, card = issue(desk, family, officer)
    lowered = share(desk.kiosk, card.card_number, officer, kept, given)
    write(desk, home, lowered)
    assert tell_written(desk.kiosk, lowered).code is None
    away, _ = issue(desk, family, officer, beside=card.card_number)
    return home, away


@pytest.mark.parametrize(("kept", "given", "limits"), [(1, 1, (13, 12)), (3, 1, (19, 6)), (4, 1, (20, 5))])
def test_shares_agreed_at_the_desk_are_the_limits_of_both_chips(
    desk: Desk, family: Household, officer: Officer, kept: int, given: int, limits: tuple[int, int]
) -> None:
    home, away = _two_cards(desk, family, officer, kept, given)
    assert (limits_on(desk, home)[MARCH], limits_on(desk, away)[MARCH]) == limits
    assert sum(limits) == RATION_KG
    assert card_of(desk, away).card_number != card_of(desk, home).card_number


def test_no_chip_gives_out_the_others_part_even_offline(desk: Desk, family: Household, officer: Officer) -> None:
    home, away = _two_cards(desk, family, officer)
    draw(desk, home, 13)
    draw(desk, away, 12)
    for chip in (home, away):
        with pytest.raises(AlreadyDrawn):
            draw(desk, chip, 1)


def test_a_second_card_has_nothing_while_the_first_may_still_hold_everything(
    desk: Desk, family: Household, officer: Officer
) -> None:
    """The desk did not say that the first card was lowered: until it does, only zero is safe."""
    home, card = issue(desk, family, officer)
    lowered = share(desk.kiosk, card.card_number, officer, 1, 1)
    away, second = issue(desk, family, officer, beside=card.card_number)
    assert limits_on(desk, away)[MARCH] == 0
    write(desk, home, lowered)
    tell_written(desk.kiosk, lowered)
    raised = offer(desk.kiosk, second.card_number, held=1)
    write(desk, away, raised)
    assert limits_on(desk, away)[MARCH] == 12


def test_a_third_card_or_one_without_a_share_is_refused(desk: Desk, family: Household, officer: Officer) -> None:
    home, _ = _two_cards(desk, family, officer)
    order = desk.order(Chip(), household_id=family.id)
    beside = order.model_copy(update={"beside": card_of(desk, home).card_number})
    assert desk.kiosk.post(routes.CARD_ORDERS, beside).json()["code"] == "card.no_share_agreed"
    assert desk.kiosk.post(routes.CARD_ORDERS, order).json()["code"] == "card.holder_has_card"


def test_when_the_traveller_is_back_the_whole_balance_returns_to_the_first_card(
    desk: Desk, family: Household, officer: Officer
) -> None:
    home, away = _two_cards(desk, family, officer)
    first, second = card_of(desk, home).card_number, card_of(desk, away).card_number
    desk.kiosk.tell(EventKind.DELIVERY_RECORDED, draw(desk, away, 5))
    back = ShareRequest(card_number=first, kept=1, given=0, operator_id=officer.operator_id)
    assert desk.kiosk.post(routes.CARD_SHARES, back).json()["code"] == "card.second_in_force"
    block(desk.kiosk, second, officer)
    write(desk, home, share(desk.kiosk, first, officer, 1, 0))
    assert limits_on(desk, home)[MARCH] == RATION_KG - 5
    assert status_of(desk.kiosk, second) is CardStatus.REPLACED


def test_the_travellers_lost_card_is_replaced_in_its_own_place(desk: Desk, family: Household, officer: Officer) -> None:
    home, away = _two_cards(desk, family, officer)
    desk.kiosk.tell(EventKind.DELIVERY_RECORDED, draw(desk, away, 5))
    lost = card_of(desk, away).card_number
    block(desk.kiosk, lost, officer)
    new, _ = issue(desk, family, officer, replaces=lost)
    assert (limits_on(desk, home)[MARCH], limits_on(desk, new)[MARCH]) == (13, 12 - 5)


def test_random_days_of_two_cards_never_give_out_more_than_the_balance(
    desk: Desk, family: Household, officer: Officer, capsys: pytest.CaptureFixture[str]
) -> None:
    home, away = _two_cards(desk, family, officer)
    chips = {card_of(desk, chip).card_number: chip for chip in (home, away)}
    dice, given, waiting = random.Random(7), 0, []
    for _ in range(ROUNDS):
        number = dice.choice(list(chips))
        chip = chips[number]
        match dice.randrange(4):
            case 0:
                units = dice.randrange(1, 4)
                try:
                    waiting.append(draw(desk, chip, units))
                    given += units
                except AlreadyDrawn:
                    continue
            case 1 if waiting:
                delivery = waiting.pop(0)
                assert desk.kiosk.tell(EventKind.DELIVERY_RECORDED, delivery).verdict is EventVerdict.ACCEPTED
            case 2:
                renewed = offer(desk.kiosk, number, held=card_of(desk, chip).details.statement.version)
                if renewed.slot is not None:
                    write(desk, chip, renewed)
                    if dice.random() < 0.5:
                        tell_written(desk.kiosk, renewed)
            case _:
                share(desk.kiosk, number, officer, dice.randrange(1, 4), dice.randrange(1, 4))
        assert given <= RATION_KG
    with capsys.disabled():
        sys.stdout.write(f"\n{ROUNDS} steps with two chips: {given} of {RATION_KG} kg given out\n")


def test_a_new_month_reaches_an_active_card_as_a_newer_statement(
    desk: Desk, family: Household, officer: Officer, kiosk: TestKiosk, clock: Clock, registry: Registry
) -> None:
    chip, card = issue(desk, family, officer)
    assert offer(kiosk, card.card_number, held=1).slot is None, "nothing is new"
    clock.pass_time(timedelta(days=40))
    later = Desk(kiosk)
    run_if_due(registry)
    renewed = offer(kiosk, card.card_number, held=1)
    assert renewed.version == 2
    write(later, chip, renewed)
    assert max(limits_on(later, chip)) == 202606
    write(later, chip, renewed)
    assert offer(kiosk, card.card_number, held=2).slot is None


def test_a_desk_fetches_ahead_what_its_offices_cards_do_not_hold_yet(
    desk: Desk, family: Household, officer: Officer, kiosk: TestKiosk, clock: Clock, new_kiosk: NewKiosk
) -> None:
    _, card = issue(desk, family, officer)
    clock.pass_time(timedelta(days=40))
    ahead = kiosk.ask(OfficeStatements, routes.OFFICE_STATEMENTS)
    assert [(each.card_number, each.version) for each in ahead.offers] == [(card.card_number, 2)]
    assert kiosk.ask(OfficeStatements, routes.OFFICE_STATEMENTS, after=ahead.cursor).offers == ()
    assert new_kiosk(OTHER_AREA).ask(OfficeStatements, routes.OFFICE_STATEMENTS).offers == ()
    tell_written(kiosk, ahead.offers[0])
    assert kiosk.ask(OfficeStatements, routes.OFFICE_STATEMENTS).offers == ()


def test_a_statement_that_nobody_signed_is_not_believed_to_be_on_a_card(
    desk: Desk, family: Household, officer: Officer, kiosk: TestKiosk
) -> None:
    _, card = issue(desk, family, officer)
    made_up = offer(kiosk, card.card_number, held=0).model_copy(update={"version": 9})
    assert tell_written(kiosk, made_up).code == "card.statement_unknown"


def test_cards_past_their_last_day_expire_once_a_day_and_every_office_is_told(
    desk: Desk, family: Household, officer: Officer, registry: Registry, clock: Clock
) -> None:
    _, card = issue(desk, family, officer)
    assert run_if_due(registry) == (0, 0)
    assert run_if_due(registry) is None
    clock.pass_time(timedelta(days=3651))
    done = run_if_due(registry)
    assert done is not None
    assert done[0] == 2, "the family's and the officer's"
    assert status_of(desk.kiosk, card.card_number) is CardStatus.EXPIRED
    told = desk.kiosk.ask(PullAnswer, routes.SYNC_PULL, after=0).changes
    assert {"card_number": card.card_number, "status": "expired"} in [change.payload for change in told]
