"""What a card may give out of the household's one balance: the registry's account, applied to domain/card_limits.py."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection

from central_api.cards import repository, shares_repository
from central_api.cards.admission import FIRST_PLACE
from central_api.cards.repository import IN_FORCE, CardRow
from central_api.cards.shares_repository import LineKey, Share
from domain.card_limits import CardDrawing, Place, limit_for
from domain.card_number import CardNumber
from domain.cards import CardProfile, CardStatus
from domain.ids import HouseholdId


@dataclass(frozen=True, slots=True)
class _Account:
    card: CardRow
    drawn: dict[LineKey, int]
    #: Highest limit that the chip may hold now; None: signed before statements were kept, so it may be anything.
    highest: dict[LineKey, int] | None
    is_retired: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """The household's account as one card sees it."""

    place: int
    shares: tuple[Share, ...]
    others: tuple[_Account, ...]
    #: What all of the household's cards gave out.
    by_cards: dict[LineKey, int]

    def limit(self, key: LineKey, granted: int, drawn: int) -> int:
        """What this card may give out in all of that programme and period; ``drawn`` is what the registry booked.

        What was drawn by no card of the household (by the one it parted from) is out of the balance.
        """
        units = max(0, granted - max(0, drawn - self.by_cards.get(key, 0)))
        places = [Place(each.place, each.parts, each.drawn_before.get(key, 0)) for each in self.shares]
        if not places:
            places = [Place(self.place, 1)]
        own = next(place for place in places if place.number == self.place)
        return limit_for(own, places, [_drawing(each, key, units) for each in self.others], units)


def read_balance(connection: Connection, card: CardRow) -> Balance:
    """``card`` is a household's."""
    assert card.household_id is not None
    shares = tuple(shares_repository.list_shares(connection, card.household_id))
    if all(share.place != card.place for share in shares):
        shares = ()
    drawn = shares_repository.drawn_by_card(connection, card.household_id)
    cards = list_household_cards(connection, card.household_id)
    gone = _retired(cards, card)
    others = [
        _Account(each, drawn.get(each.number, {}), _highest(connection, each), each.number in gone)
        for each in cards
        if each.number != card.number and (each.status is not CardStatus.SCRAPPED or each.number in drawn)
    ]
    by_cards: Counter[LineKey] = Counter()
    for units in drawn.values():
        by_cards.update(units)
    return Balance(card.place if shares else FIRST_PLACE, shares, tuple(others), dict(by_cards))


def list_household_cards(connection: Connection, household_id: HouseholdId) -> list[CardRow]:
    """Those that draw on the household's balance, oldest first."""
    cards = repository.list_cards_of(connection, household_id, None)
    return [card for card in cards if card.profile is CardProfile.HOUSEHOLD]


def _retired(cards: list[CardRow], asking: CardRow) -> set[CardNumber]:
    """Cards that draw no more: out of force, or about to be replaced by one whose statement is made."""
    successors = [asking, *(card for card in cards if card.status in (CardStatus.READ_BACK, CardStatus.ACTIVE))]
    replaced = {card.replaces for card in successors if card.replaces is not None}
    still = (*IN_FORCE, *repository.UNFINISHED)
    return {card.number for card in cards if card.status not in still or card.number in replaced}


def _highest(connection: Connection, card: CardRow) -> dict[LineKey, int] | None:
    statements = shares_repository.list_statements(connection, card.number)
    if not statements:
        return None if card.statement_version else {}
    known = max((each.version for each in statements if each.is_on_card), default=0)
    highest: dict[LineKey, int] = {}
    for statement in statements:
        if statement.version >= known:
            for key, limit in statement.limits.items():
                highest[key] = max(limit, highest.get(key, 0))
    return highest


def _drawing(account: _Account, key: LineKey, units: int) -> CardDrawing:
    return CardDrawing(
        place=account.card.place,
        drawn=account.drawn.get(key, 0),
        highest=units if account.highest is None else account.highest.get(key, 0),
        is_retired=account.is_retired,
    )
