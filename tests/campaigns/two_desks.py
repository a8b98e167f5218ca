"""Two desks that never hear of each other, one genuine card, its clone and another card: what is handed out, and what
the cards say.

A desk works as the kiosk does: it journals a planned record, sends it, hands out when the card's receipt is there, and
after a tear finds out at the next visit of that card. Everything else is chance: which desk, which card, how much is
asked for, where power is cut, restarts, plans that lie about while the card is at the other desk.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from card_service.errors import CardError, CardGone
from card_service.ledger import DeliveryProof, NotWritten, PlannedRecord, append_delivery, recover_delivery
from card_service.terminal_authentication import TerminalCredential
from card_service.verified_card import VerifiedCard
from hardware_sim.card.faults import CardFault, FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from tests.campaigns.open_sessions import visit_whole
from tests.unit.card_service_terminal import desk

LIMIT = 35
_STEPS = (5, 11)
#: A visit has no more commands than this after the check, and a delivery fewer page writes.
_COMMANDS, _WRITES = 5, 14
_MOST_TOLD = 10
_TEARS = (FaultKind.CUT_NOT_DELIVERED, FaultKind.CUT_ANSWER_LOST, FaultKind.CUT_HALF_WRITTEN)
Visit = Callable[[VirtualCard, VerifiedCard, TerminalCredential], VerifiedCard | None]
Append = Callable[[VerifiedCard, PlannedRecord], DeliveryProof]


@dataclass
class Desk:
    """One kiosk, offline. ``handed_out`` and ``plans`` survive a restart; ``in_hand`` does not."""

    credential: TerminalCredential
    visit: Visit
    append: Append = append_delivery
    handed_out: dict[tuple[str, int], int] = field(default_factory=dict)
    plans: dict[str, PlannedRecord] = field(default_factory=dict)
    in_hand: PlannedRecord | None = None
    #: Mistakes, for plants only.
    trusts_luck: bool = False
    forgets: bool = False
    refusals: int = 0

    def serve(self, card: VirtualCard, known: VerifiedCard, quantity: int, tear: CardFault | None) -> None:
        """One visit: settle what is open, then deliver. Errors of the card end it."""
        shown = self.visit(card, known, self.credential)
        if shown is None:
            self.refusals += 1
            return
        if tear is not None:
            card.faults.restart_counting()
            card.faults.order(tear)
        self._settle(shown)
        planned = desk.plan(shown, quantity, self.credential)
        self.plans[shown.card_number] = planned
        self._send(shown, planned)

    def plan_only(self, card: VirtualCard, known: VerifiedCard, quantity: int) -> None:
        """The record is signed, and the person takes the card away: the plan is held in memory."""
        shown = self.visit(card, known, self.credential)
        if shown is not None:
            self._settle(shown)
            self.in_hand = desk.plan(shown, quantity, self.credential)

    def send_old_plan(self, card: VirtualCard, known: VerifiedCard) -> None:
        """What was planned some visits ago is sent now, as if the card had never left."""
        shown = self.visit(card, known, self.credential)
        if shown is None or self.in_hand is None or self.in_hand.card_number != shown.card_number:
            return
        self._settle(shown)
        planned, self.in_hand = self.in_hand, None
        self.plans[shown.card_number] = planned
        self._send(shown, planned)

    def restart(self) -> None:
        """Only what was written down is left."""
        self.in_hand = None
        if self.forgets:
            self.plans.clear()

    def settle(self, card: VirtualCard, known: VerifiedCard) -> None:
        """A visit that only finds out."""
        shown = self.visit(card, known, self.credential)
        if shown is not None:
            self._settle(shown)

    def _settle(self, shown: VerifiedCard) -> None:
        planned = self.plans.get(shown.card_number)
        if planned is None:
            return
        result = recover_delivery(shown, self.credential, planned)
        if not isinstance(result, NotWritten):
            self._hand_out(result)
        del self.plans[shown.card_number]

    def _send(self, shown: VerifiedCard, planned: PlannedRecord) -> None:
        try:
            self._hand_out(self.append(shown, planned))
        except CardGone:
            if not self.trusts_luck:
                raise
            self.handed_out[planned.card_number, planned.record.sequence] = planned.record.quantity
        except CardError:  # refused: nothing was written
            del self.plans[shown.card_number]
            raise
        del self.plans[shown.card_number]

    def _hand_out(self, proof: DeliveryProof) -> None:
        self.handed_out[proof.card_number, proof.record.sequence] = proof.record.quantity


@dataclass
class Tally:
    """Over all runs."""

    runs: int = 0
    visits: int = 0
    deliveries: int = 0
    tears: int = 0
    doubles: int = 0
    unpaid: int = 0
    clone_deliveries: int = 0
    numbers_twice: int = 0
    clone_visits: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.doubles or self.unpaid or self.clone_deliveries or self.numbers_twice)


@dataclass
class Town:
    """Two desks and three cards; ``known`` are the genuine two, verified once."""

    desks: tuple[Desk, Desk]
    genuine: VirtualCard
    clone: VirtualCard
    other: VirtualCard
    known: VerifiedCard
    known_other: VerifiedCard
    #: What becomes of a card at a tear; nothing, but in a plant.
    after_tear: Callable[[VirtualCard], None] = lambda _: None
    #: One visit in so many is the clone's.
    clone_every: int = 8

    def wander(self, dice: random.Random, tally: Tally) -> None:
        """A run: some days of visits, and at the end both desks see the cards once more."""
        for _ in range(dice.randint(*_STEPS)):
            self._visit(dice, tally)
        for each in self.desks:
            for card, known in self._genuine_cards():
                card.faults.clear()
                each.settle(card, known)
        self._count(tally)

    def _genuine_cards(self) -> tuple[tuple[VirtualCard, VerifiedCard], ...]:
        return (self.genuine, self.known), (self.other, self.known_other)

    def _visit(self, dice: random.Random, tally: Tally) -> None:
        at = self.desks[dice.randrange(2)]
        tally.visits += 1
        if dice.randrange(self.clone_every) == 0:
            self._show_clone(at, tally)
            return
        card, known = self._genuine_cards()[dice.random() < 0.25]
        card.faults.clear()
        quantity = dice.choice((LIMIT, LIMIT, 20, 5, 1, LIMIT + 1))
        tear = _tear(dice) if dice.random() < 0.3 else None
        action = dice.random()
        try:
            if action < 0.7:
                at.serve(card, known, quantity, tear)
            elif action < 0.82:
                at.plan_only(card, known, quantity)
            elif action < 0.94:
                at.send_old_plan(card, known)
            else:
                at.restart()
        except CardGone:
            tally.tears += 1
            self.after_tear(card)
        except CardError:
            pass  # refused: over the limit, or another record came before

    def _show_clone(self, at: Desk, tally: Tally) -> None:
        """A copy is always shown to the whole check: it is what a short visit leaves out."""
        before = sum(at.handed_out.values())
        tally.clone_visits += 1
        shown = visit_whole(self.clone, self.known, at.credential)
        if shown is not None:
            with contextlib.suppress(CardError):
                at.append(shown, desk.plan(shown, LIMIT, at.credential))
            tally.clone_deliveries += 1
        tally.clone_deliveries += sum(at.handed_out.values()) > before

    def _count(self, tally: Tally) -> None:
        tally.runs += 1
        for card, known in self._genuine_cards():
            number = known.card_number
            given = [{key[1]: q for key, q in each.handed_out.items() if key[0] == number} for each in self.desks]
            handed = sum(sum(each.values()) for each in given)
            now = self.desks[0].visit(card, known, self.desks[0].credential)
            drawn = -1 if now is None else now.details.lines[0].drawn
            tally.deliveries += sum(len(each) for each in given)
            tally.doubles += handed > LIMIT
            tally.unpaid += handed < drawn
            tally.numbers_twice += bool(given[0].keys() & given[1].keys()) or handed > drawn
            if handed != drawn and len(tally.told) < _MOST_TOLD:
                tally.told.append(f"run {tally.runs}: handed out {handed}, the card says {drawn}")


def _tear(dice: random.Random) -> CardFault:
    return CardFault(dice.choice(_TEARS), dice.randint(1, _COMMANDS), dice.randint(1, _WRITES))
