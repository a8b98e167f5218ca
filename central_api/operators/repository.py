"""Queries on operators."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, and_, func, insert, select, update
from sqlalchemy.sql import Select

from central_api.tables.cards import cards
from central_api.tables.kiosks import operators
from central_api.tables.people import persons
from domain.card_number import CardNumber
from domain.cards import CardProfile, CardStatus
from domain.ids import OperatorId, PersonId
from domain.messages.kiosks import OperatorEntry, Role
from domain.people import PersonName


def list_operators(connection: Connection) -> list[OperatorEntry]:
    """Every operator with the active card, by id."""
    return [_entry(row) for row in connection.execute(_with_cards().order_by(operators.c.id))]


def find_operator(connection: Connection, operator_id: OperatorId) -> OperatorEntry | None:
    row = connection.execute(_with_cards().where(operators.c.id == operator_id)).first()
    return None if row is None else _entry(row)


def find_operator_of(connection: Connection, person_id: PersonId, role: Role) -> OperatorId | None:
    """The operator that this person already is in that role."""
    query = select(operators.c.id).where(operators.c.person_id == person_id, operators.c.role == role)
    found = connection.execute(query).scalar()
    return None if found is None else OperatorId(found)


def get_person_of(connection: Connection, operator_id: OperatorId) -> PersonId:
    """The person who is this operator; raises sqlalchemy.exc.NoResultFound for an unknown operator."""
    query = select(operators.c.person_id).where(operators.c.id == operator_id)
    return PersonId(connection.execute(query).scalar_one())


def add_operator(
    connection: Connection, operator_id: OperatorId, person_id: PersonId, role: Role, now: datetime
) -> None:
    values = {"id": operator_id, "person_id": person_id, "role": role, "is_active": True, "appointed_at": now}
    connection.execute(insert(operators).values(values))


def find_person_of(connection: Connection, operator_id: OperatorId | None) -> PersonId | None:
    """The person who is this operator; None for nobody, and for an operator unknown here."""
    found = connection.execute(select(operators.c.person_id).where(operators.c.id == operator_id)).scalar()
    return None if found is None else PersonId(found)


def put_deactivated(connection: Connection, operator_id: OperatorId, at: datetime | None) -> None:
    """Out of office from that moment on; None: in office again."""
    values = {"is_active": at is None, "deactivated_at": at}
    connection.execute(update(operators).where(operators.c.id == operator_id).values(values))


def find_deactivated_at(connection: Connection, operator_id: OperatorId) -> datetime | None:
    """Since when the operator is out of office; None: in office, or unknown."""
    query = select(operators.c.deactivated_at).where(operators.c.id == operator_id, operators.c.is_active.is_(False))
    return connection.execute(query).scalar()


def _with_cards() -> Select[tuple[object, ...]]:
    active = and_(
        cards.c.operator_id == operators.c.id,
        cards.c.status == CardStatus.ACTIVE,
        cards.c.profile == CardProfile.OPERATOR,
    )
    return (
        select(
            operators.c.id,
            operators.c.role,
            operators.c.is_active,
            operators.c.person_id,
            persons.c.name_latin,
            persons.c.name_local,
            persons.c.name_script,
            cards.c.number,
            cards.c.receipt_key,
        )
        .join(persons, persons.c.id == operators.c.person_id)
        .outerjoin(cards, active)
    )


def _entry(row: Row[tuple[object, ...]]) -> OperatorEntry:
    return OperatorEntry(
        operator_id=OperatorId(row.id),
        name=PersonName(latin=row.name_latin, local=row.name_local, script=row.name_script),
        role=Role(row.role),
        card_number=None if row.number is None else CardNumber(row.number),
        card_key=row.receipt_key,
        is_active=row.is_active,
        person_id=PersonId(row.person_id),
    )


def has_operators(connection: Connection) -> bool:
    return connection.execute(select(operators.c.id).limit(1)).first() is not None


def count_operators(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(operators)).scalar_one()
