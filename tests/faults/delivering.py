"""One ration at a desk that is pulled about, and what must be true afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from card_service.ledger import DeliveryProof, decode_record, verify_receipt
from domain.deliveries import BenefitDelivery
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.flows.desk import run_desk
from kiosk.flows.slip import SlipKind
from tests.faults.people_at_desk import Visitor
from tests.faults.pulls import Meter, Pull, Spoil
from tests.faults.story import ShakyDesk, fresh_home, play
from tests.unit.card_service_terminal import desk as card_desk
from tests.unit.card_service_terminal.registry import MARCH, RICE

RATION = 35
Order = Pull | Spoil


@dataclass
class Found:
    """What card, journal, outbox and paper say after the story."""

    drawn_on_card: int
    records_on_card: int
    journal: list[BenefitDelivery]
    events: list[str]
    plans_left: int
    receipts: list[str]
    screens: list[str]
    problems: list[str]
    meter: Meter = field(repr=False)
    receipt_key: bytes = field(repr=False)

    def faults(self) -> list[str]:
        """Broken promises, in words; none when all is well."""
        reference = [f"{each.card_number}-{each.card_sequence}" for each in self.journal]
        checks = {
            "the card gave another quantity": self.drawn_on_card == RATION,
            "the card holds another number of records": self.records_on_card == 2,
            "not journalled once": len(self.journal) == 1,
            "not in the outbox once": self.events.count("delivery.recorded") == 1,
            "a plan is left over": self.plans_left == 0,
            "no receipt in the person's hand": set(reference) == set(self.receipts),
            "a receipt that does not verify": all(self._has_good_receipt(each) for each in self.journal),
            "a fault of ours ended a visit": "desk.trouble" not in self.screens,
            "somebody was turned away": "denial.recorded" not in self.events,
        }
        return [fault for fault, holds in checks.items() if not holds]

    def _has_good_receipt(self, delivery: BenefitDelivery) -> bool:
        record = decode_record(bytes.fromhex(delivery.ledger_record_hex))
        receipt = bytes.fromhex(delivery.receipt_hex)
        return verify_receipt(
            DeliveryProof(delivery.card_number, record, delivery.card_sequence, receipt), self.receipt_key
        )


def serve(
    home: Path, cards: Sequence[VirtualCard], orders: Sequence[Order], *, pulls_at_screen: int = 0
) -> list[Found]:
    """The whole desk, from the resting screen on, until every card was found drawn; what there is to see of each."""

    async def story(desk: ShakyDesk) -> list[Found]:
        desk.holder.orders = list(orders)
        visitor = Visitor(desk, cards, RICE, pulls_at_screen=pulls_at_screen)
        running = asyncio.create_task(run_desk(desk.bench.work, visitor))
        finished = asyncio.create_task(visitor.is_done.wait())
        try:
            await asyncio.wait({running, finished}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            for task in (running, finished):
                task.cancel()
            await asyncio.gather(running, finished, return_exceptions=True)
        return [look(desk, visitor, card) for card in cards]

    return play(story, home)


def look(desk: ShakyDesk, visitor: Visitor, card: VirtualCard) -> Found:
    """Everything that there is to see of one card, the card itself included."""
    bench, details = desk.bench, card_desk.present(card).details
    line = details.find_line(RICE, MARCH)
    assert line is not None, "the card grants the ration"
    number = details.card_number
    slips = [slip.reference for slip in bench.artist.slips if slip.kind is SlipKind.DELIVERY]
    events = [event.body for event in bench.store.outbox.waiting(limit=100)]
    return Found(
        drawn_on_card=line.drawn,
        records_on_card=details.counter,
        journal=[each for _, each in bench.store.deliveries.all() if each.card_number == number],
        events=[str(event.kind) for event in events if event.payload.get("card_number") == number],
        plans_left=len(bench.store.planned_deliveries.all()),
        receipts=[slip for slip in slips if slip.startswith(f"{number}-")],
        screens=visitor.keys(),
        problems=[notice.title.key for notice in visitor.problems()],
        meter=desk.holder.meter,
        receipt_key=details.receipt_public_key,
    )


def deliver_under(orders: Sequence[Order], *, pulls_at_screen: int = 0) -> Found:
    """One trial in a kiosk of its own, with a card of its own."""
    with fresh_home() as home:
        (found,) = serve(home, [card_desk.active_card()], orders, pulls_at_screen=pulls_at_screen)
    return found


def deliver_two_under(orders: Sequence[Order]) -> list[str]:
    """Two households at one reader, whose cards change places at every pull; broken promises to either."""
    with fresh_home() as home:
        found = serve(home, [card_desk.active_card(), VirtualCard(dict(_another_household()), None)], orders)
    return [fault for each in found for fault in each.faults()]


@cache
def _another_household() -> dict[str, bytes]:
    """The memory of an active card with another number and other keys."""
    return card_desk.issue.__wrapped__()["active"].segments
