"""Keys change while cards are out: what was issued before works on, at kiosks that took up the change and with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from card_service.authentic_card import authenticate_card
from card_service.authority import Authority
from card_service.authority_state import AuthorityState, read_state
from card_service.certificate_files import read_certificates
from card_service.rotation import Rotation
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential
from card_service.trust import trust_anchors_from_json
from card_service.trust_update import accept_trust
from central_api.app import open_registry
from central_api.context import Registry
from central_api.places.repository import put_areas
from central_api.programmes.catalogue_files import load_catalogue
from central_api.programmes.repository import put_programme
from central_api.sample.areas import load_areas
from central_api.settings import Settings
from domain.people import Household
from domain.verification import Verdict
from tests.api.client import TestKiosk
from tests.api.conftest import AREA
from tests.api.fakes import START, Clock, ExactFingers
from tests.api.issuing import Chip, Desk
from tests.api.people import make_family, make_finger
from tests.api.registered import FOOD, choose, send_submission
from tests.unit.card_service_issuer.key_cupboard import KeyCupboard


@dataclass(frozen=True)
class Office:
    """The authority's directory and keys, as ``keys`` on the command line has them."""

    directory: Path
    keys: KeyCupboard

    @property
    def rotation(self) -> Rotation:
        return Rotation(self.directory, self.keys)

    def look(self) -> tuple[AuthorityState, object]:
        state = read_state(self.directory)
        return state, read_certificates(self.directory, state)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    place = tmp_path / "authority"
    place.mkdir()
    office = Office(place, KeyCupboard())
    office.rotation.begin(AuthorityState(1, START.date(), crl_number=1))
    return office


@pytest.fixture
def registry(database_url: str, tmp_path: Path, clock: Clock, office: Office) -> Iterator[Registry]:
    state, certificates = office.look()
    authority = Authority(office.keys, state, certificates, office.look)  # type: ignore[arg-type]
    settings = Settings(home=tmp_path / "home", database_url=database_url)
    registry = open_registry(settings, authority, ExactFingers(), clock)
    with registry.begin() as transaction:
        put_areas(transaction.connection, load_areas())
        for programme in load_catalogue():
            put_programme(transaction.connection, programme)
    yield registry
    registry.database.close()


@pytest.fixture
def family(kiosk: TestKiosk) -> Household:
    family = make_family(AREA, land_acres=1)
    send_submission(kiosk, family, {family.members[0].person.id: [make_finger(1)]})
    choose(kiosk, family, FOOD)
    return family


def show(desk: Desk, chip: Chip, credential: TerminalCredential) -> None:
    """Raises unless chip and terminal believe each other."""
    session = CardSession(chip.reader())
    authenticate_card(session, desk.anchors, on=desk.today)
    session.show_credential(credential)


def new_desk(desk: Desk) -> tuple[Desk, TerminalCredential]:
    """The same kiosk with its next bundle; and what it shows to cards, links first."""
    later = Desk(desk.kiosk)
    bundle = desk.kiosk.bundle()
    assert accept_trust(desk.anchors, trust_anchors_from_json(dict(bundle.trust_anchors)), at=bundle.today)
    chain = (*bundle.terminal_links, *bundle.terminal_chain)
    return later, TerminalCredential(chain, desk.kiosk.terminal_key)


def written(desk: Desk, family: Household) -> Chip:
    chip = Chip()
    desk.write(chip, desk.package(desk.order(chip, household_id=family.id)))
    return chip


def test_old_cards_and_new_cards_believe_terminals_after_two_changes_of_the_country_verifier(
    kiosk: TestKiosk, family: Household, office: Office, clock: Clock
) -> None:
    desk = Desk(kiosk)
    oldest = written(desk, family)
    show(desk, oldest, desk.credential)
    cards, desks = [oldest], [desk]
    for _ in range(2):
        clock.pass_time(timedelta(days=2))
        office.rotation.rotate_verifier(today=clock().date())
        desk, credential = new_desk(desk)
        desks.append(desk)
        cards.append(written(desk, family))
        for chip in cards:
            show(desk, chip, credential)
    assert len(kiosk.bundle().terminal_links) == 2
    show(desk, written(desk, family), TerminalCredential(desk.kiosk.bundle().terminal_chain, kiosk.terminal_key))


def test_an_old_card_is_genuine_after_a_change_of_the_country_root(
    kiosk: TestKiosk, family: Household, office: Office, clock: Clock
) -> None:
    desk = Desk(kiosk)
    old = written(desk, family)
    clock.pass_time(timedelta(days=2))
    office.rotation.rotate_root(today=clock().date())
    office.rotation.rotate_entitlement_signer(today=clock().date())
    later, credential = new_desk(desk)
    new = written(later, family)
    for chip in (old, new):
        show(later, chip, credential)
        assert later.verify(chip).verdict is Verdict.FAILED, "written, not activated: genuine all the same"
    assert len(later.anchors.csca_certificates_der) == 2


def test_a_bundle_says_something_new_after_a_rotation(kiosk: TestKiosk, office: Office) -> None:
    before = kiosk.bundle()
    office.rotation.rotate_root(today=START.date())
    assert kiosk.bundle().number == before.number + 1
