"""Small groups are not shown, and a group that fails too often alarms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from central_api.finger_outcomes.groups import LEAST_PEOPLE, UNKNOWN, Attempt, GroupFigure, Kind, age_band, count


def people(number: int, failed: int = 0, *, work: str | None = "farmer", age: int | None = 40) -> list[Attempt]:
    return [Attempt(at < failed, age, "F", work, "K-1", "OP-1") for at in range(number)]


def works(attempts: list[Attempt]) -> dict[str, GroupFigure]:
    return {figure.group: figure for figure in count(attempts) if figure.kind is Kind.WORK}


def test_a_group_that_fails_more_than_twice_as_often_as_the_median_alarms() -> None:
    attempts = people(100, 3) + people(100, 4, work="clerk") + people(50, 9, work="miner")
    found = works(attempts)
    assert [group for group, figure in found.items() if figure.is_alarming] == ["miner"]
    assert (found["miner"].percent, next(iter(found))) == (18.0, "miner")


def test_two_failures_are_no_alarm() -> None:
    assert not any(figure.is_alarming for figure in count(people(200) + people(6, 2, work="miner")))


def test_groups_of_fewer_than_five_have_no_numbers_and_cannot_be_worked_out_from_the_rest() -> None:
    found = works(people(30, 1) + people(9, work="clerk") + people(4, 4, work="miner"))
    assert found["miner"].tried is None
    assert found["clerk"].tried is None
    assert found["farmer"].tried == 30


def test_what_is_not_known_is_a_group_too() -> None:
    assert works(people(7, work=None))[UNKNOWN].tried == 7


def test_ages_are_shown_in_bands() -> None:
    assert [age_band(years) for years in (0, 4, 5, 59, 60, 75, 101)] == [
        "0–4",
        "0–4",
        "5–14",
        "45–59",
        "60–74",
        "75 and over",
        "75 and over",
    ]


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=2))
def test_no_hidden_group_is_the_only_one(sizes: dict[str, int]) -> None:
    found = works([each for work, number in sizes.items() for each in people(number, work=work)])
    hidden = [figure for figure in found.values() if figure.tried is None]
    assert len(hidden) != 1
    assert all(figure.tried is None or figure.tried >= LEAST_PEOPLE for figure in found.values())
