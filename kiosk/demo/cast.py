"""The families of the day, as an officer would write them down. Names, births and fingers come from the bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Fact: TypeAlias = bool | int | str


@dataclass(frozen=True)
class PersonPlan:
    """One person of the cast and their answers."""

    part: str
    latin: str
    local: str
    born: str
    sex: str
    relationship: str
    fingers: tuple[int, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True)
class FamilyPlan:
    """A household as it answers at the desk."""

    members: tuple[PersonPlan, ...]
    places: tuple[str, ...]
    address_line: str
    papers: tuple[str, ...]
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def fact(self, question_key: str, person: PersonPlan) -> Fact | None:
        """The answer to ``question.household.x`` or ``question.member.x``; None where the plan has none."""
        _, _, path = question_key.partition(".")
        scope, _, key = path.partition(".")
        return self.facts.get(key) if scope == "household" else person.facts.get(key)

    @staticmethod
    def names(person: PersonPlan, text: str) -> bool:
        """Whether that text names the person."""
        return person.local in text or person.latin in text

    def place_among(self, values: Sequence[str]) -> str:
        """The place to touch among those offered: one of the plan's, else the first."""
        return next((value for value in values if value in self.places), values[0])


#: What each of the cast answers; everything not listed is answered with the last choice ("no", "none") or 0.
_ANSWERS: dict[str, dict[str, Fact]] = {
    "mother": {"occupation": "daily_labour"},
    "father": {"occupation": "daily_labour"},
    "daughter": {"in_school": True, "school_class": 10},
    "son": {"in_school": True, "school_class": 4},
}
#: Money as it is typed: whole rupees.
_HOME: dict[str, Fact] = {
    "income_monthly_minor": 9_000,
    "land_acres": 1,
    "house_kind": "kutcha",
    "wants_work": True,
    "anyone_disabled": False,
}
#: Neemgaon, of the sample registry's invented district.
_VILLAGE = "UT-01-01-01-004"
_FAMILY = (
    ("mother", "head"),
    ("father", "spouse"),
    ("daughter", "child"),
    ("son", "child"),
    ("toddler", "child"),
)


def _plan(people: Mapping[str, Mapping[str, object]], part: str, relationship: str) -> PersonPlan:
    told = people[part]
    names, fingers = told["names"], told["usual_fingers"]
    assert isinstance(names, dict), "the bench tells names by script"
    assert isinstance(fingers, list), "the bench tells fingers as positions"
    return PersonPlan(
        part=part,
        latin=str(names["Latn"]),
        local=str(names["Deva"]),
        born=str(told["birth_date"]),
        sex="F" if told["is_female"] else "M",
        relationship=relationship,
        fingers=tuple(int(finger) for finger in fingers),
        facts=_ANSWERS.get(part, {}),
    )


def family(people: Mapping[str, Mapping[str, object]]) -> FamilyPlan:
    """The mother's household of five: two adults, three children of 16, 9 and 4."""
    members = tuple(_plan(people, part, relation) for part, relation in _FAMILY)
    return FamilyPlan(members, (_VILLAGE,), "12 Neem Lane", ("address_proof", "bank_book", "school_certificate"), _HOME)


def single(people: Mapping[str, Mapping[str, object]], part: str) -> FamilyPlan:
    """A household of one."""
    return FamilyPlan(
        (_plan(people, part, "head"),), (_VILLAGE,), "3 Well Street", ("address_proof", "age_proof"), _HOME
    )
