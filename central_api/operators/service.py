"""Appointing registered people to work at the desks."""

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


def _tell(transaction: Transaction, operator_id: OperatorId, role: Role) -> None:
    line = AuditLine(
        stream=AuditStream.OPERATORS,
        at=transaction.now,
        actor="registry",
        action="operator.appointed",
        subject=f"operator:{operator_id}",
        details={"role": role},
    )
    transaction.note(line)
    transaction.publish(NewChange(kind=ChangeKind.BUNDLE, payload={"operator_id": operator_id}))
