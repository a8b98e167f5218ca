"""What time does to cards: those past their last day expire, and statements are renewed ahead. Once a day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from card_service.issuer import CardIssuer
from card_service.signing import KeyStoreUnavailable
from central_api.cards import repository
from central_api.cards.authority import get_authority
from central_api.cards.notes import note_card, tell_kiosks
from central_api.cards.repository import CardRow
from central_api.cards.statement import renew_statement
from central_api.context import Registry
from central_api.database import take_turns
from central_api.entitlements.service import grant_pending
from central_api.journal.transaction import Transaction
from central_api.tables.cards import card_clock_runs
from domain.card_number import CardNumber
from domain.cards import CardEvent, next_card_status
from domain.errors import NotAvailableYet

_BATCH = 100
_FIRST = CardNumber("")


def run_if_due(registry: Registry) -> tuple[int, int] | None:
    """How many cards expired, and how many statements were renewed; None when today's run is done already.

    A registry whose signing keys are away expires cards, renews nothing, and tries again at the next call.
    """
    today = registry.now().date()
    with registry.begin() as transaction:
        if _has_run(transaction.connection, transaction.now):
            return None
        expired = expire_cards(transaction)
    try:
        renewed = _renew_all(registry)
    except (KeyStoreUnavailable, NotAvailableYet):
        return expired, 0
    with registry.begin() as transaction:
        if not _has_run(transaction.connection, transaction.now):
            values = {"day": today, "expired": expired, "renewed": renewed}
            transaction.connection.execute(insert(card_clock_runs).values(values))
    return expired, renewed


def expire_cards(transaction: Transaction) -> int:
    """Cards whose last day is over are EXPIRED, and every office is told."""
    take_turns(transaction.connection, "cards")
    expired = repository.list_expired(transaction.connection, transaction.now.date())
    for card in expired:
        status = next_card_status(card.status, CardEvent.EXPIRED)
        repository.put_status(transaction.connection, card.number, status, transaction.now)
        note_card(transaction, card.number, "registry", "card.expired")
        tell_kiosks(transaction, card.number, status)
    return len(expired)


def _renew_all(registry: Registry) -> int:
    """In batches, each a transaction of its own: desks go on between them."""
    issuer, renewed, after = CardIssuer(get_authority(registry)), 0, _FIRST
    while True:
        with registry.begin() as transaction:
            take_turns(transaction.connection, "cards")
            batch = repository.list_active_household_cards(transaction.connection, after=after, limit=_BATCH)
            renewed += sum(_renew(transaction, card, issuer) for card in batch)
        if not batch:
            return renewed
        after = batch[-1].number


def _renew(transaction: Transaction, card: CardRow, issuer: CardIssuer) -> bool:
    assert card.household_id is not None, "a household's card"
    grant_pending(transaction, card.household_id)
    return renew_statement(transaction, card, issuer).version > card.statement_version


def _has_run(connection: Connection, now: datetime) -> bool:
    query = select(func.count()).select_from(card_clock_runs).where(card_clock_runs.c.day == now.date())
    return bool(connection.execute(query).scalar_one())
