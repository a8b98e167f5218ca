"""Answers that are cut, garbled or never come, at any command of a visit: what the card took is never lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hardware_sim.card.faults import FaultKind
from kiosk.flows import delivering
from tests.faults.delivering import deliver_under
from tests.faults.pulls import Spoil
from tests.faults.test_card_pulled_while_delivering import writing_command

pytestmark = pytest.mark.timeout(900)
KINDS = (
    FaultKind.GARBAGE,
    FaultKind.WRONG_MAC,
    FaultKind.PARTIAL_FRAME,
    FaultKind.ZERO_LENGTH,
    FaultKind.SILENT,
    FaultKind.HUGE_ANSWER,
    FaultKind.ENDLESS_61XX,
)
#: One wrong checksum right after chip authentication looks like a copied card: refused at first, with a number.
_MAY_BE_REFUSED_AT_FIRST = {"somebody was turned away"}


def campaign(spoils: Sequence[Spoil]) -> None:
    denials = 0
    for spoil in spoils:
        found = deliver_under([spoil])
        assert set(found.faults()) <= _MAY_BE_REFUSED_AT_FIRST, spoil
        denials += "denial.recorded" in found.events
    print(f"\nspoiled in {len(spoils)} ways: 0 lost, 0 double, {denials} refused with a number at first")  # noqa: T201
    assert denials <= len(KINDS)


def test_an_answer_spoiled_at_any_command_does_not_lose_the_ration_that_was_written() -> None:
    commands, writing = deliver_under([]).meter.commands, writing_command()
    turns = [Spoil(KINDS[(at + turn) % len(KINDS)], at) for at in range(1, commands + 1) for turn in (0, 3)]
    campaign([*turns, *(Spoil(kind, writing) for kind in KINDS)])


@pytest.mark.nightly
def test_every_kind_of_spoiled_answer_at_every_command_does_not_lose_the_ration_that_was_written() -> None:
    campaign([Spoil(kind, at) for at in range(1, deliver_under([]).meter.commands + 1) for kind in KINDS])


def test_the_harness_finds_a_desk_that_takes_a_garbled_answer_for_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    original = delivering.deliver

    async def hasty(work, card, *rest, **named):  # type: ignore[no-untyped-def]
        result = await original(work, card, *rest, **named)
        if result.outcome is delivering.DeliveryOutcome.UNKNOWN:
            work.store.planned_deliveries.remove(card.card_number)
        return result

    # Patched because the mistake must sit inside the flow.
    monkeypatch.setattr("kiosk.flows.serve_holder.deliver", hasty)
    assert "not journalled once" in deliver_under([Spoil(FaultKind.GARBAGE, writing_command())]).faults()
