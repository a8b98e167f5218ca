"""Programmes that a household chose, screened by the registry, and the entitlements that follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Connection

from central_api.entitlements import repository
from central_api.errors import NotFound
from central_api.households.repository import find_household, list_guests
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from central_api.programmes.repository import list_programmes
from domain.entitlements import Entitlement, plan_entitlements
from domain.ids import HouseholdId, OperatorId
from domain.messages.enrolment import ProgrammesChosen
from domain.messages.sync import ChangeKind
from domain.people import Household
from domain.programmes import Frequency, Programme
from domain.screening import Screener, ScreeningLine

#: The statement on a card lasts this many months, the running one included, so that a card works long offline.
MONTHS_AHEAD = 3
_LONGER_THAN_A_MONTH = timedelta(days=32)


def choose_programmes(transaction: Transaction, chosen: ProgrammesChosen, operator_id: OperatorId | None) -> None:
    """Remembers the choice and grants what the registry's own screening allows.

    A household that still waits for a decision keeps its choice: it is granted on registration.
    Raises NotFound for a programme that is not in the catalogue.
    """
    connection = transaction.connection
    catalogue = {programme.code for programme in list_programmes(connection)}
    if not set(chosen.programmes) <= catalogue:
        raise NotFound("programme")
    known = set(repository.list_choices(connection, chosen.household_id))
    for code in dict.fromkeys(chosen.programmes):
        if code not in known:
            repository.add_choice(connection, chosen.household_id, code, transaction.now)
    _note(transaction, "programmes.chosen", chosen.household_id, operator_id, len(chosen.programmes))
    grant_pending(transaction, chosen.household_id)


def grant_pending(transaction: Transaction, household_id: HouseholdId) -> None:
    """Grants, for the running and the next months, what the household chose and is ready for."""
    connection, today = transaction.connection, transaction.now.date()
    household = find_household(connection, household_id)
    if household is None:
        return
    chosen = set(repository.list_choices(connection, household_id))
    programmes = [programme for programme in list_programmes(connection) if programme.code in chosen]
    lines = screen(connection, household, programmes, on=today)
    ready = {line.programme for line in lines if line.is_ready}
    granted = 0
    for entitlement in plan_ahead(household_id, lines, programmes, on=today):
        granted += repository.put_entitlement(connection, entitlement, transaction.now)
    for code in chosen:
        repository.put_granted(connection, household_id, code, is_granted=code in ready)
    if granted:
        _note(transaction, "entitlements.granted", household_id, None, granted)
        transaction.publish(
            NewChange(kind=ChangeKind.HOUSEHOLD, payload={"household_id": household_id, "entitlements": granted})
        )


def screen(
    connection: Connection, household: Household, programmes: Iterable[Programme], *, on: date
) -> list[ScreeningLine]:
    """A line for each programme and person; persons whose benefits another household draws have none."""
    guests = list_guests(connection, household.id)
    lines = Screener(programmes).screen(household, on=on)
    return [line for line in lines if line.person_id not in guests]


def plan_ahead(
    household_id: HouseholdId, lines: Iterable[ScreeningLine], programmes: Iterable[Programme], *, on: date
) -> list[Entitlement]:
    """Entitlements of the running period, and for monthly programmes of the next months too."""
    lines, programmes = list(lines), list(programmes)
    planned = plan_entitlements(household_id, lines, programmes, on=on)
    monthly = [programme for programme in programmes if programme.frequency is Frequency.MONTHLY]
    codes = {programme.code for programme in monthly}
    lines_of_monthly = [line for line in lines if line.programme in codes]
    day = on.replace(day=1)
    for _ in range(MONTHS_AHEAD - 1):
        day = (day + _LONGER_THAN_A_MONTH).replace(day=1)
        planned += plan_entitlements(household_id, lines_of_monthly, monthly, on=day)
    return planned


def list_for_statement(connection: Connection, household_id: HouseholdId, *, on: date) -> list[Entitlement]:
    """What the card's statement lists: every entitlement whose period has not ended."""
    return repository.list_entitlements(connection, household_id, on=on)


def _note(
    transaction: Transaction,
    action: str,
    household_id: HouseholdId,
    operator_id: OperatorId | None,
    count: int,
) -> None:
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor="registry",
        operator_id=operator_id,
        action=action,
        subject=f"household:{household_id}",
        details={"count": count},
    )
    transaction.note(line)
