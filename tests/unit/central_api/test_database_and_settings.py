"""The database as it is set up, and the migrations that lead to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from central_api.database import Database
from central_api.migrate import migrate, migration_config
from central_api.settings import (
    AREA_GALLERY_VARIABLE,
    DATABASE_URL_VARIABLE,
    DEFAULT_GALLERY_PEOPLE,
    NO_AREA_GALLERY_VARIABLE,
    read_settings,
)
from central_api.tables import metadata


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'registry.sqlite'}")


def test_the_database_is_a_file_in_the_home_unless_another_is_named(tmp_path: Path) -> None:
    assert read_settings(tmp_path, {}).database_url == f"sqlite:///{tmp_path.resolve()}/registry.sqlite"
    named = {DATABASE_URL_VARIABLE: "postgresql+psycopg://registry@/registry"}
    assert read_settings(tmp_path, named).database_url == named[DATABASE_URL_VARIABLE]


def test_whose_fingers_desks_may_hold_is_set_and_nonsense_is_no_setting(tmp_path: Path) -> None:
    plain = read_settings(tmp_path, {})
    assert (plain.gallery_people, plain.no_gallery_in) == (DEFAULT_GALLERY_PEOPLE, frozenset())
    told = read_settings(tmp_path, {AREA_GALLERY_VARIABLE: "0", NO_AREA_GALLERY_VARIABLE: "UT-01, UT-02-01,"})
    assert (told.gallery_people, told.no_gallery_in) == (0, {"UT-01", "UT-02-01"})
    for nonsense in ("many", "-1"):
        with pytest.raises(ValueError, match=r"people|many"):
            read_settings(tmp_path, {AREA_GALLERY_VARIABLE: nonsense})


def test_sqlite_loses_no_acknowledged_commit_and_keeps_its_references(database: Database) -> None:
    with database.read() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}


def test_the_migrations_lead_to_exactly_the_tables_of_the_code(database: Database) -> None:
    migrate(database)
    migrate(database)
    config = migration_config()
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)
        found = set(inspect(connection).get_table_names())
    assert found - {"alembic_version"} == set(metadata.tables)


def test_the_migrations_lead_back_to_nothing(database: Database) -> None:
    migrate(database)
    config = migration_config()
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}


def test_a_transaction_that_raises_leaves_nothing_behind(database: Database) -> None:
    migrate(database)

    def fail() -> None:
        with database.begin() as connection:
            connection.execute(text("INSERT INTO feed_head (id, cursor) VALUES (9, 9)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM feed_head")).scalar_one() == 0


def test_a_reader_sees_one_moment_while_somebody_writes(database: Database) -> None:
    migrate(database)
    count = text("SELECT count(*) FROM feed_head")
    with database.read() as reader:
        assert reader.execute(count).scalar_one() == 0
        with database.begin() as writer:
            writer.execute(text("INSERT INTO feed_head (id, cursor) VALUES (1, 0)"))
        assert reader.execute(count).scalar_one() == 0
    with database.read() as reader:
        assert reader.execute(count).scalar_one() == 1


def test_a_database_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(OperationalError):
        Database(f"sqlite:///{tmp_path / 'nowhere' / 'registry.sqlite'}").check()
