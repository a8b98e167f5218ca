"""What the document signer's key may be used for: once for each approved order, and so often in an hour and a day.

Whoever can ask for signatures but not change the record cannot print cards at will; each refusal raises an alarm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.errors import ProjectError
from domain.ids import OrderId

#: A busy help desk issues a card every few minutes; a hundred desks share one registry.
DEFAULT_CARDS_PER_HOUR = 1_000
RATE_WINDOW = timedelta(hours=1)
DAY_WINDOW = timedelta(days=1)


class SigningFault(StrEnum):
    """What a signing request broke."""

    ORDER_ALREADY_SIGNED = "order_already_signed"
    RATE_EXCEEDED = "rate_exceeded"
    #: More than one desk can honestly issue, whatever the others do.
    DESK_RATE_EXCEEDED = "desk_rate_exceeded"
    #: Nobody is registered for whom this card could be.
    NOT_APPROVED = "not_approved"


class SigningRefused(ProjectError):
    """The policy forbids this signature. An alarm was raised."""

    code = "issuing.signing_refused"
    message_key = "error.issuing_refused"

    def __init__(self, fault: SigningFault) -> None:
        super().__init__(f"signing refused: {fault}", reason=fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class SigningAlarm:
    """Told to whoever watches the keys."""

    fault: SigningFault
    order_id: OrderId
    at: datetime


class SigningRecord(Protocol):
    """What was signed so far, kept where a restart cannot forget it."""

    def has_signed(self, order_id: OrderId) -> bool:
        """Whether a security object was signed for this order."""
        ...

    def count_signed_since(self, moment: datetime) -> int:
        """How many security objects were signed after that moment."""
        ...


class OrderingDesk(Protocol):
    """Who asks: one desk, with what the register says of its order."""

    def is_approved(self) -> bool:
        """Whether the order is for somebody whose enrolment was approved."""
        ...

    def count_signed_since(self, moment: datetime) -> int:
        """How many security objects were signed for this desk after that moment."""
        ...


@dataclass(frozen=True, slots=True)
class SigningLimits:
    """Signatures in any hour and any day: of all desks together, and of one."""

    an_hour: int = DEFAULT_CARDS_PER_HOUR
    a_day: int = 8 * DEFAULT_CARDS_PER_HOUR
    desk_an_hour: int = 120
    desk_a_day: int = 600


@dataclass(frozen=True, slots=True)
class SigningPolicy:
    """One security object for one approved order, and so many an hour and a day.

    ``desk`` None: the issuing office itself asks. ``cards_per_hour`` and ``limits`` both hold.
    """

    record: SigningRecord
    raise_alarm: Callable[[SigningAlarm], None]
    cards_per_hour: int = DEFAULT_CARDS_PER_HOUR
    desk: OrderingDesk | None = None
    limits: SigningLimits = SigningLimits()

    def check(self, order_id: OrderId, *, at: datetime) -> None:
        """Nothing when the order may be signed; else an alarm and ``SigningRefused``."""
        fault = self._find_fault(order_id, at)
        if fault is not None:
            self.raise_alarm(SigningAlarm(fault, order_id, at))
            raise SigningRefused(fault)

    def _find_fault(self, order_id: OrderId, at: datetime) -> SigningFault | None:
        limits, desk = self.limits, self.desk
        if desk is not None and not desk.is_approved():
            return SigningFault.NOT_APPROVED
        if self.record.has_signed(order_id):
            return SigningFault.ORDER_ALREADY_SIGNED
        an_hour = min(self.cards_per_hour, limits.an_hour)
        if _is_used_up(self.record.count_signed_since, at, an_hour, limits.a_day):
            return SigningFault.RATE_EXCEEDED
        if desk is not None and _is_used_up(desk.count_signed_since, at, limits.desk_an_hour, limits.desk_a_day):
            return SigningFault.DESK_RATE_EXCEEDED
        return None


def _is_used_up(count_since: Callable[[datetime], int], at: datetime, an_hour: int, a_day: int) -> bool:
    return count_since(at - RATE_WINDOW) >= an_hour or count_since(at - DAY_WINDOW) >= a_day
