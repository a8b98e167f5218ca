"""Thousands of spoiled answers over whole conversations with a card: no crash, no hang, nothing false believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.card_fuzz_campaign import READER_MODULES, CardFuzz, load_or_begin
from tests.campaigns.planted_readers import PLANTED

_ANSWERS, _NIGHTLY = 5_000, 200_000
_MOST_GROWTH_KB = 50_000
_PLANT_ANSWERS, _COMPARED = 1_500, 250


@pytest.mark.timeout(240)
def test_five_thousand_spoiled_answers_end_in_a_verdict_or_an_error_of_ours() -> None:
    _attack(_ANSWERS, seed=7)


@pytest.mark.nightly
@pytest.mark.timeout(7_200)
def test_two_hundred_thousand_spoiled_answers_end_in_a_verdict_or_an_error_of_ours() -> None:
    _attack(_NIGHTLY, seed=8)


def _attack(answers: int, *, seed: int) -> None:
    found = load_or_begin(None, seed=seed, part=0, parts=1, answers=answers)
    campaign = CardFuzz(found)
    campaign.run()
    reached, lines = campaign.coverage.share(READER_MODULES)
    print(f"\n{found.spoiled} spoiled answers in {found.conversations} conversations, seed {seed}: ")  # noqa: T201
    print(f"{found.counts}, {reached} of {lines} lines, +{found.rss_kb - found.rss_first_kb} kB")  # noqa: T201
    assert found.is_clean, (found.crashes, found.deceits, found.hangs)
    assert found.spoiled >= answers
    assert found.rss_kb - found.rss_first_kb < _MOST_GROWTH_KB


@pytest.mark.parametrize("plant", sorted(PLANTED))
def test_a_mistake_planted_in_the_reader_is_found(plant: str) -> None:
    found = load_or_begin(None, seed=5, part=0, parts=1, answers=_PLANT_ANSWERS)
    with PLANTED[plant]():
        CardFuzz(found, is_watching=False).run()
    assert found.counts[plant] > 0


def test_what_is_remembered_and_skipped_changes_nothing() -> None:
    """The same attacks on conversations gone through whole, and on remembered ones."""
    found = [load_or_begin(None, seed=6, part=0, parts=1, answers=_COMPARED) for _ in range(2)]
    for each, is_skipping in zip(found, (False, True), strict=True):
        CardFuzz(each, is_watching=False, is_skipping=is_skipping).run()
    assert found[0].skipped == 0
    assert found[1].skipped > found[1].answers / 2
    assert found[0].answers == found[1].answers + found[1].skipped
    assert (found[0].endings, found[0].kinds, found[0].sealed) == (found[1].endings, found[1].kinds, found[1].sealed)


def test_a_part_that_was_stopped_goes_on_where_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "part.json"
    first = load_or_begin(path, seed=3, part=1, parts=2, answers=120)
    CardFuzz(first, path=path, is_watching=False).run()
    again = load_or_begin(path, seed=3, part=1, parts=2, answers=240)
    assert again.spoiled == first.spoiled
    assert again.wanted == 120
    CardFuzz(again, path=path, is_watching=False).run()
    assert again.conversations > first.conversations
    with pytest.raises(ValueError, match="another campaign"):
        load_or_begin(path, seed=4, part=1, parts=2, answers=240)
