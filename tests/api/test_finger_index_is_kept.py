"""The registry's finger index outlives a restart, follows the register, and is built anew when it does not open."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import delete

from biometrics.iso19794 import decode_record
from biometrics.template import Template
from central_api.context import Registry
from central_api.duplicates.gallery_search import GallerySearch, IndexPlace
from central_api.tables.people import templates
from domain.ids import PersonId
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family, make_finger
from tests.api.registered import send_submission

KEY = bytes(range(32))


@pytest.fixture
def place(tmp_path: Path) -> IndexPlace:
    return IndexPlace(tmp_path / "finger-index", KEY)


@pytest.fixture
def mother(kiosk: TestKiosk, registry: Registry) -> PersonId:
    family = make_family(AREA)
    mother, father = (member.person.id for member in family.members[:2])
    send_submission(kiosk, family, {mother: [make_finger(1)], father: [make_finger(2)]})
    return mother


def probe() -> list[Template]:
    return decode_record(make_finger(1).template)


def refreshed(search: GallerySearch, registry: Registry) -> GallerySearch:
    with registry.database.read() as connection:
        search.refresh(connection, registry.vault)
    return search


def test_the_index_of_yesterday_is_used_today(mother: PersonId, registry: Registry, place: IndexPlace) -> None:
    first = refreshed(GallerySearch(place), registry)
    assert first.search(probe()) == {mother: 1}
    first.close()
    written = {file.name for file in place.directory.iterdir()}
    second = refreshed(GallerySearch(place), registry)
    assert {file.name for file in place.directory.iterdir()} == written
    assert second.search(probe()) == {mother: 1}
    second.close()


def test_an_index_that_does_not_open_is_built_again(
    mother: PersonId, registry: Registry, place: IndexPlace, caplog: pytest.LogCaptureFixture
) -> None:
    refreshed(GallerySearch(place), registry).close()
    other_key = IndexPlace(place.directory, bytes(32))
    with caplog.at_level(logging.WARNING):
        search = refreshed(GallerySearch(other_key), registry)
    assert "built again" in caplog.text
    assert search.search(probe()) == {mother: 1}
    search.close()


def test_whoever_left_the_register_leaves_the_index(mother: PersonId, registry: Registry, place: IndexPlace) -> None:
    search = refreshed(GallerySearch(place), registry)
    with registry.database.begin() as connection:
        connection.execute(delete(templates).where(templates.c.person_id == mother))
    assert refreshed(search, registry).search(probe()) == {}
    search.close()


def test_a_second_process_of_the_registry_searches_in_memory(
    mother: PersonId, registry: Registry, place: IndexPlace
) -> None:
    one = refreshed(GallerySearch(place), registry)
    other = refreshed(GallerySearch(place), registry)
    assert one.search(probe()) == other.search(probe()) == {mother: 1}
    other.close()
    one.close()
    assert repr(place) == "IndexPlace(finger-index)"
