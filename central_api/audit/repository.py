"""Queries on audit lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from central_api.tables.journal import audit_lines, audit_streams

_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as it stands in the table."""

    sequence: int
    line: str
    hash: str
    action: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class StoredHead:
    """The head of a chain as it stands in the table."""

    sequence: int
    hash: str
    mac: str


def list_heads(connection: Connection) -> dict[str, StoredHead]:
    rows = connection.execute(select(audit_streams))
    return {row.stream: StoredHead(row.head_sequence, row.head_hash, row.head_mac) for row in rows}


def list_streams_with_lines(connection: Connection) -> list[str]:
    return list(connection.execute(select(audit_lines.c.stream).distinct()).scalars())


def read_lines(connection: Connection, stream: str) -> Iterator[StoredLine]:
    """Every line of the stream in order, a bounded number in memory at a time."""
    query = select(audit_lines).where(audit_lines.c.stream == stream).order_by(audit_lines.c.sequence)
    for row in connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield StoredLine(row.sequence, row.line, row.hash, row.action, row.subject)


def list_newest_of(connection: Connection, subject: str, limit: int) -> list[StoredLine]:
    """The newest lines about one subject."""
    query = select(audit_lines).where(audit_lines.c.subject == subject)
    rows = connection.execute(query.order_by(audit_lines.c.stream, audit_lines.c.sequence.desc()).limit(limit))
    return [StoredLine(row.sequence, row.line, row.hash, row.action, row.subject) for row in rows]
