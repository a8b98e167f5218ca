"""Every way to tear a card during a step: at each command, before it, after it, and inside each page it writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from card_service.errors import CardError, CardGone
from hardware_sim.card.faults import CardFault, FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.reader import SimulatedReader

Step = Callable[[SimulatedReader], object]


@dataclass(frozen=True)
class Tear:
    """One cut: at which command of the step, counted from 1, and where in it."""

    kind: FaultKind
    at_command: int
    at_write: int = 1

    def order(self, card: VirtualCard) -> None:
        """Let it happen on this card, counting from its next command."""
        card.faults.clear()
        card.faults.restart_counting()
        card.faults.order(CardFault(self.kind, self.at_command, self.at_write))


def all_tears(card: VirtualCard, step: Step) -> Iterator[Tear]:
    """Every tear that the step can meet; the step is run once, whole, on ``card`` to count commands and writes."""
    reader = SimulatedReader(card)
    writes = _count_writes(card, reader, step)
    for command, page_writes in enumerate(writes, start=1):
        yield Tear(FaultKind.CUT_NOT_DELIVERED, command)
        yield Tear(FaultKind.CUT_ANSWER_LOST, command)
        for write in range(1, page_writes + 1):
            yield Tear(FaultKind.CUT_HALF_WRITTEN, command, write)


def _count_writes(card: VirtualCard, reader: SimulatedReader, step: Step) -> list[int]:
    """Page writes of each command of the step."""
    counts: list[int] = []
    plain_transmit = reader.transmit

    def counting(apdu: bytes) -> bytes:
        before = card.faults.writes
        answer = plain_transmit(apdu)
        counts.append(card.faults.writes - before)
        return answer

    reader.transmit = counting  # type: ignore[method-assign]
    step(reader)
    return counts


def run_torn(card: VirtualCard, tear: Tear, step: Step) -> bool:
    """Runs the step with the tear; whether the card was torn before the step ended."""
    reader = SimulatedReader(card)
    tear.order(card)
    try:
        step(reader)
    except CardGone:
        return True
    except CardError:
        return True  # the step itself stopped: the caller looks at the card
    finally:
        card.faults.clear()
    return False
