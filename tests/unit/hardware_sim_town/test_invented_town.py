import time
from datetime import date
from itertools import islice

import pytest

from domain.fingers import YOUNGEST_FINGER_AGE_YEARS
from hardware_sim.town.__main__ import main
from hardware_sim.town.household_members import Role
from hardware_sim.town.occupation import Occupation
from hardware_sim.town.person import TEN_FINGERS
from hardware_sim.town.statistics import TownStatistics
from hardware_sim.town.town import NobodyThere, Town

PEOPLE = 4000
DIGEST_OF_500 = "67ca3a6aef21e94d5089821a157afdad384d651f985a4e5c7c23453bcc3ac877"


@pytest.fixture(scope="module")
def everybody():
    return list(Town(7, PEOPLE))


@pytest.fixture(scope="module")
def counts(everybody):
    return TownStatistics.of(everybody)


def test_the_same_seed_gives_the_same_town_for_ever():
    assert (
        Town(7, 500).digest()
        == Town(7, 500).digest()
        == "67ca3a6aef21e94d5089821a157afdad384d651f985a4e5c7c23453bcc3ac877"
    )
    assert Town(8, 500).digest() != Town(7, 500).digest()


def test_a_person_is_the_same_whoever_was_asked_for_before(everybody):
    town = Town(7, PEOPLE)
    for number in (3999, 0, 1234, 1233, 1234):
        assert town.person(number) == everybody[number]


def test_everybody_is_numbered_once_and_lives_in_one_household(everybody):
    town = Town(7, PEOPLE)
    assert [person.number for person in everybody] == list(range(PEOPLE))
    assert everybody[-1].household == town.households - 1
    assert town.household(everybody[50].household)[0].role is Role.HEAD
    assert len({person.seed for person in everybody}) == len({person.id for person in everybody}) == PEOPLE


def test_nobody_lives_outside_the_town():
    town = Town(7, 100)
    for number in (-1, 100):
        with pytest.raises(NobodyThere):
            town.person(number)
    with pytest.raises(NobodyThere):
        town.household(town.households)


def test_a_record_is_drawn_without_drawing_the_town():
    town = Town(7, 100_000)
    started = time.process_time()
    for number in range(0, 100_000, 500):
        town.person(number)
    each_ms = 1000 * (time.process_time() - started) / 200
    print(f"{each_ms:.2f} ms a person")  # noqa: T201
    assert each_ms < 10, "a person must not cost the whole town (usually 0.2 ms)"


def test_the_list_is_streamed():
    assert len(list(islice(Town(7, 100_000), 10))) == 10


def test_households_have_one_to_eight_people_and_more(counts):
    assert set(counts.household_sizes) == set(range(1, 9))
    assert 4.0 < PEOPLE / sum(counts.household_sizes.values()) < 5.2


def test_there_are_more_children_than_old_people_and_as_many_women_as_men(everybody, counts):
    ages = [person.age_years for person in everybody]
    assert 0.22 < sum(age < 15 for age in ages) / PEOPLE < 0.36
    assert 0.04 < sum(age >= 65 for age in ages) / PEOPLE < 0.13
    assert max(ages) < 99
    assert 0.47 < counts.women / PEOPLE < 0.55


def test_parents_are_older_than_their_children(everybody):
    town = Town(7, PEOPLE)
    for number in range(town.households - 1):  # the last one may have been cut short
        home = town.household(number)
        mothers = [p.age_years for p in home if p.is_female and p.role in (Role.HEAD, Role.SPOUSE)]
        children = [p.age_years for p in home if p.role is Role.CHILD]
        assert not mothers or not children or max(mothers) - max(children) >= 15


def test_small_children_give_no_finger_and_lost_fingers_are_not_asked_for(everybody):
    for person in everybody:
        if person.age_years < YOUNGEST_FINGER_AGE_YEARS:
            assert person.fingers == ()
        else:
            assert set(person.fingers) == set(TEN_FINGERS) - person.missing_fingers
    lacking = sum(bool(person.missing_fingers) for person in everybody)
    assert 0 < lacking < PEOPLE / 50


def test_work_and_age_wear_fingers(counts):
    by_work, by_age = counts.by_occupation, counts.by_age_of_work
    assert by_work[Occupation.STONE_CUTTER.value].worn_share > 0.5 > by_work[Occupation.FARM_WORKER.value].worn_share
    assert by_work[Occupation.FARM_WORKER.value].mean_wear > 2 * by_work[Occupation.TRADER.value].mean_wear
    assert by_age[20].mean_wear < by_age[40].mean_wear < by_age[60].mean_wear


def test_childrens_ridges_are_finer(everybody):
    def mean_period(people):
        return sum(person.skin.ridge_period_px for person in people) / len(people)

    children = [person for person in everybody if 5 <= person.age_years <= 8]
    men = [person for person in everybody if person.age_years >= 18 and not person.is_female]
    women = [person for person in everybody if person.age_years >= 18 and person.is_female]
    assert mean_period(children) < 0.88 * mean_period(women) < 0.88 * mean_period(men)


def test_a_birthday_makes_the_person_as_old_as_recorded(everybody):
    today = date(2028, 2, 29)
    for person in everybody[:200]:
        born = person.birth_date(today)
        had_birthday = (today.month, today.day) >= (born.month, born.day)
        assert today.year - born.year - (0 if had_birthday else 1) == person.age_years


def test_names_say_that_they_are_invented(everybody):
    ends = ("invent", "madeup", "nobody", "sample", "fable", "dreamer", "figment", "pretend")
    assert all(person.family_name.endswith(ends) for person in everybody)


def test_the_command_prints_the_town(capsys):
    assert main(["--people", "300", "--seed", "7", "--statistics", "--digest", "--list"]) == 0
    shown = capsys.readouterr().out
    assert Town(7, 300).digest() in shown
    assert "worn fingers by occupation" in shown
    assert "town-0000299" in shown
