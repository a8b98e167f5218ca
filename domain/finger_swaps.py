"""A finger that came under another name than before: hands or fingers swapped, now or then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from domain.errors import ProjectError
from domain.fingers import FingerPosition
from domain.record import Record


class SwappedPair(Record):
    """One finger of one person: the name it was given under now, and the one it was known by."""

    given_as: FingerPosition
    known_as: FingerPosition

    @property
    def is_other_hand(self) -> bool:
        """Left for right, or right for left."""
        return self.given_as.is_right_hand is not self.known_as.is_right_hand


class SwapDecision(StrEnum):
    """Which of the two names is right."""

    #: The fingers were named wrongly before: the record is corrected.
    RECORD_WAS_WRONG = "record_was_wrong"
    #: They were laid down in the wrong order now: the record stays.
    GIVEN_WRONGLY = "given_wrongly"


class SwapUnclear(ProjectError):
    """The pairs do not say how every finger concerned is to be named: the fingers are to be taken again."""

    code = "fingers.swap_unclear"
    message_key = "error.finger_swap_unclear"


def are_hands_swapped(pairs: Iterable[SwappedPair]) -> bool:
    """Whether any finger came with the other hand."""
    return any(each.is_other_hand for each in pairs)


def plan_names(held: Sequence[FingerPosition], pairs: Iterable[SwappedPair]) -> Mapping[FingerPosition, FingerPosition]:
    """New names by old ones, for a record that was wrong. Fingers not concerned are left out.

    Raises SwapUnclear where two fingers would bear one name: nobody has shown what the other one is.
    """
    wanted = {each.known_as: each.given_as for each in pairs if each.known_as in held}
    names = [wanted.get(position, position) for position in held]
    if len(set(names)) != len(names):
        raise SwapUnclear("two fingers would bear one name")
    return wanted
