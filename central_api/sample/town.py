"""A small town of invented families, the same at every start: two scripts, three generations, no biometrics."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from domain.areas import Area, AreaLevel
from domain.ids import AreaCode, HouseholdId, PersonId
from domain.people import BirthDate, BirthPrecision, Household, Member, Person, PersonName, Relationship, Sex
from domain.record import Record

TOWN_HOUSEHOLDS = 60
_SEED = 20_260
_NAMESPACE = uuid.UUID("6d7c3e9a-2f44-4f0e-9c7e-3b1f6a0d5c11")
_NAMES_FILE = Path(__file__).with_name("names.json")
_DAYS_IN_YEAR = 365
_OCCUPATIONS = ("farming", "daily_labour", "home_work", "craft", "trade", "salaried", "none")
_HOUSES = ("kutcha", "semi_pucca", "pucca")
_PAPERS = ("address_proof", "bank_book", "age_proof", "school_certificate", "land_paper")
_URDU_SHARE = 0.3


class Community(Record):
    """Names that go together: pairs of Latin and local spelling."""

    script: str
    women: tuple[tuple[str, str], ...]
    men: tuple[tuple[str, str], ...]
    families: tuple[tuple[str, str], ...]


def make_town(areas: Sequence[Area], *, on: date, households: int = TOWN_HOUSEHOLDS) -> list[Household]:
    """The families of the town as they are on that day; ids and names depend on nothing but their number."""
    communities = TypeAdapter(tuple[Community, ...]).validate_json(_NAMES_FILE.read_bytes())
    villages = [area.code for area in areas if area.level is AreaLevel.VILLAGE]
    return [_Family(number, communities, villages, on).build() for number in range(households)]


@dataclass
class _Family:
    number: int
    communities: tuple[Community, ...]
    villages: Sequence[AreaCode]
    on: date
    members: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(_SEED + self.number)  # noqa: S311 - invented people, no secret
        self.community = self.communities[self.dice.random() < _URDU_SHARE]
        self.surname = self.dice.choice(self.community.families)

    def build(self) -> Household:
        self._add_adults()
        self._add_children()
        dice = self.dice
        income_rupees = dice.choice((4, 6, 7, 8, 9, 11, 14, 22)) * 1000
        return Household(
            id=HouseholdId(self._id("household")),
            area=dice.choice(self.villages),
            address_line=str(dice.randint(1, 180)),
            members=tuple(self.members),
            facts={
                "income_monthly_minor": income_rupees * 100,
                "land_acres": dice.choice((0, 0, 0, 1, 1, 2, 3, 6)),
                "house_kind": dice.choice(_HOUSES),
                "anyone_disabled": any(member.person.facts.get("disability") for member in self.members),
                "wants_work": dice.random() < 0.5,
            },
            papers=tuple(paper for paper in _PAPERS if dice.random() < 0.75),
        )

    def _add_adults(self) -> None:
        dice, age = self.dice, self.dice.randint(24, 62)
        is_widow = dice.random() < 0.15
        head_sex = Sex.FEMALE if is_widow or dice.random() < 0.3 else Sex.MALE
        self._add(Relationship.HEAD, head_sex, age, widowed=is_widow)
        if not is_widow:
            other = Sex.MALE if head_sex is Sex.FEMALE else Sex.FEMALE
            self._add(Relationship.SPOUSE, other, max(19, age + dice.randint(-6, 4)))
        if age < 50 and dice.random() < 0.4:
            sex = dice.choice((Sex.FEMALE, Sex.MALE))
            self._add(Relationship.PARENT, sex, age + dice.randint(20, 30), widowed=sex is Sex.FEMALE)

    def _add_children(self) -> None:
        mother_age = min(member.person.born.age_years(on=self.on) for member in self.members)
        for _ in range(self.dice.choice((0, 1, 2, 2, 3, 3, 4))):
            age = self.dice.randint(0, max(0, min(20, mother_age - 18)))
            facts = {"in_school": True, "school_class": min(12, age - 5)} if 6 <= age <= 17 else {}
            self._add(Relationship.CHILD, self.dice.choice((Sex.FEMALE, Sex.MALE)), age, **facts)

    def _add(self, relationship: Relationship, sex: Sex, age: int, **facts: bool | int) -> None:
        dice = self.dice
        given = dice.choice(self.community.women if sex is Sex.FEMALE else self.community.men)
        born = self.on.replace(month=1, day=1) - timedelta(days=age * _DAYS_IN_YEAR + dice.randrange(_DAYS_IN_YEAR))
        own: dict[str, bool | int | str] = {**facts, "disability": dice.random() < 0.03}
        if age >= 18:
            own["occupation"] = dice.choice(_OCCUPATIONS)
            own.setdefault("widowed", False)
        person = Person(
            id=PersonId(self._id(f"person-{len(self.members)}")),
            name=PersonName(
                latin=f"{given[0]} {self.surname[0]}",
                local=f"{given[1]} {self.surname[1]}",
                script=self.community.script,
            ),
            sex=sex,
            born=BirthDate(on=born, precision=BirthPrecision.YEAR if age > 45 else BirthPrecision.DAY),
            facts=own,
        )
        self.members.append(Member(person=person, relationship=relationship))

    def _id(self, what: str) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{self.number}/{what}"))
