"""Persons and households. The household is the unit: a head and members, each with a relation to the head."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from domain.errors import ProjectError
from domain.fingers import YOUNGEST_FINGER_AGE_YEARS
from domain.ids import AreaCode, HouseholdId, PersonId
from domain.record import Record


class Sex(StrEnum):
    FEMALE = "F"
    MALE = "M"
    OTHER = "X"


class Relationship(StrEnum):
    """Relation to the head of household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    OTHER_RELATIVE = "other_relative"
    NOT_RELATED = "not_related"


class BirthPrecision(StrEnum):
    """Many people know only the year, or about how old they are."""

    DAY = "day"
    YEAR = "year"
    ABOUT = "about"


class BirthDate(Record):
    on: date
    precision: BirthPrecision = BirthPrecision.DAY

    def age_years(self, *, on: date) -> int:
        """Completed years on that day."""
        before_birthday = (on.month, on.day) < (self.on.month, self.on.day)
        return on.year - self.on.year - before_birthday


class PersonName(Record):
    """A name in Latin letters and as the person writes it; ``script`` is ISO 15924 (``Deva``, ``Arab``, ``Latn``)."""

    latin: str
    local: str
    script: str = "Deva"


class Person(Record):
    id: PersonId
    name: PersonName
    sex: Sex
    born: BirthDate
    #: Answers of the person's questions: occupation, disability, in_school, widowed, pregnant, …
    facts: dict[str, bool | int | str] = {}
    #: Codes of papers seen at the desk, e.g. ``birth_certificate``.
    papers: tuple[str, ...] = ()

    def gives_fingers(self, *, on: date) -> bool:
        return self.born.age_years(on=on) >= YOUNGEST_FINGER_AGE_YEARS


class Member(Record):
    person: Person
    relationship: Relationship


class Household(Record):
    id: HouseholdId
    area: AreaCode
    address_line: str = ""
    members: tuple[Member, ...]
    #: Answers of the household's questions: income_monthly_minor, land_acres, house_kind, …
    facts: dict[str, bool | int | str] = {}
    papers: tuple[str, ...] = ()

    @property
    def head(self) -> Member:
        return next(member for member in self.members if member.relationship is Relationship.HEAD)

    def get_person(self, person_id: PersonId) -> Person:
        """The member with that id; raises HouseholdNotWhole when there is none."""
        for member in self.members:
            if member.person.id == person_id:
                return member.person
        raise HouseholdNotWhole("household.no_such_member")


class HouseholdNotWhole(ProjectError):
    """The household form misses something; ``problem`` says what, for the screen."""

    code = "household.not_whole"
    message_key = "error.household_not_whole"

    def __init__(self, problem: str) -> None:
        super().__init__(problem, problem=problem)
        self.problem = problem


def check_household(members: Sequence[Member], *, on: date) -> None:
    """Refuses what can not be a household: no head or two, twice the same person, birth in the future."""
    heads = sum(member.relationship is Relationship.HEAD for member in members)
    if heads != 1:
        raise HouseholdNotWhole("household.one_head_needed")
    ids = [member.person.id for member in members]
    if len(set(ids)) != len(ids):
        raise HouseholdNotWhole("household.person_twice")
    for member in members:
        if not member.person.name.latin.strip():
            raise HouseholdNotWhole("household.name_missing")
        if member.person.born.on > on:
            raise HouseholdNotWhole("household.born_in_future")
