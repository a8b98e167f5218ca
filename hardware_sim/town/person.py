"""One of the town's people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.fingers import YOUNGEST_FINGER_AGE_YEARS, FingerPosition
from hardware_sim.faces import FaceTraits
from hardware_sim.fingers.finger import Finger, Skin
from hardware_sim.town.household_members import Role
from hardware_sim.town.occupation import Occupation

TEN_FINGERS = tuple(FingerPosition(number) for number in range(1, 11))
#: From here on a person counts as having worn fingers in the town's statistics.
WORN_FROM = 0.3


@dataclass(frozen=True)
class TownPerson:
    """Who somebody is, what they do, and what their fingers are like. Entirely invented."""

    number: int
    household: int
    village: str
    given_name: str
    family_name: str
    role: Role
    is_female: bool
    age_years: int
    birthday: tuple[int, int]
    occupation: Occupation
    skin: Skin
    missing_fingers: frozenset[FingerPosition]
    seed: int
    """What the person's fingers and face grow from."""

    @property
    def id(self) -> str:
        """A subject id for galleries."""
        return f"town-{self.number:07}"

    @property
    def fingers(self) -> tuple[FingerPosition, ...]:
        """The fingers that can be enrolled; none of a small child."""
        if self.age_years < YOUNGEST_FINGER_AGE_YEARS:
            return ()
        return tuple(position for position in TEN_FINGERS if position not in self.missing_fingers)

    @property
    def is_worn(self) -> bool:
        """Whether age and work have told on the ridges."""
        return self.skin.wear >= WORN_FROM

    @property
    def face(self) -> FaceTraits:
        """A face to be drawn."""
        return FaceTraits(self.seed % (1 << 31), self.age_years, is_feminine=self.is_female)

    def finger(self, position: FingerPosition) -> Finger:
        """One of the person's fingers, to be drawn by SyntheticFingers."""
        return Finger(self.seed, position, self.skin)

    def birth_date(self, on: date) -> date:
        """The date of birth that makes the person this old on that day."""
        had_birthday = (on.month, on.day) >= self.birthday
        return date(on.year - self.age_years - (0 if had_birthday else 1), *self.birthday)
