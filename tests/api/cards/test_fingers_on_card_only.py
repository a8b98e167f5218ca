"""Token-only mode: after activation no template is left in the registry, in no form, and searches say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from central_api.context import Registry
from central_api.tables.people import submissions, templates
from domain.people import Household
from tests.api.cards.lost_and_found import card_of, issue, search
from tests.api.issuing import Desk, Officer
from tests.api.people import make_finger


@pytest.fixture
def is_token_only() -> bool:
    return True


def _sealed(registry: Registry) -> list[bytes]:
    with registry.database.read() as connection:
        found = [*connection.execute(select(templates.c.sealed)).scalars()]
        return [*found, *connection.execute(select(submissions.c.sealed)).scalars()]


def test_the_fingers_are_on_the_card_and_nowhere_else(
    desk: Desk, family: Household, officer: Officer, registry: Registry, database_url: str
) -> None:
    before = [each for each in _sealed(registry) if each]
    assert len(before) == 2, "two fingers; the registrations that brought them are erased already"
    chip, _ = issue(desk, family, officer)
    templates_on_card = card_of(desk, chip).read_templates(desk.credential, 1)
    assert templates_on_card is not None
    assert not any(_sealed(registry))
    assert _bytes_in_files(registry, database_url, [*before, make_finger(1).template, templates_on_card]) == []


def _bytes_in_files(registry: Registry, database_url: str, secrets: list[bytes]) -> list[bytes]:
    """Which of these still lie in the database's files; on PostgreSQL the tables are looked at instead."""
    if not database_url.startswith("sqlite"):
        return [secret for secret in secrets if secret in _sealed(registry)]
    file = Path(database_url.removeprefix("sqlite:///"))
    content = b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*"))
    return [secret for secret in secrets if secret in content]


def test_a_search_says_whom_it_could_not_look_at(
    desk: Desk, family: Household, officer: Officer, registry: Registry
) -> None:
    assert search(desk.kiosk, officer, make_finger(1)).found
    issue(desk, family, officer)
    answer = search(desk.kiosk, officer, make_finger(1))
    assert (answer.found, answer.unsearchable) == ((), 2)
