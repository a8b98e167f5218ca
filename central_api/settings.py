"""What the registry is told from outside: where its data lie and how it may be reached."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.desk_policy import DeskPolicy
from domain.ids import AreaCode

DATABASE_URL_VARIABLE = "SINGLE_WINDOW_DATABASE_URL"
#: ``1``: once a card is active, the fingers of its members are on the card and nowhere else.
CARD_ONLY_VARIABLE = "SINGLE_WINDOW_FINGERS_ON_CARD_ONLY"

#: Days after which a desk that heard nothing stops officers' work; serving goes on.
OPERATORS_AGE_VARIABLE = "SINGLE_WINDOW_OPERATORS_MAX_AGE_DAYS"
#: Seconds without a touch after which an officer's session is locked.
LOCK_AFTER_VARIABLE = "SINGLE_WINDOW_LOCK_AFTER_S"
#: ``1``: whoever registered a household may not countersign its card.
TWO_OFFICERS_VARIABLE = "SINGLE_WINDOW_TWO_OFFICERS_ON_ISSUE"

#: Most people whose fingers one desk is given; 0: no desk gets any.
AREA_GALLERY_VARIABLE = "SINGLE_WINDOW_AREA_GALLERY_PEOPLE"
#: Codes of places, with commas between, whose people's fingers may lie on no desk, with all places inside them.
NO_AREA_GALLERY_VARIABLE = "SINGLE_WINDOW_NO_AREA_GALLERY_IN"
#: Twice what an area usually has: a desk's memory and a family's patience still bear it.
DEFAULT_GALLERY_PEOPLE = 20_000

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
    desk: DeskPolicy = field(default_factory=DeskPolicy)
    #: Most people of an area whose fingers its desks may hold.
    gallery_people: int = DEFAULT_GALLERY_PEOPLE
    #: Places whose people's fingers may lie on no desk.
    no_gallery_in: frozenset[AreaCode] = frozenset()

    @property
    def desk_policy(self) -> DeskPolicy:
        """What kiosks are told."""
        return self.desk.model_copy(update={"is_token_only": self.is_token_only})

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
        desk=_read_desk(environment),
        gallery_people=_read_gallery_people(environment),
        no_gallery_in=_read_places(environment.get(NO_AREA_GALLERY_VARIABLE, "")),
    )


def _read_gallery_people(environment: Mapping[str, str]) -> int:
    """Raises ValueError for what is no number of people."""
    people = int(environment.get(AREA_GALLERY_VARIABLE, DEFAULT_GALLERY_PEOPLE))
    if people < 0:
        raise ValueError(f"{AREA_GALLERY_VARIABLE} is a number of people, 0 for none")
    return people


def _read_places(codes: str) -> frozenset[AreaCode]:
    return frozenset(AreaCode(code.strip()) for code in codes.split(",") if code.strip())


def _read_desk(environment: Mapping[str, str]) -> DeskPolicy:
    """Raises ValueError for numbers that make no sense: a registry must not start with another policy than meant."""
    named = {
        "operators_max_age_days": environment.get(OPERATORS_AGE_VARIABLE),
        "lock_after_s": environment.get(LOCK_AFTER_VARIABLE),
        "has_two_officers_on_issue": environment.get(TWO_OFFICERS_VARIABLE) == "1",
    }
    return DeskPolicy.model_validate({name: value for name, value in named.items() if value is not None})
