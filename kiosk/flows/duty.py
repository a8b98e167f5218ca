"""Who is on duty, the desk's lock, and what ends a duty before the officer does."""

from __future__ import annotations

from enum import StrEnum

from domain.desk_lock import DeskLock, DeskUnlocked, LockReason, UnlockedAs, who_unlocks
from domain.desk_policy import DeskPolicy, ListStanding, read_desk_policy
from domain.events import EventKind
from domain.ids import OperatorId
from domain.messages.kiosks import OperatorEntry
from kiosk.flows.workplace import Officer, Workplace
from kiosk.store.journal import Happening

_LOCK = "desk.lock"
_MISSES = "desk.missed_logins"


class DutyEnd(StrEnum):
    """Why an officer's session is over."""

    IDLE = "idle"
    #: The registry's list does not name this operator, or this card of theirs, any more.
    DEACTIVATED = "deactivated"
    #: The list itself is too old to say so.
    LIST_OVER = "list_over"

    @property
    def message_key(self) -> str:
        return f"duty.ended.{self.value}"


def desk_policy(work: Workplace) -> DeskPolicy:
    """What the registry set for this desk."""
    if not work.store.bundles.is_there:
        return DeskPolicy()
    return read_desk_policy(work.store.bundles.current.settings)


def list_standing(work: Workplace) -> ListStanding:
    """Whether the list of operators may still be believed."""
    return desk_policy(work).standing(work.store.bundles.current.issued_at, work.store.clock.now())


def list_days_left(work: Workplace) -> int:
    return desk_policy(work).days_left(work.store.bundles.current.issued_at, work.store.clock.now())


def find_end(work: Workplace, officer: Officer) -> DutyEnd | None:
    """Why that officer may not go on; None: may."""
    entry = work.store.bundles.find_operator(officer.operator_id)
    if entry is None or not entry.is_active or entry.card_number != officer.card_number:
        return DutyEnd.DEACTIVATED
    return DutyEnd.LIST_OVER if list_standing(work) is ListStanding.OVER else None


def send_home(work: Workplace) -> DutyEnd | None:
    """Takes an officer off duty who may not go on; says why."""
    end = None if work.officer is None else find_end(work, work.officer)
    if end is not None:
        work.officer = None
    return end


def find_lock(work: Workplace) -> DeskLock | None:
    """The desk's lock. It is kept on disk: a restart opens nothing."""
    kept = work.store.meta.find(_LOCK)
    return None if not kept else DeskLock.model_validate_json(kept)


def lock_desk(work: Workplace, operator_id: OperatorId, reason: LockReason) -> DeskLock:
    """From now on, staff come in here only through ``unlock``. What was begun is kept."""
    lock = DeskLock(operator_id=operator_id, reason=reason, locked_at=work.store.clock.now())
    with work.store.journal.entry() as entry:
        work.store.meta.put(_LOCK, lock.model_dump_json())
        entry.add(Happening(EventKind.DESK_LOCKED, lock, operator_id, operator_id))
    work.officer = None
    work.sync.nudge()
    return lock


def unlock(work: Workplace, comer: OperatorEntry) -> bool:
    """Whether that operator, shown by card and finger, may come in; the lock, if any, is then gone and that is told."""
    lock = find_lock(work)
    if lock is None:
        return True
    unlocked_as = who_unlocks(lock, comer, work.store.bundles.current.operators)
    if unlocked_as is None:
        return False
    payload = DeskUnlocked(lock=lock, operator_id=comer.operator_id, unlocked_as=UnlockedAs(unlocked_as))
    with work.store.journal.entry() as entry:
        work.store.meta.put(_LOCK, "")
        entry.add(Happening(EventKind.DESK_UNLOCKED, payload, lock.operator_id, comer.operator_id))
    return True


def note_missed_login(work: Workplace) -> int:
    """How many log-ins in a row failed on the finger, this one included; also over restarts."""
    missed = int(work.store.meta.find(_MISSES) or 0) + 1
    _put_misses(work, missed)
    return missed


def forget_missed_logins(work: Workplace) -> None:
    if work.store.meta.find(_MISSES) not in (None, "0"):
        _put_misses(work, 0)


def _put_misses(work: Workplace, number: int) -> None:
    with work.store.database.transaction():
        work.store.meta.put(_MISSES, str(number))
