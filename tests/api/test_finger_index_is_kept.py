"""The registry's finger index outlives a restart, follows the register, and is built anew when it does not open."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, event, select, update

from biometrics.iso19794 import decode_record
from biometrics.template import Template
from central_api.context import Registry
from central_api.duplicates import gallery_search
from central_api.duplicates.finger_changes import Bookmark, decode_bookmark
from central_api.duplicates.gallery_search import GallerySearch, IndexPlace
from central_api.households.biometrics_repository import SealedFinger, add_finger
from central_api.tables.finger_changes import finger_changes
from central_api.tables.people import templates
from central_api.vault import template_place
from domain.fingers import FingerPosition
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


def probe(number: int = 1) -> list[Template]:
    return decode_record(make_finger(number).template)


def take_anew(connection: Connection, registry: Registry, person: PersonId, number: int) -> None:
    """The person's fingers are taken again, and others are found than before."""
    connection.execute(delete(templates).where(templates.c.person_id == person))
    add_finger(connection, sealed_finger(registry, person, FingerPosition.RIGHT_INDEX, number))


def sealed_finger(registry: Registry, person: PersonId, position: FingerPosition, number: int) -> SealedFinger:
    sealed = registry.vault.seal(make_finger(number).template, template_place(person, position))
    return SealedFinger(person, position, 80, 1, sealed)


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


def test_fingers_taken_anew_are_the_ones_that_are_searched(
    mother: PersonId, registry: Registry, place: IndexPlace
) -> None:
    search = refreshed(GallerySearch(place), registry)
    with registry.database.begin() as connection:
        take_anew(connection, registry, mother, 7)
    assert refreshed(search, registry).search(probe(7)) == {mother: 1}
    assert search.search(probe(1)) == {}
    with registry.database.begin() as connection:
        sealed = sealed_finger(registry, mother, FingerPosition.RIGHT_INDEX, 8).template
        row = templates.c.person_id == mother
        connection.execute(update(templates).where(row).values(key_id=sealed.key_id, sealed=sealed.data))
    assert refreshed(search, registry).search(probe(8)) == {mother: 1}
    assert search.search(probe(7)) == {}
    search.close()


def test_nobodys_fingers_are_read_when_nothing_changed(mother: PersonId, registry: Registry, place: IndexPlace) -> None:
    refreshed(GallerySearch(place), registry).close()
    search, read = GallerySearch(place), list[str]()

    def note(*arguments: object) -> None:
        read.append(str(arguments[2]))

    event.listen(registry.database.engine, "before_cursor_execute", note)
    for _ in range(2):
        assert refreshed(search, registry).search(probe()) == {mother: 1}
    with registry.database.begin() as connection:
        connection.execute(update(templates).values(rank=2))
    refreshed(search, registry)
    event.remove(registry.database.engine, "before_cursor_execute", note)
    assert any("finger_changes" in statement for statement in read)
    assert not any("FROM templates" in statement for statement in read)
    search.close()


def test_what_was_rolled_back_is_taken_back(mother: PersonId, registry: Registry, place: IndexPlace) -> None:
    search = refreshed(GallerySearch(place), registry)
    with registry.database.engine.connect() as connection:
        take_anew(connection, registry, mother, 7)
        search.refresh(connection, registry.vault)
        assert search.search(probe(7)) == {mother: 1}
        connection.rollback()
    search.close()
    # The process may have ended meanwhile: what is to be taken back stands beside the index.
    search = refreshed(GallerySearch(place), registry)
    assert search.search(probe(7)) == {}
    assert search.search(probe(1)) == {mother: 1}
    search.close()


def test_the_index_is_followed_when_every_connection_of_the_pool_is_taken(
    mother: PersonId, registry: Registry, place: IndexPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, engine = refreshed(GallerySearch(place), registry), registry.database.engine
    with registry.database.read() as connection:
        monkeypatch.setattr(engine, "connect", lambda: pytest.fail("the pool is empty"))
        search.refresh(connection, registry.vault)
    search.close()


def test_a_transaction_that_commits_late_is_not_missed(mother: PersonId, registry: Registry, place: IndexPlace) -> None:
    if registry.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    search = refreshed(GallerySearch(place), registry)
    with registry.database.begin() as late:
        late.execute(delete(templates).where(templates.c.person_id == mother))
        with registry.database.begin() as connection:
            father = PersonId(
                connection.execute(select(templates.c.person_id).where(templates.c.person_id != mother)).scalar_one()
            )
            take_anew(connection, registry, father, 9)
        assert refreshed(search, registry).search(probe(9)) == {father: 1}
        assert search.search(probe(1)) == {mother: 1}
    assert refreshed(search, registry).search(probe(1)) == {}
    search.close()


def test_another_database_is_noticed_and_everybody_filed_anew(
    mother: PersonId, registry: Registry, place: IndexPlace
) -> None:
    refreshed(GallerySearch(place), registry).close()
    with registry.database.begin() as connection:
        # As a backup of another day has it: other fingers, and nothing of what the index followed.
        take_anew(connection, registry, mother, 7)
        connection.execute(delete(finger_changes))
    search = refreshed(GallerySearch(place), registry)
    assert search.search(probe(7)) == {mother: 1}
    assert search.search(probe(1)) == {}
    search.close()


def test_many_people_are_filed_in_parts(
    mother: PersonId, registry: Registry, place: IndexPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_search, "_AT_ONCE", 1)
    search = refreshed(GallerySearch(place), registry)
    assert search.search(probe(1)) == {mother: 1}
    assert len(search.search(probe(2))) == 1
    with registry.database.begin() as connection:
        connection.execute(delete(templates))
    assert refreshed(search, registry).search([*probe(1), *probe(2)]) == {}
    search.close()


def test_a_bookmark_is_read_as_it_was_written() -> None:
    bookmark = Bookmark(7, "a", {"b": PersonId("person")})
    assert decode_bookmark(bookmark.encode()) == bookmark
    assert decode_bookmark("") is None
