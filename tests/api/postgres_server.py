"""A private PostgreSQL server for the tests: own directory, unix socket only, gone when the session ends."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from central_api.tables import benefits, metadata, people

_INSTALLED = Path("/usr/lib/postgresql")
_SUPERUSER = "registry"
_DATABASE = "postgres"
_SETTINGS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
_START_S = 60.0
_BETWEEN_TRIES_S = 0.05
#: What every test may take for granted; the rest is emptied before each.
_SEEDED = (people.areas, benefits.programmes)


def find_binaries() -> Path | None:
    """The directory of the newest installed server's programs."""
    versions = sorted(_INSTALLED.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


@dataclass(frozen=True)
class PostgresServer:
    """A running server with one database. Emptying it is many times quicker than making another."""

    directory: Path

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{_SUPERUSER}@/{_DATABASE}?host={self.directory}"

    def empty(self) -> None:
        """Deletes what the test before left behind."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                if table not in _SEEDED:
                    connection.execute(table.delete())
        engine.dispose()


@contextmanager
def run_postgres(binaries: Path) -> Iterator[PostgresServer]:
    """The server as a child of this process: nobody else would take notice of its end."""
    directory = Path(tempfile.mkdtemp(prefix="sw-pg-", dir="/tmp"))  # a socket's path may have 107 characters
    owner = _unprivileged_user()
    if owner is not None:
        shutil.chown(directory, owner)
    data = str(directory / "data")
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    initdb = [str(binaries / "initdb"), "-D", data, "-U", _SUPERUSER, "-A", "trust", "-N", "-E", "UTF8"]
    settings = [part for setting in (*_SETTINGS, f"unix_socket_directories={directory}") for part in ("-c", setting)]
    try:
        subprocess.run(
            initdb, check=True, user=owner, cwd="/", env=environment, timeout=_START_S, stdout=subprocess.DEVNULL
        )
        with (directory / "log").open("wb") as log:
            command = [str(binaries / "postgres"), "-D", data, *settings]
            process = subprocess.Popen(command, user=owner, cwd="/", env=environment, stdout=log, stderr=log)
        try:
            server = PostgresServer(directory)
            _wait_until_ready(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(_START_S)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _wait_until_ready(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    engine = create_engine(server.url)
    deadline = time.monotonic() + _START_S
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(_BETWEEN_TRIES_S)
        else:
            engine.dispose()
            return


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
