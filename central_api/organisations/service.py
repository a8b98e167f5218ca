"""Hiring organisations, giving them desks and cards, and saying what they did."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from central_api.database import take_turns
from central_api.errors import MalformedRequest, NotFound
from central_api.hiring import Organisation, count_signed, list_desks
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.organisations import repository
from domain.ids import KioskId
from domain.record import Record

_LONGEST_ID = 40
_LONGEST_NAME = 120


class Performance(Record):
    """What one organisation did, over all its desks and days. Counts only, no names."""

    organisation_id: str
    name: str
    is_active: bool
    desks: tuple[KioskId, ...]
    households: int
    people: int
    #: People registered without a single finger.
    failed_captures: int
    cards_issued: int
    cards_spoiled: int
    #: Blanks that should have been in the drawers at the last counts, and were not.
    blanks_missing: int
    #: Days on which somebody was registered or a card moved.
    days: int
    card_quota: int
    #: Cards signed, also those not active yet.
    quota_used: int


def hire(transaction: Transaction, organisation: Organisation) -> None:
    """The organisation with this name, quota and standing from now on, new or known. Raises MalformedRequest."""
    if not 1 <= len(organisation.id) <= _LONGEST_ID or not 1 <= len(organisation.name) <= _LONGEST_NAME:
        raise MalformedRequest("an organisation has an id and a name", problems=1)
    if organisation.card_quota < 0:
        raise MalformedRequest("a quota is a number of cards", problems=1)
    connection = transaction.connection
    take_turns(connection, "organisations")
    if repository.find_organisation(connection, organisation.id) is None:
        repository.add_organisation(connection, organisation, transaction.now)
    else:
        repository.put_organisation(connection, organisation)
    details = {"quota": organisation.card_quota, "is_active": organisation.is_active}
    _note(transaction, "organisation.agreed", f"organisation:{organisation.id}", details)


def give_desk(transaction: Transaction, organisation_id: str | None, kiosk_id: KioskId) -> None:
    """The desk is run by that organisation from now on; None: by the office. Raises NotFound."""
    connection = transaction.connection
    if organisation_id is not None and repository.find_organisation(connection, organisation_id) is None:
        raise NotFound("organisation")
    if not repository.put_desk(connection, kiosk_id, organisation_id):
        raise NotFound("kiosk")
    _note(transaction, "organisation.desk_given", f"kiosk:{kiosk_id}", {"organisation": organisation_id or ""})


def read_performance(connection: Connection, organisation_id: str, asking: KioskId | None = None) -> Performance:
    """What that organisation did. ``asking``: a desk, which is told of its own organisation only. Raises NotFound."""
    organisation = repository.find_organisation(connection, organisation_id)
    desks = list_desks(connection, organisation_id)
    if organisation is None or (asking is not None and asking not in desks):
        # To others it does not exist.
        raise NotFound("organisation")
    registered = repository.read_registered(connection, desks)
    stock = repository.read_stock_of(connection, desks)
    newest = {day.kiosk_id: day.missing for day in stock if day.missing is not None}
    return Performance(
        organisation_id=organisation.id,
        name=organisation.name,
        is_active=organisation.is_active,
        desks=tuple(desks),
        households=registered.households,
        people=registered.people,
        failed_captures=registered.failed_captures,
        cards_issued=sum(day.issued for day in stock),
        cards_spoiled=sum(day.spoiled for day in stock),
        blanks_missing=sum(newest.values()),
        days=len(registered.days | {day.day for day in stock}),
        card_quota=organisation.card_quota,
        quota_used=count_signed(connection, desks),
    )


def _note(transaction: Transaction, action: str, subject: str, details: Mapping[str, int | str | bool]) -> None:
    line = AuditLine(
        stream=AuditStream.KIOSKS,
        at=transaction.now,
        actor="registry",
        action=action,
        subject=subject,
        details={**details},
    )
    transaction.note(line)
