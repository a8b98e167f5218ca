"""Two desks that never hear of each other, one genuine card: nobody is served twice, and nobody goes without."""

from __future__ import annotations

import pytest

from tests.campaigns.double_spending_campaign import Plant, run

_WHOLE, _SHORT, _NIGHTLY, _PLANTED = 20, 150, 100_000, 100


@pytest.mark.timeout(240)
def test_visits_with_all_their_cryptography_never_serve_a_card_twice() -> None:
    tally = run(_WHOLE, seed=2, is_whole=True)
    print(f"\n{tally}")  # noqa: T201
    assert tally.is_clean, tally.told
    assert tally.clone_visits > 0
    assert tally.tears > 0


@pytest.mark.timeout(240)
def test_short_visits_never_serve_a_card_twice() -> None:
    tally = run(_SHORT, seed=3, is_whole=False)
    print(f"\n{tally}")  # noqa: T201
    assert tally.is_clean, tally.told
    assert tally.deliveries > _SHORT


@pytest.mark.nightly
@pytest.mark.timeout(14_400)
def test_a_hundred_thousand_runs_never_serve_a_card_twice() -> None:
    tally = run(_NIGHTLY, seed=4, is_whole=False)
    print(f"\n{tally}")  # noqa: T201
    assert tally.is_clean, tally.told


@pytest.mark.parametrize("plant", list(Plant))
def test_a_planted_mistake_is_found(plant: Plant) -> None:
    assert not run(_PLANTED, seed=1, is_whole=False, plant=plant).is_clean
