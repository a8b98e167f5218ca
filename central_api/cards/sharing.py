"""One balance, two cards: shares agreed at the desk, lowered on the first card before the second is made."""

from __future__ import annotations

from collections import defaultdict

from card_service.issuer import CardIssuer
from central_api.access.repository import KnownKiosk
from central_api.cards import repository, shares_repository
from central_api.cards.authority import get_authority
from central_api.cards.balance import list_household_cards
from central_api.cards.errors import CardNotInForce, SecondCardInForce
from central_api.cards.notes import note_card, tell_kiosks
from central_api.cards.renewal import get_active_card
from central_api.cards.repository import CardRow
from central_api.cards.shares_repository import LineKey, Share
from central_api.cards.statement import renew_statement
from central_api.context import Registry
from central_api.database import take_turns
from central_api.errors import NotFound
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator
from domain.cards import CardEvent, CardProfile, CardStatus, next_card_status
from domain.ids import HouseholdId
from domain.messages.card_services import ShareRequest, StatementOffer


def agree_shares(
    transaction: Transaction, request: ShareRequest, kiosk: KnownKiosk, registry: Registry
) -> StatementOffer:
    """The statement that this card must hold now. The other card's follows when this one is known to be written.

    Raises NotFound, CardNotInForce, SecondCardInForce, KeyStoreUnavailable.
    """
    connection = transaction.connection
    take_turns(connection, "cards")
    operator = find_operator(connection, request.operator_id)
    if operator is None or not operator.is_active:
        raise NotFound("operator")
    card = get_active_card(transaction, request.card_number)
    if card.profile is not CardProfile.HOUSEHOLD or card.household_id is None:
        raise CardNotInForce("only a household's balance is shared")
    shares = _shares(transaction, card, card.household_id, request)
    shares_repository.put_shares(connection, card.household_id, shares, transaction.now)
    note_card(
        transaction,
        card.number,
        kiosk.id,
        "card.shares_agreed",
        operator_id=request.operator_id,
        kept=request.kept,
        given=request.given,
    )
    signed = renew_statement(transaction, card, CardIssuer(get_authority(registry)))
    return StatementOffer(card_number=card.number, version=signed.version, slot=signed.slot)


def _shares(transaction: Transaction, card: CardRow, household_id: HouseholdId, request: ShareRequest) -> list[Share]:
    cards = list_household_cards(transaction.connection, household_id)
    if request.given == 0:
        _close_others(transaction, cards, card)
        return []
    drawn = _drawn_by_place(transaction, household_id, cards)
    other = next((each.place for each in cards if each.status is CardStatus.ACTIVE and each.place != card.place), None)
    place = other or (2 if card.place == 1 else 1)
    parts = ((card.place, request.kept), (place, request.given))
    return [Share(number, part, dict(drawn[number])) for number, part in sorted(parts)]


def _drawn_by_place(
    transaction: Transaction, household_id: HouseholdId, cards: list[CardRow]
) -> defaultdict[int, dict[LineKey, int]]:
    drawn = shares_repository.drawn_by_card(transaction.connection, household_id)
    found: defaultdict[int, dict[LineKey, int]] = defaultdict(dict)
    for card in cards:
        for key, units in drawn.get(card.number, {}).items():
            found[card.place][key] = found[card.place].get(key, 0) + units
    return found


def _close_others(transaction: Transaction, cards: list[CardRow], card: CardRow) -> None:
    """A blocked card gives its part back for good. Raises SecondCardInForce for one that still works."""
    others = [each for each in cards if each.place != card.place]
    if any(each.status is CardStatus.ACTIVE for each in others):
        raise SecondCardInForce("the other card still works")
    for other in others:
        if other.status is CardStatus.BLOCKED:
            retire_card(transaction, other)


def retire_card(transaction: Transaction, card: CardRow) -> None:
    """Out of force for good, and told to every office. Raises CardLifeRefused."""
    status = next_card_status(card.status, CardEvent.REPLACED)
    repository.put_status(transaction.connection, card.number, status, transaction.now)
    note_card(transaction, card.number, "registry", "card.replaced")
    tell_kiosks(transaction, card.number, status)
