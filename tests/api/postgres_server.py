"""A private PostgreSQL server for the tests: own directory, unix socket only, gone when the session ends."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

_INSTALLED = Path("/usr/lib/postgresql")
_SUPERUSER = "registry"
_OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
)


def find_binaries() -> Path | None:
    """The directory of the newest installed server's programs."""
    versions = sorted(_INSTALLED.glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


@dataclass(frozen=True)
class PostgresServer:
    """A running server. ``new_database`` is quick: a copy of a template that was migrated once."""

    directory: Path
    numbers: Iterator[int]

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{_SUPERUSER}@/{database}?host={self.directory}"

    def new_database(self, template: str = "template1") -> str:
        """The URL of a database of its own."""
        name = f"registry_{next(self.numbers)}"
        self._run(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return self.url(name)

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def run_postgres(binaries: Path) -> Iterator[PostgresServer]:
    directory = Path(tempfile.mkdtemp(prefix="sw-pg-", dir="/tmp"))  # a socket's path may have 107 characters
    owner = _unprivileged_user()
    if owner is not None:
        shutil.chown(directory, owner)
    data = directory / "data"
    try:
        _call([binaries / "initdb", "-D", data, "-U", _SUPERUSER, "-A", "trust", "-N", "-E", "UTF8"], owner)
        start = ["-D", data, "-w", "-l", directory / "log", "-o", f"{_OPTIONS} -k {directory}", "start"]
        _call([binaries / "pg_ctl", *start], owner)
        try:
            yield PostgresServer(directory, count(1))
        finally:
            _call([binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], owner)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _call(command: list[str | Path], user: str | None) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [str(part) for part in command],
        check=True,
        user=user,
        cwd="/",
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=60,
    )
