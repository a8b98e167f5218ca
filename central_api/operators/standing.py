"""What an operator out of office may no longer do, whenever the desk comes to tell it."""

from __future__ import annotations

from sqlalchemy import Connection

from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_deactivated_at
from central_api.reviews.repository import open_case
from domain.errors import ProjectError
from domain.events import EventBody, EventKind

#: Only an officer does this, and it can be done again by one in office. The rest serves people: it is taken, and
#: looked at.
OFFICERS_ONLY = frozenset(
    {
        EventKind.DUPLICATE_DECIDED,
        EventKind.PROGRAMMES_CHOSEN,
        EventKind.OPERATOR_LOGGED_IN,
        EventKind.CARD_UNBLOCKED,
        EventKind.STOCK_MOVED,
        EventKind.DESK_UNLOCKED,
        EventKind.FINGER_SWAP_DECIDED,
    }
)
CODE_OUT_OF_OFFICE = "operator.out_of_office"


class OperatorOutOfOffice(ProjectError):
    """The operator was deactivated before this was done."""

    code = CODE_OUT_OF_OFFICE
    message_key = "error.operator_out_of_office"


def is_out_of_office(connection: Connection, event: EventBody) -> bool:
    """Whether the operator named in the event had been deactivated when it happened."""
    if event.operator_id is None:
        return False
    since = find_deactivated_at(connection, event.operator_id)
    return since is not None and event.occurred_at >= since


def check_in_office(transaction: Transaction, event: EventBody) -> None:
    """Raises OperatorOutOfOffice for what only officers do; opens a case for all else that such an operator did."""
    if not is_out_of_office(transaction.connection, event):
        return
    if event.kind in OFFICERS_ONLY:
        raise OperatorOutOfOffice(f"{event.kind} by an operator out of office")
    open_case(
        transaction.connection,
        subject=f"event:{event.id}",
        reason=CODE_OUT_OF_OFFICE,
        kiosk_id=event.kiosk_id,
        record={"operator": event.operator_id, "kind": event.kind},
        now=transaction.now,
    )
