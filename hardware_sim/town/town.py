"""A town of invented people, made up as they are asked for."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from biometrics.template import Template
from domain.errors import ProjectError
from domain.fingers import ENROLMENT_ORDER, FingerPosition
from hardware_sim.town.chance import Chance, seed_of
from hardware_sim.town.household_members import SIZE_SHARES, Member, draw_members
from hardware_sim.town.minutiae import draw_template
from hardware_sim.town.names import draw_family_name, draw_given_name, draw_village_name
from hardware_sim.town.occupation import VillageKind, draw_occupation
from hardware_sim.town.person import TownPerson
from hardware_sim.town.skin_of_life import draw_missing, draw_skin

VERSION = 1  # part of every seed: raise it whenever the same seed gives another town
PEOPLE_PER_VILLAGE = 2500
VILLAGE_KINDS = (
    (VillageKind.FIELDS, 66),
    (VillageKind.QUARRY, 8),
    (VillageKind.KILNS, 8),
    (VillageKind.MARKET, 18),
)
HOUSEHOLDS_KEPT = 256


class NobodyThere(ProjectError):
    """The town has no person or household of that number."""

    code = "simulator.nobody_there"
    message_key = "error.simulator"


@dataclass(frozen=True)
class Village:
    """A place and what it lives on."""

    name: str
    kind: VillageKind


class Town:
    """People numbered from 0, in households numbered from 0. The same seed and size always give the same town.

    Only the sizes of the households are drawn at once; a person costs the drawing of one household, whoever else
    was asked for before.
    """

    def __init__(self, seed: int, people: int) -> None:
        self._seed = seed
        self.people = people
        self._starts = _household_starts(seed, people)
        kinds = Chance("villages", VERSION, seed)
        self.villages = [
            Village(draw_village_name(kinds), kinds.weighed(VILLAGE_KINDS))
            for _ in range(max(1, round(people / PEOPLE_PER_VILLAGE)))
        ]
        self._household = lru_cache(HOUSEHOLDS_KEPT)(self._draw_household)

    def __len__(self) -> int:
        return self.people

    def __iter__(self) -> Iterator[TownPerson]:
        """Everybody, household by household."""
        for number in range(self.households):
            yield from self.household(number)

    @property
    def households(self) -> int:
        """How many households there are."""
        return len(self._starts) - 1

    def person(self, number: int) -> TownPerson:
        """Somebody. Raises NobodyThere."""
        if not 0 <= number < self.people:
            raise NobodyThere(f"the town has {self.people} people")
        household = bisect_right(self._starts, number) - 1
        return self._household(household)[number - self._starts[household]]

    def household(self, number: int) -> tuple[TownPerson, ...]:
        """All people of a household, the head first. Raises NobodyThere."""
        if not 0 <= number < self.households:
            raise NobodyThere(f"the town has {self.households} households")
        return self._household(number)

    def templates(
        self, person: TownPerson, positions: tuple[FingerPosition, ...] = ENROLMENT_ORDER, impression: int = 0
    ) -> tuple[Template, ...]:
        """Templates of those of the fingers that the person has, without drawing a picture; see minutiae.py.

        They match other impressions drawn here, never a picture of the same finger: for filling large galleries.
        """
        return tuple(draw_template(person.finger(p), impression) for p in positions if p in person.fingers)

    def digest(self) -> str:
        """SHA-256 over everybody's record: equal for equal towns."""
        whole = hashlib.sha256()
        for person in self:
            whole.update(repr(_facts(person)).encode())
        return whole.hexdigest()

    def _draw_household(self, number: int) -> tuple[TownPerson, ...]:
        start = self._starts[number]
        chance = Chance("household", VERSION, self._seed, number)
        village = chance.one_of(self.villages)
        family_name = draw_family_name(chance)
        members = draw_members(chance, self._starts[number + 1] - start)
        return tuple(
            self._draw_person(chance, start + i, number, village, family_name, member)
            for i, member in enumerate(members)
        )

    def _draw_person(
        self, chance: Chance, number: int, household: int, village: Village, family_name: str, member: Member
    ) -> TownPerson:
        occupation = draw_occupation(chance, village.kind, member.age_years, member.is_female)
        return TownPerson(
            number=number,
            household=household,
            village=village.name,
            given_name=draw_given_name(chance, member.is_female),
            family_name=family_name,
            role=member.role,
            is_female=member.is_female,
            age_years=member.age_years,
            birthday=(chance.whole(1, 12), chance.whole(1, 28)),
            occupation=occupation,
            skin=draw_skin(chance, occupation, member.age_years, member.is_female),
            missing_fingers=draw_missing(chance, occupation, member.age_years),
            seed=seed_of("person", VERSION, self._seed, number),
        )


def _household_starts(seed: int, people: int) -> list[int]:
    """The first person's number of each household, and at last the number of people."""
    chance = Chance("sizes", VERSION, seed)
    sizes, left = [], people
    while left > 0:
        sizes.append(min(left, chance.weighed(SIZE_SHARES)))
        left -= sizes[-1]
    return [0, *accumulate(sizes)]


def _facts(person: TownPerson) -> tuple[object, ...]:
    skin = person.skin
    return (
        person.number, person.household, person.village, person.given_name, person.family_name, person.role.value,
        person.is_female, person.age_years, person.birthday, person.occupation.value, skin.ridge_period_px, skin.wear,
        skin.dryness, sorted(person.missing_fingers), person.seed,
    )  # fmt: skip
