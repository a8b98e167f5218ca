"""The sample district and its programmes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from central_api.duplicates.names import likeness, name_key
from central_api.duplicates.service import LIKE_NAMES
from central_api.programmes.catalogue_files import CATALOGUE, CatalogueRefused, answer_example, load_catalogue
from central_api.sample.areas import load_areas
from central_api.sample.town import TOWN_HOUSEHOLDS, make_town
from domain.areas import AreaLevel, path_to
from domain.eligibility import Answer
from domain.people import PersonName, check_household
from domain.programmes import BenefitKind, Programme, Unit

TODAY = date(2026, 3, 10)
CATALOGUE_PROGRAMMES = load_catalogue()
LANGUAGES = {"en", "hi", "ur"}


@pytest.mark.parametrize("programme", CATALOGUE_PROGRAMMES, ids=lambda programme: programme.code)
def test_a_programmes_rule_answers_its_own_examples(programme: Programme) -> None:
    answers = {answer_example(programme, example) for example in programme.examples}
    assert {Answer.YES, Answer.NO} <= answers
    for example in programme.examples:
        assert answer_example(programme, example) == example.expected
    assert set(programme.names) == LANGUAGES
    assert (programme.amount_minor is None) == (programme.currency is None)


def test_the_catalogue_has_ten_programmes_of_every_kind_and_one_is_handed_over_at_the_desk() -> None:
    assert len(CATALOGUE_PROGRAMMES) == 10
    assert {programme.kind for programme in CATALOGUE_PROGRAMMES} >= set(BenefitKind) - {BenefitKind.HEALTH}
    assert [programme.code for programme in CATALOGUE_PROGRAMMES if programme.delivered_at_desk] == ["food_ration"]
    assert {programme.unit for programme in CATALOGUE_PROGRAMMES} == set(Unit)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rule": {"sum": [1, 2]}}, "not a programme"),
        ({"unknown": 1}, "not a programme"),
        ({"examples": [{"members": [{"age": 30}], "household": {}, "expected": "yes"}]}, "examples come out otherwise"),
    ],
)
def test_a_programme_that_cannot_be_run_or_is_wrong_about_itself_is_refused(
    change: dict[str, object], problem: str, tmp_path: Path
) -> None:
    plain = json.loads((CATALOGUE / "02_old_age_pension.json").read_text("utf-8"))
    (tmp_path / "one.json").write_text(json.dumps({**plain, **change}), "utf-8")
    with pytest.raises(CatalogueRefused, match=problem) as caught:
        load_catalogue(tmp_path)
    assert caught.value.params == {"file": "one.json"}


def test_two_programmes_of_one_number_are_refused(tmp_path: Path) -> None:
    plain = json.loads((CATALOGUE / "02_old_age_pension.json").read_text("utf-8"))
    for code in ("a", "b"):
        (tmp_path / f"{code}.json").write_text(json.dumps({**plain, "code": code}), "utf-8")
    with pytest.raises(CatalogueRefused, match="one scheme"):
        load_catalogue(tmp_path)


def test_every_place_is_named_in_three_languages_and_lies_in_the_nation() -> None:
    areas = load_areas()
    assert {area.level for area in areas} == set(AreaLevel)
    for area in areas:
        assert set(area.names) == LANGUAGES
        assert path_to(areas, area.code)[0].code == "UT"
        assert len(path_to(areas, area.code)) == area.level + 1


def test_the_town_is_the_same_every_time_and_its_households_are_whole() -> None:
    areas = load_areas()
    town = make_town(areas, on=TODAY)
    assert town == make_town(areas, on=TODAY)
    assert len(town) == TOWN_HOUSEHOLDS
    for household in town:
        check_household(household.members, on=TODAY)
    scripts = {member.person.name.script for household in town for member in household.members}
    assert scripts == {"Deva", "Arab"}


def test_nobody_in_the_town_looks_like_the_cast_of_the_demonstration_day() -> None:
    """Whoever is shown side by side there shall be the one that the story plants."""
    keys = {
        name_key(member.person.name): member.person.name.latin
        for household in make_town(load_areas(), on=TODAY)
        for member in household.members
    }
    names = ("Asha Devkar", "Mohan Devkar", "Rekha Devkar", "Arjun Devkar", "Munni Devkar", "Rahim Sangtarash")
    cast = [name_key(PersonName(latin=name, local="")) for name in (*names, "Sunita Barethi", "Vikram Anjaan")]
    for known in keys:
        assert max(likeness(name, "", known, "") for name in cast) < LIKE_NAMES, keys[known]
