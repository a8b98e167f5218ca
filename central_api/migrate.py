"""Brings the database to the shape this version works with."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from central_api.database import Database

#: Two registries starting at once on one PostgreSQL: the second waits for the first.
_MIGRATION_LOCK = 7_301_944


def migration_config() -> Config:
    """Alembic's configuration, also for its command line (``docs/registry.md``)."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(database: Database) -> None:
    """Runs the migrations that have not run yet, in one transaction."""
    with database.begin() as connection:
        _lock(connection)
        config = migration_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
