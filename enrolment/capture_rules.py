"""How fingers are taken here: set by the registry for each programme, within limits that no setting can leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.ids import ProgrammeCode
from domain.people import Person

#: Settings of the kiosk's bundle. A programme's own threshold stands under QUALITY, a dot and its code.
TRIES = "fingers.tries"
QUALITY = "fingers.quality"
ADULT_FINGERS = "fingers.adults"
CHILD_FINGERS = "fingers.children"

#: Two are the least for a second chance at the desk.
FEWEST_FINGERS = 2
ALL_FINGERS = 10
MOST_TRIES = 10
#: Younger hands tire and giggle; fewer fingers are enough to be served.
_ADULT_HANDS_YEARS = 15


@dataclass(frozen=True, slots=True)
class CaptureRules:
    """What is asked for. Qualities are 0–100."""

    #: Tries for a good first impression, and again for a second that matches it: 1–10.
    tries: int = 3
    #: A finger below this is taken again, and at last only by an officer's word.
    good_quality: int = 40
    #: Nothing below this is ever taken: it could not be matched.
    usable_quality: int = 15
    #: A card has room for four fingers a member; the registry keeps up to ten.
    adult_fingers: int = 4
    child_fingers: int = 2

    def fingers_wanted(self, person: Person, *, on: date) -> int:
        """How many fingers to take: none of a small child, fewer of a child, more of an adult."""
        if not person.gives_fingers(on=on):
            return 0
        return self.child_fingers if person.born.age_years(on=on) < _ADULT_HANDS_YEARS else self.adult_fingers


def read_rules(settings: Mapping[str, int | str | bool], programmes: Iterable[ProgrammeCode] = ()) -> CaptureRules:
    """The rules of a bundle's settings. What is missing or no number stays usual; what is too much is cut to the limit.

    The threshold is the highest that any programme of the desk asks for: nobody knows yet which ones will be chosen.
    """
    usual = CaptureRules()
    thresholds = [key for key in (QUALITY, *(f"{QUALITY}.{code}" for code in programmes)) if key in settings]
    return CaptureRules(
        tries=_number(settings, TRIES, usual.tries, 1, MOST_TRIES),
        good_quality=max(
            (_number(settings, key, usual.good_quality, usual.usable_quality, 100) for key in thresholds),
            default=usual.good_quality,
        ),
        adult_fingers=_number(settings, ADULT_FINGERS, usual.adult_fingers, FEWEST_FINGERS, ALL_FINGERS),
        child_fingers=_number(settings, CHILD_FINGERS, usual.child_fingers, 1, ALL_FINGERS),
    )


def _number(settings: Mapping[str, int | str | bool], key: str, usual: int, least: int, most: int) -> int:
    value = settings.get(key)
    return min(most, max(least, value)) if isinstance(value, int) and not isinstance(value, bool) else usual
