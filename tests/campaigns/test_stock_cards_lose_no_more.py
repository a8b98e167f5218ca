"""Cards without a ledger: the loss that the caps allow is stated, never exceeded, and reached."""

from __future__ import annotations

import pytest

from tests.campaigns.stock_card_model import LONG, TIGHT, StockRules, play_many

_RUNS = 2_000


@pytest.mark.parametrize("rules", TIGHT)
def test_the_bound_is_reached_and_never_exceeded_when_the_window_is_within_the_sync_age(rules: StockRules) -> None:
    tally = play_many(rules, _RUNS, seed=11)
    print(f"\n{rules}: {tally.runs} windows, worst {tally.worst}, bound {rules.bound()}")  # noqa: T201
    assert tally.exceeded == 0
    assert tally.worst == rules.bound()


@pytest.mark.parametrize("rules", LONG)
def test_the_bound_is_never_exceeded_in_longer_windows(rules: StockRules) -> None:
    tally = play_many(rules, _RUNS, seed=12)
    print(f"\n{rules}: {tally.runs} windows, worst {tally.worst}, bound {rules.bound()}")  # noqa: T201
    assert tally.exceeded == 0
    assert tally.worst > 0


def test_desks_that_go_on_without_a_sync_are_found() -> None:
    assert play_many(LONG[3], _RUNS, seed=13, forgets_age=True).exceeded > 0
