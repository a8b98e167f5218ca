"""What an invented person looks like."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

Colour = tuple[int, int, int]


class Hair(Enum):
    """How the hair is worn."""

    SHORT = "short"
    PARTED_TIED = "parted_tied"
    LONG = "long"
    BRAIDS = "braids"
    FRINGE = "fringe"
    BALDING = "balding"


class Beard(Enum):
    """What grows on the face."""

    NONE = "none"
    MOUSTACHE = "moustache"
    SHORT = "short"
    FULL = "full"


@dataclass(frozen=True)
class FaceTraits:
    """A drawn face. Colours are red, green, blue; the seed moves the proportions a little."""

    seed: int
    age_years: int
    skin: Colour = (186, 132, 96)
    hair_colour: Colour = (34, 27, 26)
    hair: Hair = Hair.SHORT
    beard: Beard = Beard.NONE
    cloth: Colour = (64, 104, 140)
    scarf: Colour | None = None
    cap: Colour | None = None
    has_glasses: bool = False
    has_bindi: bool = False
    has_earrings: bool = False
    is_feminine: bool = False
