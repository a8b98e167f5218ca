"""What the form accepts, and which questions it asks."""

from __future__ import annotations

from datetime import date

import pytest

from domain.ids import AreaCode, HouseholdId, PersonId, ProgrammeCode
from domain.people import BirthDate, BirthPrecision, Household, Member, Person, PersonName, Relationship, Sex
from domain.programmes import BenefitKind, Frequency, Programme, Unit
from enrolment.household_form import (
    NameProblem,
    QuestionKind,
    Questionnaire,
    birth_from_age,
    find_name_problem,
    is_birth_possible,
    tidy_name,
)

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("name", "script"),
    [("Asha Devi", "Latn"), ("O'Neil-Réka", "Latn"), ("आशा देवी", "Deva"), ("क्‍षमा", "Deva"), ("آشا بی", "Arab")],
)
def test_names_as_people_write_them_are_taken(name: str, script: str) -> None:
    assert find_name_problem(tidy_name(name), script) is None


@pytest.mark.parametrize(
    ("name", "script", "problem"),
    [
        ("", "Latn", NameProblem.EMPTY),
        ("  -- ", "Latn", NameProblem.EMPTY),
        ("Asha2", "Latn", NameProblem.WRONG_SCRIPT),
        ("आशा", "Latn", NameProblem.WRONG_SCRIPT),
        ("Asha", "Deva", NameProblem.WRONG_SCRIPT),
        ("A\u202e", "Latn", NameProblem.WRONG_SCRIPT),
        ("A" * 41, "Latn", NameProblem.TOO_LONG),
    ],
)
def test_what_is_no_name_in_that_script_is_named(name: str, script: str, problem: NameProblem) -> None:
    assert find_name_problem(tidy_name(name), script) is problem


def test_an_age_becomes_a_birth_that_says_it_is_a_guess() -> None:
    born = birth_from_age(34, on=TODAY)
    assert born.precision is BirthPrecision.ABOUT
    assert born.age_years(on=TODAY) == 34


@pytest.mark.parametrize(("on", "possible"), [("2026-03-10", True), ("2026-03-11", False), ("1899-01-01", False)])
def test_nobody_is_born_tomorrow_or_in_another_century(on: str, possible: bool) -> None:
    assert is_birth_possible(BirthDate(on=date.fromisoformat(on)), on=TODAY) is possible


def programme(rule: object, unit: Unit = Unit.PERSON) -> Programme:
    return Programme.model_validate(
        {
            "code": ProgrammeCode("x"),
            "scheme": 1,
            "department": "d",
            "names": {"en": "x"},
            "kind": BenefitKind.CASH,
            "unit": unit,
            "frequency": Frequency.ONCE,
            "quantity": 1,
            "measure": "grant",
            "rule": rule,
            "papers": ("bank_book",),
        }
    )


def household(**facts: bool | int | str) -> Household:
    ages = {"p-1": (1990, Relationship.HEAD), "p-2": (2015, Relationship.CHILD)}
    members = tuple(
        Member(
            person=Person(
                id=PersonId(person_id),
                name=PersonName(latin="N", local="न"),
                sex=Sex.FEMALE,
                born=BirthDate(on=date(year, 1, 1)),
            ),
            relationship=relation,
        )
        for person_id, (year, relation) in ages.items()
    )
    return Household(id=HouseholdId("h"), area=AreaCode("a"), members=members, facts=facts)


def test_a_question_is_asked_only_while_its_answer_can_decide_something() -> None:
    rule = {"all": [{"ge": ["member.age", 18]}, {"eq": ["member.widowed", True]}]}
    asked = Questionnaire([programme(rule)]).next_question(household(), on=TODAY)
    assert asked is not None
    assert (asked.person_id, asked.question.kind) == ("p-1", QuestionKind.YES_NO)


def test_a_household_question_is_asked_once_and_then_no_more() -> None:
    rule = {"le": ["household.income_monthly_minor", 100]}
    questions = Questionnaire([programme(rule), programme(rule)])
    asked = questions.next_question(household(), on=TODAY)
    assert asked is not None
    assert (asked.person_id, asked.question.kind, asked.question.is_money) == (None, QuestionKind.NUMBER, True)
    assert questions.next_question(household(income_monthly_minor=5), on=TODAY) is None
    assert questions.next_question(household(), on=TODAY, skipped={asked}) is None


def test_a_rule_on_some_member_is_asked_of_everybody_in_turn_and_ends() -> None:
    rule = {"some_member": {"eq": ["member.disability", True]}}
    questions, home, asked_of = Questionnaire([programme(rule, Unit.HOUSEHOLD)]), household(), []
    while (asked := questions.next_question(home, on=TODAY)) is not None:
        asked_of.append(asked.person_id)
        members = tuple(
            m.model_copy(update={"person": m.person.model_copy(update={"facts": {"disability": False}})})
            if m.person.id == asked.person_id
            else m
            for m in home.members
        )
        home = home.model_copy(update={"members": members})
    assert asked_of == ["p-1", "p-2"]


def test_a_choice_offers_every_value_that_rules_name() -> None:
    first = programme({"in": ["household.house_kind", ["kutcha", "no_house"]]}, Unit.HOUSEHOLD)
    second = programme({"eq": ["household.house_kind", "rented_room"]}, Unit.HOUSEHOLD)
    asked = Questionnaire([first, second]).next_question(household(), on=TODAY)
    assert asked is not None
    assert asked.question.options == ("kutcha", "no_house", "rented_room")
    assert Questionnaire.papers([first, second]) == ("bank_book",)
