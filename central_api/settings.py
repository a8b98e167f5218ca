"""What the registry is told from outside: where its data lie and how it may be reached."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATABASE_URL_VARIABLE = "SINGLE_WINDOW_DATABASE_URL"
#: ``1``: once a card is active, the fingers of its members are on the card and nowhere else.
CARD_ONLY_VARIABLE = "SINGLE_WINDOW_FINGERS_ON_CARD_ONLY"

#: A push of 100 events with sealed enrolments of a large family stays well below.
MAX_BODY_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """``home`` is the data directory: database (SQLite), keys, audit anchors.

    ``database_url`` is an SQLAlchemy URL: ``sqlite:///FILE`` or ``postgresql+psycopg://…``.
    """

    home: Path
    database_url: str
    max_body_bytes: int = MAX_BODY_BYTES
    is_token_only: bool = False

    @property
    def keys_directory(self) -> Path:
        return self.home / "keys"

    @property
    def anchors_file(self) -> Path:
        return self.home / "audit-anchors.jsonl"


def read_settings(home: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the registry whose data lie in ``home``; an SQLite file there unless a database is named."""
    default = f"sqlite:///{home.resolve() / 'registry.sqlite'}"
    return Settings(
        home=home,
        database_url=environment.get(DATABASE_URL_VARIABLE, default),
        is_token_only=environment.get(CARD_ONLY_VARIABLE) == "1",
    )
