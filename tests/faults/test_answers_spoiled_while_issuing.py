"""Answers cut, garbled or never given while a card is made; pages half written; the officer's card pulled as well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from hardware_sim.card.faults import FaultKind
from kiosk.flows import card_steps
from kiosk.flows.workplace import Workplace
from kiosk.store.card_job import CardJob
from tests.faults.issuing import Order, issue_under
from tests.faults.pulls import Moment, Pull, Spoil
from tests.faults.test_answers_spoiled_while_delivering import KINDS
from tests.unit.card_service_terminal.desk import grant_activation

pytestmark = pytest.mark.timeout(900)
_EVERY_SO_MANY_WRITES = 8


def campaign(orders: Sequence[Order], what: str) -> None:
    """Each in a trial of its own: in the end one ACTIVE card, and every other number burned."""
    ends: Counter[str] = Counter()
    for order in orders:
        made = issue_under([order])
        assert made.faults() == [], order
        ends[made.problems[0] if made.problems else f"went on, {len(made.burned)} numbers burned"] += 1
    print(f"\n{what} in {len(orders)} ways: all ACTIVE, 0 half cards; {dict(ends)}")  # noqa: T201


def test_an_answer_spoiled_at_any_command_of_its_making_leaves_no_half_card() -> None:
    commands = issue_under().meter.commands
    # Every third command, one kind each; the nightly run has every kind at every command.
    places = range(1, commands + 1, 3)
    campaign([Spoil(KINDS[turn % len(KINDS)], at) for turn, at in enumerate(places)], "answers spoiled")


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_spoiled_answer_at_every_command_of_its_making_leaves_no_half_card(kind: FaultKind) -> None:
    commands = issue_under().meter.commands
    campaign([Spoil(kind, at) for at in range(1, commands + 1)], kind.name)


def test_a_card_pulled_inside_a_page_that_is_written_ends_active() -> None:
    pulls = list(issue_under().meter.pulls([Moment.HALF_WRITTEN]))
    campaign(pulls[::_EVERY_SO_MANY_WRITES], f"of {len(pulls)} pages, half written")


@pytest.mark.nightly
def test_a_card_pulled_inside_every_page_that_is_written_ends_active() -> None:
    campaign(list(issue_under().meter.pulls([Moment.HALF_WRITTEN])), "half written")


def test_the_officers_card_pulled_at_any_command_signs_when_it_comes_back() -> None:
    pulls = list(issue_under().officer_meter.pulls([Moment.NOT_DELIVERED, Moment.ANSWER_LOST]))
    for pull in pulls:
        made = issue_under(officer_orders=[pull])
        assert made.faults() == [], pull
        assert len(made.ordered) == 1, pull
    print(f"\nthe officer's card pulled in {len(pulls)} ways: all ACTIVE")  # noqa: T201
    assert len(pulls) > 40


def test_the_harness_finds_a_kiosk_that_burns_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    # Patched because the mistake must sit inside the flow.
    monkeypatch.setattr("kiosk.flows.card_steps.spoil", lambda *_: None)
    orders = [Spoil(FaultKind.GARBAGE, at) for at in range(20, 120, 4)]
    found = next((faults for order in orders if (faults := issue_under([order]).faults())), [])
    assert "an order was neither finished nor burned" in found


def test_the_harness_finds_a_kiosk_that_makes_the_card_work_before_it_was_proved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = card_steps.write_and_lock

    async def hasty(work: Workplace, job: CardJob, progress):  # type: ignore[no-untyped-def]
        locked = await original(work, job, progress)
        await work.holder_reader.run(lambda connection: grant_activation(connection, card_steps.data_of(locked)))  # type: ignore[arg-type]
        return locked

    # Patched because the mistake must sit inside the flow.
    monkeypatch.setattr("kiosk.flows.card_steps.write_and_lock", hasty)
    commands = issue_under().meter.commands
    orders = [Pull(Moment.NOT_DELIVERED, at) for at in range(commands, commands // 2, -5)]
    found = next((faults for order in orders if "half a card works" in (faults := issue_under([order]).faults())), [])
    assert "half a card works" in found
