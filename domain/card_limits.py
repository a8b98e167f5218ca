"""One balance on several cards: how much each chip may give out, so that together they never exceed it, also offline.

A chip enforces its own limit on what it gave out itself. Raising one card's limit is safe only as far as the others'
lower limits are known to be on their chips: until then the highest limit that such a chip may still hold counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the household for one working card; a replaced card's successor stands in the same place.

    ``drawn_before`` is what cards of this place had drawn when the shares were agreed.
    """

    number: int
    parts: int
    drawn_before: int = 0


@dataclass(frozen=True, slots=True)
class CardDrawing:
    """A card's account of one programme and period, as far as the registry knows.

    ``highest`` is the highest limit that its chip may hold now. ``is_retired``: it is refused everywhere for good.
    """

    place: int
    drawn: int
    highest: int = 0
    is_retired: bool = False


def split_by_parts(units: int, parts: Sequence[int]) -> list[int]:
    """Whole units in the ratio of the parts; what is left over goes to the largest remainders, the first first."""
    total = sum(parts)
    if total <= 0:
        raise ValueError("nobody has a part")
    shares = [units * part // total for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: (-(units * parts[at] % total), at))
    for at in by_remainder[: units - sum(shares)]:
        shares[at] += 1
    return shares


def limit_for(place: Place, places: Sequence[Place], cards: Sequence[CardDrawing], units: int) -> int:
    """The limit for the working card of that place; ``cards`` are all others of the household, retired ones too."""
    retired = [card for card in cards if card.is_retired]
    working = [card for card in cards if not card.is_retired]
    target = _target(place, places, retired, units)
    spent_here = sum(card.drawn for card in retired if card.place == place.number)
    spent = sum(card.drawn for card in retired)
    promised = sum(max(card.highest, card.drawn) for card in working)
    return max(0, min(target - spent_here, units - spent - promised))


def _target(place: Place, places: Sequence[Place], retired: Sequence[CardDrawing], units: int) -> int:
    """What the place may give out in all: what it had drawn, and its share of what was left when that was agreed."""
    if len(places) == 1:
        return units - sum(card.drawn for card in retired if card.place != place.number)
    open_places = {each.number for each in places}
    elsewhere = sum(card.drawn for card in retired if card.place not in open_places)
    left = max(0, units - elsewhere - sum(each.drawn_before for each in places))
    shares = split_by_parts(left, [each.parts for each in places])
    at = next(index for index, each in enumerate(places) if each.number == place.number)
    return place.drawn_before + shares[at]
