"""A registry with issuing keys, a desk, a family with fingers and an officer whose card can sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from card_service.authority import Authority
from central_api.app import open_registry
from central_api.context import Registry
from central_api.settings import Settings
from domain.people import Household, Member, Relationship, Sex
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.fakes import START, Clock, ExactFingers
from tests.api.issuing import Desk, Officer
from tests.api.people import make_family, make_finger, make_person
from tests.api.registered import FOOD, choose, send_submission
from tests.unit.card_service_issuer.authority import memory_authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    return memory_authority(START.date())[0]


@pytest.fixture
def is_token_only() -> bool:
    """Tests of the token-only mode say True."""
    return False


@pytest.fixture
def registry(
    database_url: str, tmp_path: Path, clock: Clock, authority: Authority, is_token_only: bool
) -> Iterator[Registry]:
    settings = replace(Settings(home=tmp_path / "home", database_url=database_url), is_token_only=is_token_only)
    registry = open_registry(settings, authority, ExactFingers(), clock)
    yield registry
    registry.database.close()


@pytest.fixture
def desk(kiosk: TestKiosk) -> Desk:
    return Desk(kiosk)


@pytest.fixture
def family(kiosk: TestKiosk) -> Household:
    """The mother's finger is number 1, the father's 2."""
    family = make_family(AREA, land_acres=1)
    people = [member.person.id for member in family.members]
    send_submission(kiosk, family, {people[0]: [make_finger(1)], people[1]: [make_finger(2)]})
    choose(kiosk, family, FOOD)
    return family


@pytest.fixture
def officer(desk: Desk, registry: Registry, kiosk: TestKiosk) -> Officer:
    """Someone of another family who works here."""
    person = make_person("Harish Chandra", "हरीश चंद्र", sex=Sex.MALE, born=date(1971, 2, 3))
    head = Member(person=person, relationship=Relationship.HEAD)
    send_submission(kiosk, make_family(AREA).model_copy(update={"members": (head,)}))
    return desk.found_officer(registry, person.id)
