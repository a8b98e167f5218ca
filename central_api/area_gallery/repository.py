"""The feed of an area's fingers: one row a person and place, numbered anew whenever it is another than was told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, insert, select

from central_api.database import take_turns
from central_api.tables.area_gallery import area_gallery
from central_api.tables.people import consents, households, memberships, templates
from domain.consent import TOLD_OF_DESKS, ConsentPurpose
from domain.ids import AreaCode, PersonId

_TURN = "area gallery"
_Place: TypeAlias = tuple[AreaCode, PersonId]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A person about whom there is news, and its number."""

    number: int
    person_id: PersonId


def compare_with_register(connection: Connection, areas: Collection[AreaCode]) -> None:
    """Numbers everybody of these places who is not as last told: come, gone, or with other fingers.

    The register itself is looked at, so nothing that changes people there need remember to tell this feed. Whoever
    compares takes turns, and numbers are given in the order of commits: a desk never passes one that comes later.
    """
    take_turns(connection, _TURN)
    told, now = _told(connection, areas), _in_register(connection, areas)
    changed = sorted(place for place in told.keys() | now.keys() if told.get(place) != now.get(place))
    if not changed:
        return
    number = newest_number(connection)
    for place in changed:
        if place in told:
            is_it = and_(area_gallery.c.area == place[0], area_gallery.c.person_id == place[1])
            connection.execute(delete(area_gallery).where(is_it))
    rows = [
        {"area": area, "person_id": person_id, "number": number + step, "mark": now.get((area, person_id))}
        for step, (area, person_id) in enumerate(changed, start=1)
    ]
    connection.execute(insert(area_gallery), rows)


def newest_number(connection: Connection) -> int:
    number: int | None = connection.execute(select(func.max(area_gallery.c.number))).scalar_one()
    return number or 0


def list_news(connection: Connection, areas: Collection[AreaCode], *, after: int, limit: int) -> list[Numbered]:
    """Up to ``limit`` people about whom there is news behind the number, oldest first."""
    query = (
        select(area_gallery.c.number, area_gallery.c.person_id)
        .where(area_gallery.c.area.in_(list(areas)), area_gallery.c.number > after)
        .order_by(area_gallery.c.number)
        .limit(limit)
    )
    return [Numbered(row.number, PersonId(row.person_id)) for row in connection.execute(query)]


def count_people(connection: Connection, areas: Collection[AreaCode]) -> int:
    """How many people these places hold the fingers of, as far as was told."""
    is_held = and_(area_gallery.c.area.in_(list(areas)), area_gallery.c.mark.is_not(None))
    query = select(func.count(func.distinct(area_gallery.c.person_id))).where(is_held)
    return connection.execute(query).scalar_one()


def list_held(
    connection: Connection, areas: Collection[AreaCode], people: Sequence[PersonId]
) -> dict[PersonId, AreaCode]:
    """Those of the people who are in one of these places now and whose fingers may be given, with the place."""
    query = _places(areas).where(memberships.c.person_id.in_(people), _has_fingers())
    return {PersonId(row.person_id): AreaCode(row.area) for row in connection.execute(query)}


def _told(connection: Connection, areas: Collection[AreaCode]) -> dict[_Place, int | None]:
    """Marks as last told; None for who is gone."""
    query = select(area_gallery.c.area, area_gallery.c.person_id, area_gallery.c.mark)
    rows = connection.execute(query.where(area_gallery.c.area.in_(list(areas))))
    return {(AreaCode(row.area), PersonId(row.person_id)): row.mark for row in rows}


def _in_register(connection: Connection, areas: Collection[AreaCode]) -> dict[_Place, int]:
    places = _places(areas).subquery()
    query = (
        select(places.c.area, places.c.person_id, func.sum(templates.c.mark).label("mark"))
        .join(templates, templates.c.person_id == places.c.person_id)
        .group_by(places.c.area, places.c.person_id)
    )
    return {(AreaCode(row.area), PersonId(row.person_id)): int(row.mark) for row in connection.execute(query)}


def _places(areas: Collection[AreaCode]) -> Select[tuple[str, str]]:
    """Who lives in these places, each once a place, of those who agreed that desks hold their fingers."""
    return (
        select(households.c.area, memberships.c.person_id)
        .join(memberships, memberships.c.household_id == households.c.id)
        .where(households.c.area.in_(list(areas)), memberships.c.left_at.is_(None), _has_consent())
        .distinct()
    )


def _has_consent() -> ColumnElement[bool]:
    """Given, not taken back, and in words that told of the desks."""
    return exists().where(
        consents.c.person_id == memberships.c.person_id,
        consents.c.purpose == ConsentPurpose.BIOMETRICS,
        consents.c.withdrawn_at.is_(None),
        consents.c.record["text_version"].as_string().in_(sorted(TOLD_OF_DESKS)),
    )


def _has_fingers() -> ColumnElement[bool]:
    return exists().where(templates.c.person_id == memberships.c.person_id)
