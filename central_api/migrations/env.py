"""Alembic's entry: works on the connection it is given (migrate.py), or on the URL of the command line."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from central_api.tables import metadata


def _run(connection: Connection) -> None:
    # SQLite cannot alter most things in place: batch mode rebuilds the table.
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=is_sqlite)
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    given = context.config.attributes.get("connection")
    if isinstance(given, Connection):
        _run(given)
        return
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.begin() as connection:
        _run(connection)


_main()
