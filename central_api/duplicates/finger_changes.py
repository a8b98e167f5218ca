"""Following whose fingers changed: what is new since a bookmark, and how far no more can come.

A row of a transaction that is still open may be rolled back, and on PostgreSQL a transaction that began earlier may
commit later. A bookmark therefore says below which stamp everything is settled, and which changes above it were
taken in already: those that are gone the next time never happened.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, literal_column, or_, select

from central_api.database import open_beside
from central_api.tables.finger_changes import finger_changes
from domain.ids import PersonId

#: PostgreSQL: below the first, all transactions have ended; from the second on none has, but ours is seen.
_OLDEST_OPEN = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NONE_ENDED = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_OURS = "pg_current_xact_id_if_assigned()::text::bigint"


@dataclass(frozen=True, slots=True)
class FingerChange:
    """A template of the person was written, changed or erased."""

    id: str
    stamp: int
    person_id: PersonId


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a follower has come. witness: one of the settled changes, by which the database is known again."""

    before: int
    witness: str | None
    above: Mapping[str, PersonId]

    def encode(self) -> str:
        return json.dumps([self.before, self.witness, dict(self.above)], separators=(",", ":"))


def decode_bookmark(encoded: str) -> Bookmark | None:
    """None for the empty text of who has not followed yet."""
    if not encoded:
        return None
    before, witness, above = json.loads(encoded)
    return Bookmark(int(before), witness, {str(id_): PersonId(person_id) for id_, person_id in above.items()})


def is_known(connection: Connection, bookmark: Bookmark, settled: int) -> bool:
    """Whether the bookmark was made in this database and at no later time: not so after a backup was put back."""
    if settled < bookmark.before:
        return False
    query = select(finger_changes.c.id).where(finger_changes.c.id == bookmark.witness)
    return bookmark.witness is None or connection.execute(query).first() is not None


def settled_before(connection: Connection) -> int:
    """The stamp below which nothing is added and nothing rolled back any more."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(select(literal_column(_OLDEST_OPEN))).scalar_one())
    newest = select(func.coalesce(func.max(finger_changes.c.stamp), 0))
    with open_beside(connection) as committed:
        # The smaller: ours may have changes that are not committed, or see an earlier moment.
        return 1 + int(min(committed.execute(newest).scalar_one(), connection.execute(newest).scalar_one()))


def list_changes(connection: Connection, since: int) -> list[FingerChange]:
    """Changes with that stamp and later, those of this transaction included."""
    query = select(finger_changes).where(finger_changes.c.stamp >= since, _is_of_here(connection))
    rows = connection.execute(query.order_by(finger_changes.c.stamp, finger_changes.c.id))
    return [FingerChange(row.id, row.stamp, PersonId(row.person_id)) for row in rows]


def bookmark_at(connection: Connection, settled: int, unsettled: list[FingerChange]) -> Bookmark:
    """The bookmark of who has taken in everything below that stamp, and these changes beyond."""
    below = select(finger_changes.c.id).where(finger_changes.c.stamp < settled)
    witness = connection.execute(below.order_by(finger_changes.c.stamp.desc()).limit(1)).scalar()
    return Bookmark(settled, witness, {change.id: change.person_id for change in unsettled})


def _is_of_here(connection: Connection) -> ColumnElement[bool]:
    """Stamps brought from another PostgreSQL by a dump may lie in the future here: they say nothing."""
    stamp = finger_changes.c.stamp
    if connection.dialect.name == "postgresql":
        return or_(stamp < literal_column(_NONE_ENDED), stamp == literal_column(_OURS))
    return stamp >= 0
