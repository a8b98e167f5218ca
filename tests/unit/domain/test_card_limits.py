"""One balance on several cards, played at random: together the chips never give out more than was granted."""

import random
import sys

import pytest

from domain.card_limits import CardDrawing, Place, limit_for, split_by_parts

TRIALS = 3_000


@pytest.mark.parametrize(
    ("units", "parts", "shares"),
    [
        (25, (1, 1), [13, 12]),
        (25, (3, 1), [19, 6]),
        (1, (1, 1), [1, 0]),
        (0, (1, 3), [0, 0]),
        (7, (1, 1, 1), [3, 2, 2]),
    ],
)
def test_shares_are_whole_units_and_nothing_is_lost(units, parts, shares):
    assert split_by_parts(units, parts) == shares


def test_a_single_card_gives_out_all_that_earlier_cards_did_not():
    home = Place(1, 1)
    lost = CardDrawing(place=1, drawn=10, highest=25, is_retired=True)
    assert limit_for(home, [home], [lost], 25) == 15


def test_a_second_card_gets_nothing_until_the_first_ones_lower_limit_is_on_its_chip():
    places = [Place(1, 1), Place(2, 1)]
    before, after = CardDrawing(place=1, drawn=0, highest=25), CardDrawing(place=1, drawn=0, highest=13)
    assert limit_for(places[1], places, [before], 25) == 0
    assert limit_for(places[1], places, [after], 25) == 12


def test_the_one_who_drew_already_shares_only_what_is_left():
    places = [Place(1, 1, drawn_before=9), Place(2, 1)]
    other = CardDrawing(place=2, drawn=0, highest=8)
    assert limit_for(places[0], places, [other], 25) == 9 + 8
    assert limit_for(places[1], places, [CardDrawing(place=1, drawn=9, highest=17)], 25) == 8


def test_when_the_second_place_is_closed_the_first_gets_what_is_left_of_it():
    home = Place(1, 1)
    closed = CardDrawing(place=2, drawn=5, highest=12, is_retired=True)
    assert limit_for(home, [home], [closed], 25) == 20


class Town:
    """A household with up to two cards, a registry that hears late, and chips that enforce what they hold."""

    def __init__(self, dice, promise):
        self.dice, self.promise, self.units = dice, promise, dice.randrange(1, 60)
        self.places = [Place(1, 1)]
        self.cards = [self._card(1)]

    def _card(self, place):
        return {"place": place, "issued": [], "on_chip": -1, "known_on_chip": -1, "drawn": 0, "known_drawn": 0}

    def _drawing(self, card):
        highest = max(card["issued"][max(0, card["known_on_chip"]) :], default=0) if self.promise else 0
        return CardDrawing(place=card["place"], drawn=card["known_drawn"], highest=highest)

    def issue(self, card):
        place = next(each for each in self.places if each.number == card["place"])
        others = [self._drawing(each) for each in self.cards if each is not card]
        limit = limit_for(place, self.places, others, self.units)
        if not card["issued"] or card["issued"][-1] != limit:
            card["issued"].append(limit)

    def step(self):
        card = self.dice.choice(self.cards)
        match self.dice.randrange(6):
            case 0:
                self.issue(card)
            case 1 if card["on_chip"] + 1 < len(card["issued"]):
                card["on_chip"] = len(card["issued"]) - 1
            case 2:
                card["known_on_chip"], card["known_drawn"] = card["on_chip"], card["drawn"]
            case 3 if card["on_chip"] >= 0:
                left = card["issued"][card["on_chip"]] - card["drawn"]
                card["drawn"] += self.dice.randrange(left + 1) if left > 0 else 0
            case 4 if len(self.cards) == 1:
                self.share()
                self.cards.append(self._card(2))
            case 5 if len(self.cards) == 2:
                self.share()
            case _:
                return

    def share(self):
        drawn = {card["place"]: card["known_drawn"] for card in self.cards}
        parts = self.dice.choice([(1, 1), (3, 1), (1, 3), (4, 2)])
        self.places = [Place(n, parts[n - 1], drawn.get(n, 0)) for n in (1, 2)]

    @property
    def given_out(self):
        return sum(card["drawn"] for card in self.cards)


def _play(promise):
    over = 0
    for seed in range(TRIALS):
        town = Town(random.Random(seed), promise)
        for _ in range(40):
            town.step()
        over += town.given_out > town.units
    return over


def test_two_cards_never_give_out_more_than_one_balance(capsys):
    over = _play(promise=True)
    with capsys.disabled():
        sys.stdout.write(f"\n{TRIALS} households, {40 * TRIALS} steps: {over} gave out too much\n")
    assert over == 0


def test_the_game_finds_a_registry_that_forgets_what_the_other_chip_may_still_hold():
    assert _play(promise=False) > 0
