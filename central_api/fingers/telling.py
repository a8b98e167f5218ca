"""What desks are told of a person's fingers: the order, and those that are not there. Never why."""

from __future__ import annotations

from sqlalchemy import Connection

from central_api.fingers import exceptions_repository, tries_repository
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from domain.finger_exceptions import is_told_to_desks
from domain.fingers import FingerPosition
from domain.ids import PersonId
from domain.messages.fingers import FingerNotThere, FingersKnown
from domain.messages.sync import ChangeKind


def read_known(connection: Connection, person_id: PersonId) -> FingersKnown:
    """As the registry would tell it now."""
    enrolled = sorted(tries_repository.list_enrolled(connection, person_id), key=lambda each: each.rank)
    newest = tries_repository.list_outcomes(connection, person_id, 1)
    noted = exceptions_repository.list_exceptions(connection, person_id)
    return FingersKnown(
        person_id=person_id,
        order=tuple(each.finger.position for each in enrolled),
        learnt_until=newest[0].at if newest else None,
        not_there=tuple(
            FingerNotThere(position=each.position, until=each.ends_on)
            for each in noted
            if is_told_to_desks(each.reason) and each.position is not FingerPosition.UNKNOWN
        ),
    )


def tell_desks(transaction: Transaction, person_id: PersonId) -> None:
    """In the feed of every office where the person is served: of theirs alone, since hands are nobody else's affair."""
    payload = read_known(transaction.connection, person_id).model_dump(mode="json")
    for area in tries_repository.list_offices_of(transaction.connection, person_id):
        transaction.publish(NewChange(kind=ChangeKind.FINGERS, payload=payload, area=area))
