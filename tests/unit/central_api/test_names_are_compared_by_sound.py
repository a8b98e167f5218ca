"""Names as the duplicate search compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_api.duplicates.names import likeness, name_key
from central_api.duplicates.service import LIKE_NAMES
from domain.people import PersonName


def alike(first: str, second: str, local: str = "", known_local: str = "") -> int:
    keys = [name_key(PersonName(latin=name, local="")) for name in (first, second)]
    return likeness(keys[0], local, keys[1], known_local)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Asha Devkar", "Aasha Devker"),
        ("Sunita Devi", "Smt. Suneeta Devi"),
        ("Devi Sunita", "Sunita Devi"),
        ("Lakshmi Bai", "Laxmi Bai"),
        ("Vikram Anjaan", "Bikram Anjan"),
        ("Mohammed Rafiq", "Md. Mohamed Rafeeq"),
        ("Sunita Devi", "Sunita"),
        ("Ram Yadav", "Rama Yadaw"),
        ("José Peña", "Jose Pena"),
    ],
)
def test_one_name_spelt_by_two_clerks_is_shown(first: str, second: str) -> None:
    assert alike(first, second) >= LIKE_NAMES


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Sunita Devi", "Anita Devi"),
        ("Mohan Kumar", "Sohan Kumar"),
        ("Geeta Kumari", "Sita Kumari"),
        ("Rekha Devkar", "Asha Devkar"),
        ("Zainab Attar", "Zakir Attar"),
    ],
)
def test_two_people_of_one_family_name_are_not(first: str, second: str) -> None:
    assert alike(first, second) < LIKE_NAMES


def test_the_script_in_which_names_are_more_alike_counts() -> None:
    assert alike("Unknown", "Otherwise", "सुनीता देवी", "सुनिता देवी") >= LIKE_NAMES
    assert alike("Unknown", "Otherwise", "सुनीता देवी", "سنیتا دیوی") < LIKE_NAMES


def test_a_name_without_latin_letters_is_compared_as_written() -> None:
    assert alike("", "", "سنیتا دیوی", "سنیتا دیوی") == 100
    assert alike("", "", "", "") == 0


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_are_compared_the_same_both_ways_and_within_bounds(first: str, second: str) -> None:
    there, back = alike(first, second, first, second), alike(second, first, second, first)
    assert 0 <= there <= 100
    assert 0 <= back <= 100


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=30))
def test_a_name_is_wholly_like_itself(name: str) -> None:
    assert alike(name, name, name, name) == 100
