"""One card issued at a desk that is pulled about, and what must be true on the way and afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.card_number import CardNumber
from domain.ids import HouseholdId
from domain.verification import Verdict
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.flows.issue_card import issue_card
from kiosk.store.card_job import CardHolder, CardJobStep
from tests.faults.people_at_desk import Officer
from tests.faults.pulls import Meter, Moment, Pull, Spoil
from tests.faults.story import ShakyDesk, fresh_home, play
from tests.flows.desk_bench import ENROLMENT_KEY, officer_card
from tests.flows.paper_registry import PaperRegistry
from tests.flows.paper_stock import stock_blank
from tests.unit.card_service_terminal import desk as card_desk

HOUSEHOLD = CardHolder(household_id=HouseholdId("HH-0001"))
#: A fault costs one attempt; whoever needs more goes round in circles.
MOST_ATTEMPTS = 4
Order = Pull | Spoil
Arrangement = Callable[[ShakyDesk, PaperRegistry], None]


@dataclass(frozen=True)
class Care:
    """How the officer treats a problem: tries again at once, or stops and comes back, perhaps to a kiosk restarted."""

    tries_again: bool = True
    restarts: bool = False
    #: After the first stop another household gets a card on the same chip, before the first one is gone on with.
    interlude: CardHolder | None = None


@dataclass
class Made:
    """What became of the card, the registry's books and the kiosk's."""

    number: CardNumber | None
    active: set[str]
    ordered: list[str]
    burned: list[str]
    jobs_left: int
    chips: list[VirtualCard] = field(repr=False)
    finished_before: set[VirtualCard] = field(default_factory=set, repr=False)
    problems: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter, repr=False)
    officer_meter: Meter = field(default_factory=Meter, repr=False)

    @property
    def ours(self) -> set[VirtualCard]:
        """The chips at hand that were blank when all began."""
        return {chip for chip in self.chips if chip not in self.finished_before}

    def faults(self) -> list[str]:
        """Broken promises, in words; none when all is well."""
        working = [number for chip in self.ours if (number := working_number(chip)) is not None]
        checks = {
            "no card at the end": self.number is not None,
            "the registry says ACTIVE of another card": self.active == {self.number},
            "the chip bears another number": self.number in working,
            "two cards work": len(working) <= 1,
            "a number was ordered twice": len(set(self.ordered)) == len(self.ordered),
            "a burned number is in force": not set(self.burned) & self.active,
            "an order was neither finished nor burned": set(self.ordered) == {self.number, *self.burned},
            "a job is left over": self.jobs_left == 0,
        }
        return self.breaches + [fault for fault, holds in checks.items() if not holds]


def working_number(chip: VirtualCard) -> CardNumber | None:
    """The number of a card that every desk would take, None for a card that no desk takes."""
    checked = card_desk.check(chip)
    return checked.card_number if checked.verdict is Verdict.VERIFIED else None


def issue_under(
    orders: Sequence[Order] = (),
    care: Care = Care(),
    *,
    officer_orders: Sequence[Order] = (),
    chips: Sequence[VirtualCard] = (),
    prepare: Arrangement = lambda *_: None,
) -> Made:
    """One trial in a kiosk of its own: the officer goes on until the card is out.

    ``chips`` are put in one after the other whenever something went wrong; the last one stays in hand. ``prepare``
    may arrange for more before anything begins.
    """
    registry, hand = PaperRegistry(ENROLMENT_KEY), list(chips) or [stock_blank()]
    made = Made(None, set(), [], [], 0, hand)
    made.finished_before = {chip for chip in hand if working_number(chip) is not None}
    with fresh_home() as home:
        attempt = 0
        while made.number is None and attempt < MOST_ATTEMPTS:
            attempt += 1
            _visit(home, registry, made, care, list(orders), list(officer_orders), prepare)
            orders, officer_orders = _later(orders, made.meter), _later(officer_orders, made.officer_meter)
            if not care.restarts:
                break
    made.active = set(registry.active)
    made.ordered = [package.card_number for _, package in registry.orders.values()]
    return made


def _later(orders: Sequence[Order], meter: Meter) -> list[Order]:
    """Faults that have not come yet; a restarted kiosk goes on with the same count."""
    return [each for each in orders if each.at_command > meter.commands]


def _visit(
    home: Path,
    registry: PaperRegistry,
    made: Made,
    care: Care,
    orders: list[Order],
    officer_orders: list[Order],
    prepare: Arrangement,
) -> None:
    async def story(desk: ShakyDesk) -> None:
        desk.holder.orders, desk.officer.orders = orders, officer_orders
        desk.holder.meter, desk.officer.meter = made.meter, made.officer_meter
        officer = Officer(desk, made.chips, officer_card(), tries_again=care.tries_again)
        prepare(desk, registry)
        officer.at_problem = lambda: _note_half_card(desk, registry, made)
        await officer.sit_down()
        for _ in range(1 if care.restarts else MOST_ATTEMPTS):
            made.number = await issue_card(desk.bench.work, officer, HOUSEHOLD)
            if made.number is not None:
                break
            if care.interlude is not None:
                await _begin_for_another(desk, officer, care.interlude)
        made.problems += [notice.body.key or "" for notice in officer.problems()]
        made.jobs_left = len(desk.bench.store.card_jobs.all())
        events = [*registry.events.values(), *desk.bench.store.outbox.waiting(limit=20)]
        payloads = [event.body.payload for event in events if event.body.kind == "card.spoiled"]
        made.burned = [str(payload["card_number"]) for payload in payloads if payload["card_number"] is not None]

    play(story, home, registry)


async def _begin_for_another(desk: ShakyDesk, officer: Officer, holder: CardHolder) -> None:
    """The chip is taken for another household, and is stopped halfway as well."""
    desk.holder.orders = [Pull(Moment.NOT_DELIVERED, desk.holder.meter.commands + 40)]
    await issue_card(desk.bench.work, officer, holder)


def _note_half_card(desk: ShakyDesk, registry: PaperRegistry, made: Made) -> None:
    """At every problem: a card that works must have passed every check that comes before."""
    granted = {request.card_number for request in registry.activations}
    for chip in made.ours:
        number = working_number(chip)
        steps = [job.step for _, job in desk.bench.store.card_jobs.all() if job.card_number == number]
        if number is not None and (number not in granted or not steps or min(steps) < CardJobStep.GRANTED):
            made.breaches.append("half a card works")
