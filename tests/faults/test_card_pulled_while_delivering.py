"""A card pulled out at any command of a visit and put back: one record, one journal entry, one receipt, one ration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.faults.delivering import Order, deliver_under
from tests.faults.pulls import Moment, Pull

pytestmark = pytest.mark.timeout(900)
_BOTH_SIDES = (Moment.NOT_DELIVERED, Moment.ANSWER_LOST)


def writing_command() -> int:
    """The command that writes the ration on the card: the last one of a visit that writes pages."""
    return max(number for number, pages in enumerate(deliver_under([]).meter.writes, start=1) if pages)


def pulls_while_the_desk_finds_out() -> list[list[Order]]:
    """The answer to the writing command is lost, and the card is pulled again at any later command."""
    first = Pull(Moment.ANSWER_LOST, writing_command())
    commands = deliver_under([first]).meter.commands
    return [[first, Pull(side, at)] for at in range(first.at_command + 1, commands + 1) for side in _BOTH_SIDES]


def find_broken(trials: Iterable[list[Order]]) -> list[str]:
    """The first broken promise among the trials."""
    return next((faults for trial in trials if (faults := deliver_under(trial).faults())), [])


def test_a_steady_card_is_served_once() -> None:
    found = deliver_under([])
    assert found.faults() == []
    assert found.problems == []
    print(f"\na visit takes {found.meter.commands} commands and {sum(found.meter.writes)} page writes")  # noqa: T201


def test_a_card_pulled_at_any_command_is_served_once_when_it_comes_back() -> None:
    pulls = list(deliver_under([]).meter.pulls(list(Moment)))
    ends: Counter[str] = Counter()
    for pull in pulls:
        found = deliver_under([pull])
        assert found.faults() == [], pull
        ends[found.problems[0] if found.problems else "the visit ended"] += 1
    print(f"\npulled in {len(pulls)} ways: 0 lost, 0 double; {dict(ends)}")  # noqa: T201  a zero is worth its N
    assert len(pulls) > 70


def test_a_card_pulled_again_while_the_desk_finds_out_still_brings_one_ration_and_its_receipt() -> None:
    trials = pulls_while_the_desk_finds_out()
    for trial in trials:
        assert deliver_under(trial).faults() == [], trial
    print(f"\npulled twice in {len(trials)} ways: 0 lost, 0 double")  # noqa: T201
    assert len(trials) > 60


def test_a_card_pulled_at_any_screen_brings_one_ration_and_its_receipt() -> None:
    screens = deliver_under([]).screens
    for number in range(1, len(screens) + 1):
        assert deliver_under([], pulls_at_screen=number).faults() == [], screens[number - 1]
    print(f"\npulled at {len(screens)} screens: 0 lost, 0 double")  # noqa: T201


def test_the_harness_finds_a_desk_that_writes_before_it_keeps_its_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    # Patched because the mistake must sit inside the flow: nothing outside could leave the plan out.
    monkeypatch.setattr("kiosk.store.documents.Shelf.save", lambda *_: None)
    assert "not journalled once" in find_broken([[Pull(Moment.ANSWER_LOST, writing_command())]])


def test_the_harness_finds_a_desk_that_forgets_whose_receipt_is_owed(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = pulls_while_the_desk_finds_out()
    # Patched because the mistake must sit inside the flow.
    monkeypatch.setattr("kiosk.flows.serve_holder.receipts_owed", lambda *_: [])
    assert "no receipt in the person's hand" in find_broken(reversed(trials))
