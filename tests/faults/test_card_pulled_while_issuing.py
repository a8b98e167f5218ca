"""A card pulled out at any command of its making, and put back: it ends ACTIVE, and never works before it is whole."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.issuing import Care, issue_under
from tests.faults.pulls import Moment

pytestmark = pytest.mark.timeout(900)


def test_a_steady_card_is_issued() -> None:
    made = issue_under()
    assert made.faults() == []
    assert made.problems == []
    print(f"\nissuing takes {made.meter.commands} commands and {sum(made.meter.writes)} page writes")  # noqa: T201


@pytest.mark.parametrize("moment", [Moment.NOT_DELIVERED, Moment.ANSWER_LOST], ids=["not delivered", "answer lost"])
def test_a_card_pulled_at_any_command_of_its_making_ends_active(moment: Moment) -> None:
    pulls = list(issue_under().meter.pulls([moment]))
    ends: Counter[str] = Counter()
    for pull in pulls:
        # Every other time the officer gives up, the kiosk is started anew, and the card is gone on with later.
        care = Care() if pull.at_command % 2 else Care(tries_again=False, restarts=True)
        made = issue_under([pull], care)
        assert made.faults() == [], pull
        ends[made.problems[0]] += 1
    print(f"\n{moment.value}: pulled in {len(pulls)} ways, all ACTIVE, 0 half cards; {dict(ends)}")  # noqa: T201
