"""Names that nobody bears: put together from syllables, and marked as invented by their family names."""

from __future__ import annotations

from hardware_sim.town.chance import Chance

_STARTS = ("Ba", "Be", "Bo", "Da", "De", "Do", "Fa", "Ga", "Go", "Ja", "Ka", "Ke", "La", "Lo", "Ma", "Me", "Mo", "Na",
           "Ne", "Pa", "Po", "Ra", "Re", "Sa", "So", "Ta", "Te", "Va", "Wo", "Za")  # fmt: skip
_MIDDLES = ("bli", "dri", "fen", "gul", "hin", "lor", "mish", "nov", "pril", "quen", "rosh", "sul", "tav", "ven", "zim")
_FEMALE_ENDS, _MALE_ENDS = ("a", "i", "ea", "ina", "ula"), ("o", "en", "ur", "ak", "om")
_FAMILY_ENDS = ("invent", "madeup", "nobody", "sample", "fable", "dreamer", "figment", "pretend")


def draw_given_name(chance: Chance, is_female: bool) -> str:
    """A first name."""
    return chance.one_of(_STARTS) + chance.one_of(_MIDDLES) + chance.one_of(_FEMALE_ENDS if is_female else _MALE_ENDS)


def draw_family_name(chance: Chance) -> str:
    """A household's name."""
    return chance.one_of(_STARTS) + chance.one_of(_MIDDLES) + chance.one_of(_FAMILY_ENDS)


def draw_village_name(chance: Chance) -> str:
    """A place that is on no map."""
    return chance.one_of(_STARTS) + chance.one_of(_MIDDLES) + chance.one_of(("pur", "wadi", "gaon", "khera", "nagar"))
