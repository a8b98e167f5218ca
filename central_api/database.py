"""The registry's database: SQLite in one file by default, PostgreSQL by one setting. Core only, no ORM."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

BUSY_TIMEOUT_MS = 15_000
POOL_SIZE = 10
POOL_OVERFLOW = 30

_READ_ONLY_OPTION = "registry_read_only"
#: PostgreSQL looks at each statement's own moment unless it is told otherwise.
_POSTGRES_READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
#: WAL with synchronous FULL is the pair that lost no acknowledged commit in simulated power cuts; NORMAL lost most.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    # What is erased is overwritten: sealed templates must not outlive their row in free pages.
    "PRAGMA secure_delete = ON",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
)


class Database:
    """Transactions on the registry's tables. Give it back with ``close``."""

    def __init__(self, url: str) -> None:
        self.engine = _create_sqlite_engine(url) if _is_sqlite(url) else _create_pooled_engine(url)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that commits when the block ends and leaves nothing behind when it raises."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading: sees one moment of the database and never waits for a writer."""
        options = {_READ_ONLY_OPTION: True} if self.is_sqlite else _POSTGRES_READING
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def check(self) -> None:
        """Raises what the driver raises when the database does not answer."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _create_pooled_engine(url: str) -> Engine:
    return create_engine(url, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, pool_pre_ping=True)


def _create_sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)
        # The driver must not open transactions by itself: "begin" below decides which kind.
        connection.isolation_level = None
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # A writer takes the lock at once: two readers that both wish to write later would lock each other out.
        is_reader = connection.get_execution_options().get(_READ_ONLY_OPTION, False)
        connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def open_beside(connection: Connection) -> Iterator[Connection]:
    """Another connection to the same SQLite file, for reading: sees what is committed and not what ours has changed.

    Not from the pool: whoever waits for its turn to write holds one of those, and we would wait for them.
    """
    engine = create_engine(connection.engine.url, poolclass=NullPool)
    with engine.connect() as other:
        yield other


def take_turns(connection: Connection, name: str) -> None:
    """From here to the end of the transaction, only one transaction at a time holds ``name``.

    SQLite has one writer anyway; PostgreSQL takes an advisory lock.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
