"""May this card be ordered, and which place does it take? One working card a place, and no number used twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from central_api.cards import repository, shares_repository
from central_api.cards.errors import HolderHasCard, NoShareAgreed, NothingToReplace
from central_api.cards.repository import IN_FORCE, UNFINISHED, CardRow
from central_api.errors import MalformedRequest, NotFound
from central_api.households.repository import find_household
from domain.cards import CardProfile
from domain.messages.cards import CardOrderRequest

FIRST_PLACE = 1


@dataclass(frozen=True, slots=True)
class Admission:
    """``superseded`` were begun for the same place and never finished: their numbers are burned."""

    issue_number: int
    place: int
    superseded: tuple[CardRow, ...]


def admit(connection: Connection, request: CardOrderRequest) -> Admission:
    """Raises MalformedRequest, NotFound, HolderHasCard, NothingToReplace or NoShareAgreed.

    The issue number counts cards that were ever active: one made anew before its activation keeps it (SCOPECARD).
    """
    check_names_one_holder(request)
    _check_member(connection, request)
    peers = list_peers(connection, request)
    place = _find_place(connection, request, [card for card in peers if card.status in IN_FORCE])
    unfinished = tuple(card for card in peers if card.status in UNFINISHED and card.place == place)
    issued = sum(card.issued_on is not None for card in peers)
    return Admission(issue_number=issued + 1, place=place, superseded=unfinished)


def list_peers(connection: Connection, request: CardOrderRequest) -> list[CardRow]:
    """All cards ever ordered of that kind for that holder, oldest first."""
    cards = repository.list_cards_of(connection, request.household_id, request.operator_id)
    return [card for card in cards if card.profile is request.profile and card.person_id == request.person_id]


def check_names_one_holder(request: CardOrderRequest) -> None:
    """Raises MalformedRequest."""
    is_operator, is_worker = request.profile is CardProfile.OPERATOR, request.profile is CardProfile.WORKER
    named = (request.household_id is not None, request.operator_id is not None, request.person_id is not None)
    if named != (not is_operator, is_operator, is_worker):
        raise MalformedRequest("an order names the household, the operator or the member, as its profile says")
    if request.replaces is not None and request.beside is not None:
        raise MalformedRequest("a card replaces another or stands beside it")


def _check_member(connection: Connection, request: CardOrderRequest) -> None:
    if request.person_id is None or request.household_id is None:
        return
    household = find_household(connection, request.household_id)
    if household is None or all(member.person.id != request.person_id for member in household.members):
        raise NotFound("person")


def _find_place(connection: Connection, request: CardOrderRequest, in_force: Sequence[CardRow]) -> int:
    if request.replaces is not None:
        replaced = next((card for card in in_force if card.number == request.replaces), None)
        if replaced is None:
            raise NothingToReplace("the card to be replaced is not in force")
        return replaced.place
    if request.beside is not None:
        return _find_free_place(connection, request, in_force)
    if in_force:
        raise HolderHasCard("a card is in force")
    return FIRST_PLACE


def _find_free_place(connection: Connection, request: CardOrderRequest, in_force: Sequence[CardRow]) -> int:
    taken = {card.place for card in in_force}
    if request.household_id is None or all(card.number != request.beside for card in in_force):
        raise NoShareAgreed("there is no such card to stand beside")
    shares = shares_repository.list_shares(connection, request.household_id)
    free = [share.place for share in shares if share.place not in taken]
    if not free:
        raise NoShareAgreed("no part is set aside for another card")
    return free[0]
