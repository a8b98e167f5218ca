"""The kiosk's database: SQLCipher with a raw key, WAL, synchronous FULL: less would lose what was acknowledged."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from sqlcipher3 import dbapi2 as sqlcipher

from domain.errors import ProjectError
from kiosk.store.row_seal import RowSeal
from kiosk.store.store_key import derive_key

Cell: TypeAlias = "int | str | bytes | None"
Row: TypeAlias = "tuple[Cell, ...]"

_BUSY_MS = 5_000
_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, content_sha256 TEXT NOT NULL, state TEXT NOT NULL,
    sealed BLOB NOT NULL, code TEXT, settled_sealed BLOB) STRICT;
CREATE INDEX outbox_by_state ON outbox (state, sequence);
CREATE TABLE audit (sequence INTEGER PRIMARY KEY, hash TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE TABLE documents (
    kind TEXT NOT NULL, name TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (kind, name)) STRICT;
"""


class StoreFailed(ProjectError):
    """The disk is full, read-only or broken: nothing of this step was kept, everything before it was."""

    code = "store.failed"
    message_key = "error.store_failed"


class Database:
    """One connection, one writer at a time. Every change happens inside ``transaction``."""

    def __init__(self, path: Path, store_key: bytes) -> None:
        self._turn = threading.RLock()
        self.seal = RowSeal(derive_key(store_key, "rows"))
        try:
            self._connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
            self._prepare(store_key)
        except sqlcipher.Error as error:
            raise StoreFailed("the store cannot be opened") from error

    def _prepare(self, store_key: bytes) -> None:
        run = self._connection.execute
        # A raw key skips the password stretching; the key is random already (SQLCipher API, PRAGMA key).
        run(f"PRAGMA key = \"x'{derive_key(store_key, 'file').hex()}'\"")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run(f"PRAGMA busy_timeout = {_BUSY_MS}")
        run("PRAGMA secure_delete = ON")
        (version,) = run("PRAGMA user_version").fetchone()
        if version == 0:
            self._connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {_SCHEMA_VERSION}; COMMIT;")
        elif version != _SCHEMA_VERSION:
            raise StoreFailed("the store belongs to another version")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; what is written inside is on disk when the block ends without error."""
        with self._turn:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                except BaseException:
                    self._roll_back()
                    raise
                self._connection.execute("COMMIT")
            except sqlcipher.Error as error:
                self._roll_back()
                raise StoreFailed("the store took no more") from error

    def _roll_back(self) -> None:
        # On a full disk SQLite has rolled back already, and says so.
        if self._connection.in_transaction:
            with contextlib.suppress(sqlcipher.Error):
                self._connection.execute("ROLLBACK")

    def run(self, statement: str, values: Sequence[Cell] = ()) -> list[Row]:
        """The rows of a statement; only inside ``transaction`` may it change anything."""
        with self._turn:
            try:
                return list(self._connection.execute(statement, tuple(values)).fetchall())
            except sqlcipher.Error as error:
                raise StoreFailed("the store did not answer") from error

    def find_row(self, statement: str, values: Sequence[Cell] = ()) -> Row | None:
        """The first row, or None."""
        rows = self.run(statement, values)
        return rows[0] if rows else None

    def empty_log(self) -> None:
        """What was overwritten is overwritten in the file, and the log that still held it is cut to nothing.

        Outside a transaction. A log that another reader holds is cut the next time.
        """
        self.run("PRAGMA wal_checkpoint(TRUNCATE)")

    def setting(self, pragma: str) -> str:
        """A setting as the database itself reports it, for tests of what is shipped."""
        row = self.find_row(f"PRAGMA {pragma}")
        return str(row[0]) if row else ""

    def close(self) -> None:
        with self._turn:
            self._connection.close()
