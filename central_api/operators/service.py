"""Appointing registered people to work at the desks, and taking them out of office."""

from __future__ import annotations

from central_api.database import take_turns
from central_api.errors import NotFound
from central_api.households.repository import find_person
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from central_api.operators import repository
from domain.ids import OperatorId, PersonId
from domain.messages.kiosks import OperatorEntry, Role
from domain.messages.sync import ChangeKind


def appoint(transaction: Transaction, person_id: PersonId, role: Role) -> OperatorEntry:
    """The operator; appointing again gives the same one. Raises NotFound for a person who is not registered."""
    connection = transaction.connection
    take_turns(connection, "operators")
    if find_person(connection, person_id) is None:
        raise NotFound("person")
    operator_id = repository.find_operator_of(connection, person_id, role)
    if operator_id is None:
        operator_id = OperatorId(f"OP{repository.count_operators(connection) + 1:03d}")
        repository.add_operator(connection, operator_id, person_id, role, transaction.now)
        _tell(transaction, operator_id, role)
    entry = repository.find_operator(connection, operator_id)
    assert entry is not None
    return entry


def deactivate(transaction: Transaction, operator_id: OperatorId) -> OperatorEntry:
    """Out of office from now on, at every desk as soon as it hears of it; again changes nothing. Raises NotFound."""
    return _put_office(transaction, operator_id, is_active=False)


def reinstate(transaction: Transaction, operator_id: OperatorId) -> OperatorEntry:
    """In office again; what was refused meanwhile stays refused. Raises NotFound."""
    return _put_office(transaction, operator_id, is_active=True)


def _put_office(transaction: Transaction, operator_id: OperatorId, *, is_active: bool) -> OperatorEntry:
    connection = transaction.connection
    take_turns(connection, "operators")
    entry = repository.find_operator(connection, operator_id)
    if entry is None:
        raise NotFound("operator")
    if entry.is_active is not is_active:
        repository.put_deactivated(connection, operator_id, None if is_active else transaction.now)
        _tell(transaction, operator_id, entry.role, "operator.reinstated" if is_active else "operator.deactivated")
    return entry.model_copy(update={"is_active": is_active})


def _tell(transaction: Transaction, operator_id: OperatorId, role: Role, action: str = "operator.appointed") -> None:
    line = AuditLine(
        stream=AuditStream.OPERATORS,
        at=transaction.now,
        actor="registry",
        action=action,
        subject=f"operator:{operator_id}",
        details={"role": role},
    )
    transaction.note(line)
    transaction.publish(NewChange(kind=ChangeKind.BUNDLE, payload={"operator_id": operator_id}))
