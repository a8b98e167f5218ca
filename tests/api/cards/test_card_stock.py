"""Blank + issued + spoiled = received, per desk and day; a blank that vanished shows when somebody counts."""

from __future__ import annotations

import random
import sys
from datetime import date, timedelta

import pytest

from central_api.cards.stock import read_stock, sum_days
from central_api.context import Registry
from domain.cards import SpoilReason
from domain.events import EventKind
from domain.ids import KioskId, OrderId
from domain.messages.card_stock import StockMove, StockMoveKind
from domain.messages.cards import CardSpoiled
from domain.messages.sync import EventVerdict
from domain.people import Household
from tests.api.cards.lost_and_found import issue
from tests.api.client import TestKiosk
from tests.api.fakes import Clock
from tests.api.issuing import Chip, Desk, Officer

DAYS = 2_000


def move(kiosk: TestKiosk, kind: StockMoveKind, count: int, reason: SpoilReason | None = None) -> EventVerdict:
    said = StockMove(kind=kind, on=kiosk.now().date(), count=count, reason=reason)
    return kiosk.tell(EventKind.STOCK_MOVED, said, "op-1").verdict


def test_what_was_received_is_blank_issued_or_spoiled(
    desk: Desk, family: Household, officer: Officer, kiosk: TestKiosk, registry: Registry, clock: Clock
) -> None:
    move(kiosk, StockMoveKind.RECEIVED, 20)
    issue(desk, family, officer)
    clock.pass_time(timedelta(minutes=1))
    move(kiosk, StockMoveKind.SPOILED, 2, SpoilReason.PRINT_WRONG)
    clock.pass_time(timedelta(minutes=1))
    move(kiosk, StockMoveKind.COUNTED, 15)
    with registry.database.read() as connection:
        (day,) = read_stock(connection, kiosk.id)
    assert (day.received, day.issued, day.spoiled, day.blank) == (20, 2, 2, 16)
    assert day.missing == 1


def test_plastic_lost_while_issuing_counts_once_and_a_wiped_chip_not_at_all(
    desk: Desk, family: Household, officer: Officer, kiosk: TestKiosk, registry: Registry
) -> None:
    package = desk.package(desk.order(Chip(), household_id=family.id))
    spoiled = CardSpoiled(
        order_id=package.order_id,
        card_number=package.card_number,
        reason="another_chip",
        plastic=SpoilReason.NOT_COLLECTED,
    )
    for _ in range(2):
        assert kiosk.tell(EventKind.CARD_SPOILED, spoiled).verdict is EventVerdict.ACCEPTED
    wiped = spoiled.model_copy(update={"order_id": OrderId("another"), "plastic": None})
    kiosk.tell(EventKind.CARD_SPOILED, wiped)
    with registry.database.read() as connection:
        (day,) = read_stock(connection, kiosk.id)
    assert day.spoiled == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "issued", "count": 1},
        {"kind": "received", "count": -1},
        {"kind": "spoiled", "count": 1},
        {"kind": "received", "count": 1, "reason": "damaged"},
    ],
)
def test_a_desk_cannot_tell_moves_that_make_no_sense(kiosk: TestKiosk, wrong: dict[str, object]) -> None:
    said = StockMove.model_validate({"on": "2026-03-10", **wrong})
    assert kiosk.tell(EventKind.STOCK_MOVED, said).verdict is EventVerdict.REJECTED


def test_the_sum_holds_on_random_days_and_a_thief_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """Against a drawer of plastic that is really handled: what the register says is blank lies there, thefts apart."""
    dice, drawer, stolen = random.Random(3), 0, 0
    moves: list[tuple[KioskId, date, StockMoveKind, int]] = []
    received = issued = spoiled = 0
    for number in range(DAYS):
        day = date(2026, 1, 1) + timedelta(days=number)
        for _ in range(dice.randrange(6)):
            kind = dice.choice(list(StockMoveKind))
            count = dice.randrange(30) if kind is StockMoveKind.RECEIVED else min(drawer, dice.randrange(4))
            if kind is StockMoveKind.COUNTED:
                count = drawer
            elif kind is StockMoveKind.RECEIVED:
                drawer, received = drawer + count, received + count
            else:
                drawer -= count
                issued += count * (kind is StockMoveKind.ISSUED)
                spoiled += count * (kind is StockMoveKind.SPOILED)
            moves.append((KioskId("K-1"), day, kind, count))
        if drawer and dice.random() < 0.01:
            drawer, stolen = drawer - 1, stolen + 1
            moves.append((KioskId("K-1"), day, StockMoveKind.COUNTED, drawer))
    days = sum_days(moves)
    sums = [sum(getattr(day, name) for day in days) for name in ("received", "issued", "spoiled")]
    assert sums == [received, issued, spoiled]
    assert days[-1].blank + issued + spoiled == received
    assert [day.missing for day in days if day.missing is not None][-1] == stolen > 0
    with capsys.disabled():
        sys.stdout.write(f"\n{DAYS} days, {len(moves)} moves: {stolen} stolen blanks found, 0 sums wrong\n")
