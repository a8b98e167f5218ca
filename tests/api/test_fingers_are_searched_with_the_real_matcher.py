"""The gallery behind the duplicate search, with the matcher of the kiosks."""

from __future__ import annotations

from dataclasses import replace

from biometrics.iso19794 import decode_record
from central_api.context import Registry
from central_api.duplicates.gallery_search import GallerySearch
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family, make_finger
from tests.api.registered import send_submission


def test_an_enrolled_finger_is_found_whatever_it_was_called_and_another_is_not(
    kiosk: TestKiosk, registry: Registry
) -> None:
    family = make_family(AREA)
    mother, father = (member.person.id for member in family.members[:2])
    send_submission(kiosk, family, {mother: [make_finger(1)], father: [make_finger(2)]})
    search = GallerySearch()
    with registry.database.read() as connection:
        search.refresh(connection, registry.vault)
        search.refresh(connection, registry.vault)
    (same,) = decode_record(make_finger(1).template)
    moved = replace(same, minutiae=same.minutiae[2:])
    (other,) = decode_record(make_finger(99).template)
    assert search.search([moved]) == {mother: 1}
    assert search.search([moved, same]) == {mother: 1}
    assert search.search([other]) == {}
    assert search.search([]) == {}


def test_an_empty_gallery_finds_nobody_and_can_be_warmed_up(registry: Registry) -> None:
    search = GallerySearch()
    search.warm_up()
    with registry.database.read() as connection:
        search.refresh(connection, registry.vault)
    assert search.search(decode_record(make_finger(1).template)) == {}
