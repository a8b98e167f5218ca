"""The cast of the demonstration day. Everybody here is invented; no name, date or face is anybody's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from domain.fingers import ENROLMENT_ORDER, FingerPosition
from hardware_sim.faces import Beard, FaceTraits, Hair
from hardware_sim.fingers.finger import Finger, Skin

TWO_FINGERS = ENROLMENT_ORDER[:2]
OFFICER_FINGERS = (FingerPosition.RIGHT_INDEX, FingerPosition.RIGHT_THUMB)


class Script(Enum):
    """The scripts that names are written in (ISO 15924)."""

    LATIN = "Latn"
    DEVANAGARI = "Deva"
    ARABIC = "Arab"


class Part(Enum):
    """What somebody does in the story."""

    OFFICER = "officer"
    MOTHER = "mother"
    FATHER = "father"
    DAUGHTER = "daughter"
    SON = "son"
    TODDLER = "toddler"
    GRANDFATHER = "grandfather"
    STRANGER = "stranger"
    NAMESAKE = "namesake"


@dataclass(frozen=True)
class Name:
    """Given and family name in one script."""

    given: str
    family: str

    @property
    def whole(self) -> str:
        return f"{self.given} {self.family}"


@dataclass(frozen=True)
class Person:
    """One of the cast. ``fingers`` are those that also exist when real pictures are used."""

    part: Part
    names: dict[Script, Name]
    is_female: bool
    age_years: int
    birthday: tuple[int, int]
    occupation: str
    face: FaceTraits
    fingers: tuple[FingerPosition, ...] = ENROLMENT_ORDER
    skin: Skin = field(default_factory=Skin)

    @property
    def seed(self) -> int:
        """What the person's fingers grow from."""
        return self.face.seed

    def birth_date(self, on: date) -> date:
        """The date of birth that makes the person this old on that day."""
        had_birthday = (on.month, on.day) >= self.birthday
        return date(on.year - self.age_years - (0 if had_birthday else 1), *self.birthday)

    def finger(self, position: FingerPosition) -> Finger:
        """One of the person's ten fingers."""
        return Finger(self.seed, position, self.skin)


def _names(latin: str, devanagari: str, urdu: str) -> dict[Script, Name]:
    scripts = (Script.LATIN, Script.DEVANAGARI, Script.ARABIC)
    parts = (text.split("|") for text in (latin, devanagari, urdu))
    return {script: Name(given, family) for script, (given, family) in zip(scripts, parts, strict=True)}


OFFICER = Person(
    Part.OFFICER, _names("Sunita|Barethi", "सुनीता|बरेठी", "سنیتا|بریٹھی"), True, 41, (3, 12), "registration officer",
    FaceTraits(1041, 41, skin=(181, 128, 94), hair=Hair.PARTED_TIED, cloth=(52, 92, 110), is_feminine=True,
               has_glasses=True, has_bindi=True, has_earrings=True),
    OFFICER_FINGERS, Skin(8.8),
)  # fmt: skip
MOTHER = Person(
    Part.MOTHER, _names("Asha|Devkar", "आशा|देवकर", "آشا|دیوکر"), True, 34, (2, 9), "farm worker",
    FaceTraits(1034, 34, skin=(168, 114, 80), hair=Hair.PARTED_TIED, cloth=(150, 62, 84), scarf=(186, 58, 92),
               is_feminine=True, has_bindi=True),
    skin=Skin(8.7, 0.06),
)  # fmt: skip
FATHER = Person(
    Part.FATHER, _names("Mohan|Devkar", "मोहन|देवकर", "موہن|دیوکر"), False, 38, (1, 22), "mason",
    FaceTraits(1038, 38, skin=(152, 101, 70), hair=Hair.SHORT, beard=Beard.MOUSTACHE, cloth=(206, 200, 186)),
    skin=Skin(9.2, 0.10),
)  # fmt: skip
DAUGHTER = Person(
    Part.DAUGHTER, _names("Rekha|Devkar", "रेखा|देवकर", "ریکھا|دیوکر"), True, 16, (4, 3), "pupil",
    FaceTraits(1016, 16, skin=(176, 122, 86), hair=Hair.BRAIDS, cloth=(70, 110, 168), is_feminine=True,
               has_earrings=True),
    TWO_FINGERS, Skin(8.4),
)  # fmt: skip
SON = Person(
    Part.SON, _names("Arjun|Devkar", "अर्जुन|देवकर", "ارجن|دیوکر"), False, 9, (5, 17), "pupil",
    FaceTraits(1009, 9, skin=(170, 116, 82), hair=Hair.SHORT, cloth=(226, 168, 70)),
    TWO_FINGERS, Skin(7.4),
)  # fmt: skip
TODDLER = Person(
    Part.TODDLER, _names("Munni|Devkar", "मुन्नी|देवकर", "منی|دیوکر"), True, 4, (6, 30), "",
    FaceTraits(1004, 4, skin=(182, 128, 92), hair=Hair.FRINGE, cloth=(220, 128, 150), is_feminine=True),
    (), Skin(6.6),
)  # fmt: skip
GRANDFATHER = Person(
    Part.GRANDFATHER, _names("Rahim|Sangtarash", "रहीम|संगतराश", "رحیم|سنگ تراش"), False, 71, (1, 5), "stone-cutter",
    FaceTraits(1071, 71, skin=(172, 124, 94), hair_colour=(222, 220, 216), hair=Hair.BALDING, beard=Beard.FULL,
               cap=(240, 238, 230), cloth=(122, 132, 120)),
    skin=Skin(9.4, 0.22),
)  # fmt: skip
STRANGER = Person(
    Part.STRANGER, _names("Vikram|Anjaan", "विक्रम|अनजान", "وکرم|انجان"), False, 29, (8, 14), "",
    FaceTraits(1029, 29, skin=(190, 140, 106), hair=Hair.SHORT, beard=Beard.SHORT, cloth=(58, 62, 72)),
    (FingerPosition.RIGHT_THUMB,), Skin(9.0),
)  # fmt: skip
NAMESAKE = Person(
    Part.NAMESAKE, _names("Aasha|Devker", "आशा|देवकर", "آشا|دیوکر"), True, 34, (2, 19), "tailor",
    FaceTraits(1134, 34, skin=(192, 142, 108), hair=Hair.LONG, cloth=(86, 128, 92), is_feminine=True,
               has_earrings=True),
    (FingerPosition.RIGHT_THUMB,), Skin(8.7),
)  # fmt: skip

HOUSEHOLD = (MOTHER, FATHER, DAUGHTER, SON, TODDLER)
CAST = (OFFICER, *HOUSEHOLD, GRANDFATHER, STRANGER, NAMESAKE)


def get_person(part: Part) -> Person:
    """Whoever plays that part."""
    return next(person for person in CAST if person.part is part)


def finger_order() -> list[tuple[int, FingerPosition]]:
    """The fingers of the day in the order in which a folder's pictures are given out, the same at every desk."""
    return [(person.seed, position) for person in CAST for position in person.fingers]
