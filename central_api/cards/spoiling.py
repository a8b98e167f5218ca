"""A card that will never be: the kiosk gave up on it, and its number is burned."""

from __future__ import annotations

from central_api.cards import repository
from central_api.cards.notes import note_card
from central_api.cards.repository import CardRow
from central_api.cards.service import scrap_card
from central_api.cards.stock import add_spoiled
from central_api.database import take_turns
from central_api.journal.transaction import Transaction
from domain.cards import CardStatus
from domain.ids import KioskId
from domain.messages.cards import CardSpoiled


def spoil_card(transaction: Transaction, spoiled: CardSpoiled, kiosk_id: KioskId) -> None:
    """Scraps the card of that order. An order that never came, or is scrapped already, leaves only a line.

    Raises CardLifeRefused for a card in force: that one is blocked, not spoiled.
    """
    take_turns(transaction.connection, "cards")
    if spoiled.plastic is not None:
        add_spoiled(transaction, spoiled, spoiled.plastic, kiosk_id)
    card = repository.find_card_of_order(transaction.connection, spoiled.order_id)
    if _is_still_on_paper(card, kiosk_id):
        assert card is not None
        scrap_card(transaction, card, kiosk_id, "card.spoiled")
        return
    number = None if card is None else card.number
    note_card(transaction, number, kiosk_id, "card.spoiled_again", order=spoiled.order_id)


def _is_still_on_paper(card: CardRow | None, kiosk_id: KioskId) -> bool:
    return card is not None and card.kiosk_id == kiosk_id and card.status is not CardStatus.SCRAPPED
