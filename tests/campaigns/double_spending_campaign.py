"""Many runs of two desks, in parts; and the mistakes they must find."""

from __future__ import annotations

import random
from contextlib import ExitStack
from enum import Enum
from functools import cache

from card_service.terminal_authentication import TerminalCredential
from card_service.verified_card import VerifiedCard
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.virtual_card import VirtualCard
from tests.campaigns.loaded_dice import LoadedDice
from tests.campaigns.open_sessions import visit_short, visit_whole
from tests.campaigns.remembered_functions import RememberedFunctions
from tests.campaigns.two_desks import Desk, Tally, Town, Visit
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.desk import Segments

_CLONE_EVERY_SHORT = 60


class Plant(Enum):
    """A mistake to be found."""

    LUCK = "a desk that hands out although the answer was lost"
    FORGETFUL_DESK = "a desk that forgets at a restart what it had sent"
    FORGETFUL_CARD = "a card whose ledger goes back when its power is cut"


@cache
def _two_households() -> tuple[Segments, Segments]:
    """Two active cards, with keys and numbers of their own."""
    other: Segments = desk.issue.__wrapped__()["active"].segments
    return desk.issue()["active"].segments, other


def run(
    runs: int, *, seed: int, first: int = 0, is_whole: bool, plant: Plant | None = None, tally: Tally | None = None
) -> Tally:
    """Runs ``first`` to ``first + runs - 1`` of that seed; whole visits or short ones."""
    tally = tally or Tally()
    dice = LoadedDice(epoch=f"desks {seed}")
    genuine, other = _two_households()
    known, known_other = _known(genuine), _known(other)
    with ExitStack() as stack:
        stack.enter_context(RememberedFunctions().in_hand())
        if is_whole:
            stack.enter_context(dice.in_hand())
        for number in range(first, first + runs):
            chance = random.Random(f"{seed}/{number}")
            town = _found(genuine, other, known, known_other, _visiting(dice, is_whole), plant)
            town.clone_every = 8 if is_whole else _CLONE_EVERY_SHORT
            town.wander(chance, tally)
    return tally


def _known(segments: Segments) -> VerifiedCard:
    return desk.present(VirtualCard(dict(segments), None))


def _visiting(dice: LoadedDice, is_whole: bool) -> Visit:
    if not is_whole:
        return visit_short

    def visit(card: VirtualCard, known: VerifiedCard, credential: TerminalCredential) -> VerifiedCard | None:
        # Each visit draws the same ephemeral keys, so that their products are remembered.
        dice.drawn[False] = 0
        return visit_whole(card, known, credential)

    return visit


def _found(
    genuine: Segments,
    other: Segments,
    known: VerifiedCard,
    known_other: VerifiedCard,
    visit: Visit,
    plant: Plant | None,
) -> Town:
    card = VirtualCard(dict(genuine), None)
    desks = Desk(desk.kiosk(), visit), Desk(desk.other_kiosk(), visit)
    for each in desks:
        each.trusts_luck = plant is Plant.LUCK
        each.forgets = plant is Plant.FORGETFUL_DESK
    town = Town(desks, card, _clone(genuine), VirtualCard(dict(other), None), known, known_other)
    if plant is Plant.FORGETFUL_CARD:
        town.after_tear = lambda torn: _set_back(torn, genuine if torn is card else other)
    return town


@cache
def _clone_segments() -> Segments:
    return desk.memory_of(VirtualCard(dict(_two_households()[0]), None).copy_files_without_keys())


def _clone(_genuine: Segments) -> VirtualCard:
    return VirtualCard(dict(_clone_segments()), None)


def _set_back(card: VirtualCard, segments: Segments) -> None:
    card._memory = NonVolatileMemory(dict(segments), card.faults)
