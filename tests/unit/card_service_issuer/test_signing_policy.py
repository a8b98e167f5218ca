"""What keys may not be made to sign: without approval, twice, too often, by one desk or by all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from card_service.signing_policy import SigningAlarm, SigningFault, SigningLimits, SigningPolicy, SigningRefused
from domain.ids import OrderId
from tests.unit.card_service_issuer.authority import NOW


@dataclass
class Book:
    """What was signed, and for which desk."""

    signed: dict[OrderId, tuple[datetime, str]] = field(default_factory=dict)
    alarms: list[SigningAlarm] = field(default_factory=list)

    def has_signed(self, order_id: OrderId) -> bool:
        return order_id in self.signed

    def count_signed_since(self, moment: datetime) -> int:
        return sum(at > moment for at, _ in self.signed.values())

    def ask(self, name: str, *, at: datetime = NOW, desk: str = "K1", is_approved: bool = True) -> SigningFault | None:
        """Signs, or says the fault."""
        order = OrderId(name)
        policy = SigningPolicy(self, self.alarms.append, desk=Asking(self, desk, is_approved), limits=LIMITS)
        try:
            policy.check(order, at=at)
        except SigningRefused as refused:
            return refused.fault
        self.signed[order] = (at, desk)
        return None


@dataclass(frozen=True)
class Asking:
    book: Book
    name: str
    approved: bool

    def is_approved(self) -> bool:
        return self.approved

    def count_signed_since(self, moment: datetime) -> int:
        return sum(at > moment and desk == self.name for at, desk in self.book.signed.values())


LIMITS = SigningLimits(an_hour=20, a_day=50, desk_an_hour=8, desk_a_day=15)


def test_without_approval_nothing_is_signed() -> None:
    book = Book()
    assert book.ask("o-1", is_approved=False) is SigningFault.NOT_APPROVED
    assert [(alarm.fault, alarm.order_id) for alarm in book.alarms] == [(SigningFault.NOT_APPROVED, "o-1")]
    assert book.signed == {}


def test_an_order_is_signed_once_whoever_asks_again() -> None:
    book = Book()
    assert book.ask("o-1") is None
    for desk in ("K1", "K2"):
        assert book.ask("o-1", at=NOW + timedelta(days=400), desk=desk) is SigningFault.ORDER_ALREADY_SIGNED
    assert len(book.alarms) == 2


def test_ten_thousand_requests_in_an_hour_get_what_the_limit_allows_and_an_alarm_each() -> None:
    book, requests = Book(), 10_000
    faults = [book.ask(f"o-{n}", at=NOW + timedelta(seconds=n * 0.36), desk=f"K{n % 40}") for n in range(requests)]
    assert faults.count(None) == len(book.signed) == LIMITS.an_hour
    assert faults.count(SigningFault.RATE_EXCEEDED) == len(book.alarms) == requests - LIMITS.an_hour
    print(f"{requests} requests in an hour, {len(book.signed)} signed, {len(book.alarms)} alarms")  # noqa: T201


def test_one_desk_cannot_use_up_what_all_share() -> None:
    book = Book()
    faults = [book.ask(f"o-{n}") for n in range(10)]
    assert faults.count(None) == LIMITS.desk_an_hour
    assert faults[-1] is SigningFault.DESK_RATE_EXCEEDED
    assert book.ask("other", desk="K2") is None


@pytest.mark.parametrize(("desks", "most", "fault"), [(1, 15, "desk_rate_exceeded"), (9, 50, "rate_exceeded")])
def test_a_day_has_its_own_limit(desks: int, most: int, fault: str) -> None:
    book = Book()
    for n in range(200):
        book.ask(f"o-{n}", at=NOW + timedelta(minutes=7 * n), desk=f"K{n % desks}")
    assert len(book.signed) == most
    assert {alarm.fault for alarm in book.alarms} == {fault}
    assert book.ask("tomorrow", at=NOW + timedelta(days=2)) is None
