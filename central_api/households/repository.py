"""Queries on households, persons and who belongs to whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from central_api.tables.people import areas, consents, households, memberships, person_links, persons
from domain.consent import Consent
from domain.ids import HouseholdId, PersonId, SubmissionId
from domain.people import BirthDate, BirthPrecision, Household, Member, Person, PersonName, Relationship, Sex


def find_household(connection: Connection, household_id: HouseholdId) -> Household | None:
    """The household with its present members, the head first."""
    row = connection.execute(select(households).where(households.c.id == household_id)).first()
    if row is None:
        return None
    return Household(
        id=row.id,
        area=row.area,
        address_line=row.address_line,
        members=tuple(_list_members(connection, household_id)),
        facts=row.facts,
        papers=tuple(row.papers),
    )


def _list_members(connection: Connection, household_id: HouseholdId) -> list[Member]:
    query = (
        select(persons, memberships.c.relationship)
        .join(memberships, memberships.c.person_id == persons.c.id)
        .where(memberships.c.household_id == household_id, memberships.c.left_at.is_(None))
        .order_by(memberships.c.position)
    )
    rows = connection.execute(query)
    return [Member(person=_person(row), relationship=Relationship(row.relationship)) for row in rows]


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(
        id=row.id,
        name=PersonName(latin=row.name_latin, local=row.name_local, script=row.name_script),
        sex=Sex(row.sex),
        born=BirthDate(on=row.born_on, precision=BirthPrecision(row.born_precision)),
        facts=row.facts,
        papers=tuple(row.papers),
    )


def has_household(connection: Connection, household_id: HouseholdId) -> bool:
    query = select(households.c.id).where(households.c.id == household_id)
    return connection.execute(query).first() is not None


def find_person(connection: Connection, person_id: PersonId) -> Person | None:
    row = connection.execute(select(persons).where(persons.c.id == person_id)).first()
    return None if row is None else _person(row)


def list_known_persons(connection: Connection, ids: Iterable[PersonId]) -> list[PersonId]:
    """Those of the ids under which somebody is registered already."""
    query = select(persons.c.id).where(persons.c.id.in_(list(ids)))
    return [PersonId(person_id) for person_id in connection.execute(query).scalars()]


def find_first_household_of(connection: Connection, person_id: PersonId) -> HouseholdId | None:
    """The household that counts for the person's benefits: the one joined first and not left."""
    query = (
        select(memberships.c.household_id)
        .where(memberships.c.person_id == person_id, memberships.c.left_at.is_(None))
        .order_by(memberships.c.joined_at, memberships.c.household_id)
        .limit(1)
    )
    found = connection.execute(query).scalar()
    return None if found is None else HouseholdId(found)


def list_guests(connection: Connection, household_id: HouseholdId) -> frozenset[PersonId]:
    """Members whose benefits are counted in another household."""
    query = select(person_links.c.known_person_id).join(
        memberships,
        (memberships.c.person_id == person_links.c.known_person_id) & (memberships.c.household_id == household_id),
    )
    linked = {PersonId(person_id) for person_id in connection.execute(query).scalars()}
    return frozenset(p for p in linked if find_first_household_of(connection, p) != household_id)


def add_household(connection: Connection, household: Household, now: datetime) -> None:
    """The household alone; its members follow by ``add_person`` and ``add_membership``."""
    values = household.model_dump(mode="json", include={"id", "area", "address_line", "facts", "papers"})
    connection.execute(insert(households).values(registered_at=now, **values))


def add_person(connection: Connection, person: Person, name_key: str) -> None:
    plain = person.model_dump(mode="json", include={"id", "sex", "facts", "papers"})
    values = {
        **plain,
        "name_latin": person.name.latin,
        "name_local": person.name.local,
        "name_script": person.name.script,
        "born_on": person.born.on,
        "born_precision": person.born.precision,
        "birth_year": person.born.on.year,
        "name_key": name_key,
    }
    connection.execute(insert(persons).values(values))


def add_membership(
    connection: Connection,
    household_id: HouseholdId,
    person_id: PersonId,
    relationship: Relationship,
    position: int,
    now: datetime,
) -> None:
    values = {
        "household_id": household_id,
        "person_id": person_id,
        "relationship": relationship,
        "position": position,
        "joined_at": now,
    }
    connection.execute(insert(memberships).values(values))


def add_person_link(
    connection: Connection, captured: PersonId, known: PersonId, submission_id: SubmissionId, *, is_primary: bool
) -> None:
    """Remembers that the person captured under one id is the one known under another."""
    values = {
        "captured_person_id": captured,
        "known_person_id": known,
        "submission_id": submission_id,
        "is_primary_household": is_primary,
    }
    connection.execute(insert(person_links).values(values))


def add_consents(connection: Connection, submission_id: SubmissionId, given: Iterable[Consent]) -> None:
    rows = [
        {
            "submission_id": submission_id,
            "person_id": consent.person_id,
            "purpose": consent.purpose,
            "record": consent.model_dump(mode="json"),
        }
        for consent in given
    ]
    if rows:
        connection.execute(insert(consents), rows)


def get_area_names(connection: Connection, household_id: HouseholdId) -> dict[str, str]:
    """Names of the household's area by language."""
    query = select(areas.c.names).join(households, households.c.area == areas.c.code)
    names: dict[str, str] = connection.execute(query.where(households.c.id == household_id)).scalar_one()
    return names
