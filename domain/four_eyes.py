"""Four eyes: who made, received or asked for something does not also approve it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from domain.errors import ProjectError
from domain.ids import PersonId


class Act(StrEnum):
    """What takes two people."""

    #: A card is countersigned.
    ISSUE = "issue"
    #: Somebody is served without a finger, because an officer answers for them.
    EXCEPTION = "exception"
    #: A person decides against what the machine found.
    OVERRIDE = "override"


class Part(StrEnum):
    """Who somebody is in the record of an act."""

    #: Whom it is for: holder, household member, applicant.
    RECEIVER = "receiver"
    #: Who captured or prepared it.
    MAKER = "maker"
    #: Who answers for it: countersigns, confirms, decides.
    APPROVER = "approver"


#: Parts that one person must not hold together.
APART: dict[Act, frozenset[frozenset[Part]]] = {
    Act.ISSUE: frozenset({frozenset({Part.RECEIVER, Part.APPROVER})}),
    Act.EXCEPTION: frozenset({frozenset({Part.RECEIVER, Part.APPROVER})}),
    Act.OVERRIDE: frozenset({frozenset({Part.RECEIVER, Part.APPROVER}), frozenset({Part.MAKER, Part.APPROVER})}),
}
#: Added where the policy asks for two officers at the issue of a card.
_MAKER_AND_APPROVER = frozenset({Part.MAKER, Part.APPROVER})


class SamePersonTwice(ProjectError):
    """One person holds two parts in one record that must be apart; ``act`` says in which kind of record."""

    code = "four_eyes.same_person"
    message_key = "four_eyes.same_person"

    def __init__(self, act: Act) -> None:
        super().__init__(f"one person in two parts of {act}", act=act.value)


def check_four_eyes(
    act: Act, people: Mapping[Part, Iterable[PersonId | None]], *, has_two_officers_on_issue: bool = False
) -> None:
    """Raises SamePersonTwice. Nobody (None) is nobody's twin."""
    pairs = APART[act]
    if act is Act.ISSUE and has_two_officers_on_issue:
        pairs = pairs | {_MAKER_AND_APPROVER}
    held = {part: {person for person in persons if person is not None} for part, persons in people.items()}
    for pair in pairs:
        first, second = sorted(pair)
        if held.get(first, set()) & held.get(second, set()):
            raise SamePersonTwice(act)
