"""Who lives together: the ages and sexes of a household of a given size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hardware_sim.town.chance import Chance

#: Share of households by their number of people: many of four and five, as in villages with two or three generations.
SIZE_SHARES = (
    (1, 6),
    (2, 11),
    (3, 14),
    (4, 22),
    (5, 19),
    (6, 13),
    (7, 7),
    (8, 4),
    (9, 2),
    (10, 1),
    (11, 0.6),
    (12, 0.4),
)
OLDEST = 98
CHILDREN_LEAVE_AT = 27
YOUNGEST_PARENT, OLDEST_MOTHER = 18, 41
OLDEST_PARENT, OLDEST_WITH_PARENTS = 84, 60


class Role(Enum):
    """What somebody is to the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    CHILD_IN_LAW = "child in law"
    GRANDCHILD = "grandchild"


@dataclass(frozen=True)
class Member:
    """One of a household, before name and work."""

    role: Role
    age_years: int
    is_female: bool


def draw_members(chance: Chance, size: int) -> list[Member]:
    """People who may well live together, the head first."""
    if size == 1:
        return [_alone(chance)]
    if size >= 5 and chance.happens(0.45):
        return _with_married_child(chance, size)
    parents = chance.whole(1, 2) if size >= 4 and chance.happens(0.28) else 0
    return _couple_and_children(chance, size, parents)


def _alone(chance: Chance) -> Member:
    age_years = chance.whole(58, 88) if chance.happens(0.65) else chance.whole(20, 57)
    return Member(Role.HEAD, age_years, chance.happens(0.68 if age_years > 57 else 0.4))


def _couple_and_children(chance: Chance, size: int, parents: int) -> list[Member]:
    is_lone = chance.happens(0.12)
    children = size - parents - (1 if is_lone else 2)
    age_years = _age_of_mother(chance, children)
    if parents:
        age_years = min(age_years, OLDEST_WITH_PARENTS)
    members = [Member(Role.HEAD, age_years, is_female=True)]
    if not is_lone:
        members = [Member(Role.HEAD, _husband(chance, age_years), is_female=False), _wife(age_years)]
    members += [_child(chance, age_years, Role.CHILD) for _ in range(children)]
    for number in range(parents):
        older = age_years + chance.whole(19, min(34, max(19, OLDEST_PARENT - age_years)))
        members.append(Member(Role.PARENT, older, is_female=number == 0))
    return members


def _with_married_child(chance: Chance, size: int) -> list[Member]:
    """Three generations under the eldest."""
    mother = chance.whole(42, 70)
    members = [_wife(mother)]
    if chance.happens(0.75):
        members = [Member(Role.HEAD, _husband(chance, mother), is_female=False), _wife(mother)]
    else:
        members = [Member(Role.HEAD, mother, is_female=True)]
    young = chance.whole(YOUNGEST_PARENT + 2, min(45, max(YOUNGEST_PARENT + 2, mother - YOUNGEST_PARENT)))
    members += [
        Member(Role.CHILD, max(YOUNGEST_PARENT + 2, min(young + chance.whole(0, 6), mother - YOUNGEST_PARENT)), False),
        Member(Role.CHILD_IN_LAW, young, is_female=True),
    ]
    members += [_child(chance, young, Role.GRANDCHILD) for _ in range(size - len(members))]
    return members


def _age_of_mother(chance: Chance, children: int) -> int:
    if children <= 0:
        return chance.whole(52, 84) if chance.happens(0.7) else chance.whole(YOUNGEST_PARENT, 30)
    return chance.whole(min(44, 21 + 2 * children), 58)


def _husband(chance: Chance, wife_age_years: int) -> int:
    return min(OLDEST, max(YOUNGEST_PARENT, wife_age_years + chance.whole(-2, 9)))


def _wife(age_years: int) -> Member:
    return Member(Role.SPOUSE, age_years, is_female=True)


def _child(chance: Chance, mother_age_years: int, role: Role) -> Member:
    """Born when the mother was of an age to, and not yet gone from home."""
    youngest = max(0, mother_age_years - OLDEST_MOTHER)
    oldest = max(youngest, min(CHILDREN_LEAVE_AT, mother_age_years - YOUNGEST_PARENT))
    return Member(role, chance.whole(youngest, oldest), chance.happens(0.49))
