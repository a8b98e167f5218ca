"""Queries on denials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from central_api.tables.cards import cards
from central_api.tables.people import memberships, persons
from central_api.tables.service import denials
from domain.card_number import CardNumber
from domain.deliveries import Denial
from domain.people import Relationship

_FIELDS = [denials.c[name] for name in Denial.model_fields]


@dataclass(frozen=True, slots=True)
class Holder:
    """What denials are counted by. Nothing that names the person."""

    sex: str
    birth_year: int
    occupation: str | None


def find_denial(connection: Connection, reference: str) -> Denial | None:
    row = connection.execute(select(*_FIELDS).where(denials.c.reference == reference)).mappings().first()
    return None if row is None else Denial.model_validate(dict(row))


def find_holder(connection: Connection, number: CardNumber) -> Holder | None:
    """The head of the household that the card was issued to."""
    query = (
        select(persons.c.sex, persons.c.birth_year, persons.c.facts)
        .join(memberships, memberships.c.person_id == persons.c.id)
        .join(cards, cards.c.household_id == memberships.c.household_id)
        .where(cards.c.number == number, memberships.c.relationship == Relationship.HEAD)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    occupation = row.facts.get("occupation")
    return Holder(row.sex, row.birth_year, occupation if isinstance(occupation, str) else None)


def add_denial(connection: Connection, denial: Denial, holder: Holder | None, now: datetime) -> None:
    values = denial.model_dump()
    values["rungs"] = [rung.model_dump(mode="json") for rung in denial.rungs]
    if holder is not None:
        values |= {"holder_sex": holder.sex, "holder_birth_year": holder.birth_year}
        values["holder_occupation"] = holder.occupation
    connection.execute(insert(denials).values(received_at=now, **values))


def list_newest(connection: Connection, limit: int) -> list[tuple[Denial, Holder | None]]:
    """The newest denials with what is counted of the holder."""
    query = select(denials).order_by(denials.c.denied_at.desc(), denials.c.reference).limit(limit)
    found: list[tuple[Denial, Holder | None]] = []
    for row in connection.execute(query).mappings():
        denial = Denial.model_validate({name: row[name] for name in Denial.model_fields})
        sex, year = row["holder_sex"], row["holder_birth_year"]
        found.append((denial, None if sex is None else Holder(sex, year, row["holder_occupation"])))
    return found


def count_all(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(denials)).scalar_one()
