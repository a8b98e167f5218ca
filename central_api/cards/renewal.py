"""Newer statements for cards in force: asked for at a tap, fetched ahead by a desk, told to be on the card."""

from __future__ import annotations

from card_service.issuer import CardIssuer
from central_api.access.repository import KnownKiosk
from central_api.cards import repository, shares_repository
from central_api.cards.authority import get_authority
from central_api.cards.errors import CardNotInForce
from central_api.cards.notes import note_card
from central_api.cards.repository import CardRow
from central_api.cards.statement import renew_statement
from central_api.context import Registry
from central_api.database import take_turns
from central_api.errors import NotFound
from central_api.journal.transaction import Transaction
from domain.card_number import CardNumber
from domain.cards import CardStatus
from domain.ids import KioskId
from domain.messages.card_services import OfficeStatements, StatementOffer
from domain.messages.cards import StatementWritten

_MOST_OFFERS = 200


def offer_statement(
    transaction: Transaction, number: CardNumber, held: int, kiosk: KnownKiosk, registry: Registry
) -> StatementOffer:
    """The newest statement, when it is newer than the one the card holds.

    Raises NotFound, CardNotInForce, KeyStoreUnavailable.
    """
    take_turns(transaction.connection, "cards")
    card = get_active_card(transaction, number)
    signed = renew_statement(transaction, card, CardIssuer(get_authority(registry)))
    if signed.version <= held:
        return StatementOffer(card_number=number, version=signed.version, slot=None)
    note_card(transaction, number, kiosk.id, "card.statement_offered", version=signed.version)
    return StatementOffer(card_number=number, version=signed.version, slot=signed.slot)


def list_office_statements(transaction: Transaction, kiosk: KnownKiosk, *, after: int) -> OfficeStatements:
    """Statements not yet on cards of the kiosk's office; of one card only the newest is worth carrying."""
    waiting = shares_repository.list_waiting_statements(
        transaction.connection, kiosk.area, after=after, limit=_MOST_OFFERS
    )
    newest = {each.card_number: each for each in waiting}
    offers = [
        StatementOffer(card_number=each.card_number, version=each.version, slot=each.slot) for each in newest.values()
    ]
    return OfficeStatements(offers=tuple(offers), cursor=waiting[-1].id if waiting else after)


def take_written(transaction: Transaction, written: StatementWritten, kiosk_id: KioskId) -> str | None:
    """None, or the code of what is wrong: nobody signed such a statement."""
    is_ours = shares_repository.put_on_card(
        transaction.connection, written.card_number, written.version, transaction.now
    )
    action = "card.statement_written" if is_ours else "card.statement_unknown"
    note_card(transaction, written.card_number, kiosk_id, action, version=written.version)
    return None if is_ours else "card.statement_unknown"


def get_active_card(transaction: Transaction, number: CardNumber) -> CardRow:
    """Raises NotFound, CardNotInForce."""
    card = repository.find_card(transaction.connection, number)
    if card is None:
        raise NotFound("card")
    if card.status is not CardStatus.ACTIVE:
        raise CardNotInForce(f"the card is {card.status}", status=card.status)
    return card
