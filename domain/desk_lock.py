"""A locked desk: who may open it again. Never by waiting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from domain.ids import OperatorId
from domain.messages.kiosks import OperatorEntry, Role
from domain.record import Record

#: Log-ins in a row whose finger did not match, after which the desk is locked.
MISSED_LOGINS = 3


class LockReason(StrEnum):
    #: Nobody touched the officer's screen.
    IDLE = "idle"
    #: The officer locked it.
    BY_HAND = "by_hand"
    #: Again and again somebody with an officer's card and another finger.
    MISSES = "misses"


class DeskLock(Record):
    """Payload of ``desk.locked``. ``operator_id``: whose session, or whose card, it was."""

    operator_id: OperatorId
    reason: LockReason
    locked_at: datetime


class UnlockedAs(StrEnum):
    SAME_OPERATOR = "same_operator"
    SUPERVISOR = "supervisor"
    #: The desk's list names no supervisor with a card: another operator stands in.
    STAND_IN = "stand_in"


class DeskUnlocked(Record):
    """Payload of ``desk.unlocked``: who opened which lock, on card and finger."""

    lock: DeskLock
    operator_id: OperatorId
    unlocked_as: UnlockedAs


def who_unlocks(lock: DeskLock, comer: OperatorEntry, operators: Iterable[OperatorEntry]) -> UnlockedAs | None:
    """As what that operator, shown by card and finger, may open the lock; None: may not.

    After missed fingers the card's own operator does not count: somebody else may hold card and a good copy.
    """
    if not comer.is_active or comer.card_number is None:
        return None
    is_same = comer.operator_id == lock.operator_id
    if is_same and lock.reason is not LockReason.MISSES:
        return UnlockedAs.SAME_OPERATOR
    able = [each for each in operators if each.is_active and each.card_number is not None]
    if comer.role is Role.SUPERVISOR and not is_same:
        return UnlockedAs.SUPERVISOR
    if lock.reason is not LockReason.MISSES or any(
        each.role is Role.SUPERVISOR and each.operator_id != lock.operator_id for each in able
    ):
        return None
    is_alone = all(each.operator_id == lock.operator_id for each in able)
    return UnlockedAs.STAND_IN if not is_same or is_alone else None
