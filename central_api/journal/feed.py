"""The feed: changes that kiosks pull, numbered in commit order."""

from __future__ import annotations

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection, insert, or_, select, update

from central_api.tables.journal import changes, feed_head
from domain.messages.sync import Change, ChangeKind
from domain.record import Record

_ONLY_ROW = 1


class NewChange(Record):
    """A change to be told; ``area`` None tells every office."""

    kind: ChangeKind
    payload: dict[str, JsonValue]
    area: str | None = None


def append_changes(connection: Connection, news: list[NewChange], at: datetime) -> None:
    """Numbers and stores the changes; other writers wait, so that numbers follow the order of commits."""
    query = select(feed_head.c.cursor).where(feed_head.c.id == _ONLY_ROW).with_for_update()
    cursor = connection.execute(query).scalar_one()
    rows = []
    for change in news:
        cursor += 1
        rows.append({"cursor": cursor, "kind": change.kind, "area": change.area, "payload": change.payload, "at": at})
    connection.execute(insert(changes), rows)
    connection.execute(update(feed_head).where(feed_head.c.id == _ONLY_ROW).values(cursor=cursor))


def read_changes(connection: Connection, *, after: int, area: str, limit: int) -> list[Change]:
    """Up to ``limit`` changes behind the cursor that concern the area's office, oldest first."""
    query = (
        select(changes.c.cursor, changes.c.kind, changes.c.payload)
        .where(changes.c.cursor > after, or_(changes.c.area.is_(None), changes.c.area == area))
        .order_by(changes.c.cursor)
        .limit(limit)
    )
    rows = connection.execute(query)
    return [Change(cursor=row.cursor, kind=ChangeKind(row.kind), payload=row.payload) for row in rows]


def newest_cursor(connection: Connection) -> int:
    cursor: int = connection.execute(select(feed_head.c.cursor).where(feed_head.c.id == _ONLY_ROW)).scalar_one()
    return cursor


def create_feed(connection: Connection) -> None:
    """The one row that numbers changes, where it does not exist yet."""
    if connection.execute(select(feed_head.c.id)).first() is None:
        connection.execute(insert(feed_head).values(id=_ONLY_ROW, cursor=0))
