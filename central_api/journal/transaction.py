"""One transaction: what a request changes, its audit lines and what kiosks are told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from central_api.database import Database
from central_api.journal.audit_chain import AuditLine, AuditStream, append_lines
from central_api.journal.feed import NewChange, append_changes


@dataclass(slots=True)
class Transaction:
    """Handed to services, which write through repositories on ``connection`` and never commit.

    Audit lines and changes are kept until the end and written in one fixed order of streams: no two transactions
    can wait for each other, and the chains are locked for as short as possible.
    """

    connection: Connection
    #: The one instant of this transaction.
    now: datetime
    _lines: list[AuditLine] = field(default_factory=list)
    _changes: list[NewChange] = field(default_factory=list)

    def note(self, line: AuditLine) -> None:
        """The line is in its chain when, and only when, this transaction commits."""
        self._lines.append(line)

    def publish(self, change: NewChange) -> None:
        """Kiosks see the change when, and only when, this transaction commits."""
        self._changes.append(change)

    def mark(self) -> tuple[int, int]:
        """Where lines and changes stand now, for ``forget_since``."""
        return len(self._lines), len(self._changes)

    def forget_since(self, mark: tuple[int, int]) -> None:
        """Drops the lines and changes added since the mark: what they told of was rolled back to a savepoint."""
        lines, changes = mark
        del self._lines[lines:]
        del self._changes[changes:]

    def finish(self, audit_key: bytes) -> None:
        """Writes lines and changes; nothing may be added afterwards."""
        by_stream: defaultdict[AuditStream, list[AuditLine]] = defaultdict(list)
        for line in self._lines:
            by_stream[line.stream].append(line)
        for stream in sorted(by_stream):
            append_lines(self.connection, audit_key, stream, by_stream[stream])
        if self._changes:
            append_changes(self.connection, self._changes, self.now)


@contextmanager
def begin_transaction(database: Database, audit_key: bytes, now: datetime) -> Iterator[Transaction]:
    """Commits when the block ends; leaves nothing behind, not even an audit line, when it raises."""
    with database.begin() as connection:
        transaction = Transaction(connection, now)
        yield transaction
        transaction.finish(audit_key)
