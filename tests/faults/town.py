"""A real registry on a real socket behind a road that fails, and a kiosk of the town with chips in this process."""

from __future__ import annotations

import asyncio
import atexit
import random
import shutil
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

import uvicorn
from sqlalchemy import func, select

from card_service.authority import Authority
from central_api.app import create_app, open_registry
from central_api.audit.verification import verify_audit
from central_api.console.day_report import DayReport, read_report
from central_api.context import Registry, utc_now
from central_api.kiosks.service import put_code
from central_api.operators.service import appoint
from central_api.places.repository import put_areas
from central_api.programmes.catalogue_files import load_catalogue
from central_api.programmes.repository import put_programme
from central_api.sample.areas import load_areas
from central_api.serving import listen, url_of
from central_api.settings import Settings
from central_api.tables.people import households
from domain.cards import CardProfile
from domain.ids import AreaCode, OperatorId, PersonId
from domain.messages.kiosks import Role
from domain.people import PersonName
from enrolment.session import EnrolmentDraft
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.faults import FaultSwitch, NetworkFault
from hardware_sim.network import NetworkProxy
from kiosk.area_gallery import AreaGallery
from kiosk.card_watcher import CardWatcher
from kiosk.devices.failure import DeviceName
from kiosk.flows.enrol_household import enrol_household
from kiosk.flows.issue_card import issue_card
from kiosk.flows.workplace import Officer, Patience, Workplace
from kiosk.gallery_following import GalleryFollowing
from kiosk.joining import join
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.card_job import CardHolder
from kiosk.store.documents import DocumentKind, Shelf
from kiosk.store.kiosk_store import KioskStore, open_database
from kiosk.sync import Sync
from tests.api.fakes import ExactFingers
from tests.faults.pulls import ShakyReader
from tests.faults.story import folder
from tests.faults.townspeople import InkedFingers, TownOfficer
from tests.flows.fake_devices import FakeArtist, FakeCamera, FakeCardPrinter, FakeFingers, FakeReceiptPrinter
from tests.flows.fake_gallery import FakeGallery
from tests.flows.paper_stock import StockedCupboard, stock_blank
from tests.unit.card_service_issuer.authority import memory_authority
from tests.unit.card_service_terminal.desk import memory_of

AREA = AreaCode("UT-01-01-02-003")
CODE = "TOWN-CODE"
_POLL_S = 0.003
#: What a road may do to a request, drawn at random.
ROAD_FAULTS = (
    NetworkFault.RESET,
    NetworkFault.ANSWER_LOST,
    NetworkFault.ANSWER_LATE,
    NetworkFault.HALF_OPEN,
    NetworkFault.REQUEST_TWICE,
    NetworkFault.OLD_REQUEST_AGAIN,
    NetworkFault.SERVER_ERROR,
    NetworkFault.GARBAGE,
    NetworkFault.CAPTIVE_PORTAL,
    NetworkFault.ANSWER_CUT,
)


class Weather(FaultSwitch[NetworkFault]):
    """A fault for each request: drawn at random, or the one that is ordered for the n-th."""

    def __init__(self, seed: int, share: float) -> None:
        super().__init__(NetworkFault.NONE)
        self._dice = random.Random(seed)
        self._share = share
        self.seen: list[NetworkFault] = []
        self.is_calm = False

    def use(self) -> NetworkFault:
        fault = self._dice.choice(ROAD_FAULTS) if self._dice.random() < self._share else NetworkFault.NONE
        fault = NetworkFault.NONE if self.is_calm else fault
        self.seen.append(fault)
        return fault


@contextmanager
def running_registry(home: Path) -> Iterator[tuple[Registry, str]]:
    """The registry of that folder on a free port, and its address."""
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'registry.sqlite'}")
    registry = open_registry(settings, _authority(), ExactFingers())
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(create_app(registry), log_level="critical", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield registry, url_of(listener)
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()
        listener.close()
        registry.database.close()


@cache
def _authority() -> Authority:
    authority = memory_authority(utc_now().date())[0]
    authority.keys = StockedCupboard(authority.keys)  # type: ignore[assignment]
    return authority


@dataclass
class TownDesk:
    """What a story at the town's desk may look at and poke."""

    work: Workplace
    holder: ShakyReader
    officer: ShakyReader
    fingers: FakeFingers
    receipts: FakeReceiptPrinter
    artist: FakeArtist
    officer_card: VirtualCard | None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@asynccontextmanager
async def town_desk(home: Path, url: str, officer_card: VirtualCard | None) -> AsyncIterator[TownDesk]:
    """The joined kiosk of that folder, its registry at that address."""
    store = KioskStore(open_database(home))
    client = RegistryClient(url, RequestSigner(store.kiosk_id, store.identity.keys.signer, store.clock.system_now))
    holder, officer = ShakyReader(DeviceName.CARD_READER), ShakyReader(DeviceName.OFFICER_READER)
    fingers, receipts, artist = FakeFingers(), FakeReceiptPrinter(), FakeArtist()
    gallery = AreaGallery(store, home / "area-gallery", FakeGallery())
    following = GalleryFollowing(store, client, gallery)
    work = Workplace(
        store=store,
        drafts=Shelf(store.database, DocumentKind.SAVEPOINT, EnrolmentDraft),
        registry=client,
        sync=Sync(store, client, store.identity.registry_public_key),
        holder_reader=holder,
        officer_reader=officer,
        holder_watcher=CardWatcher(holder, poll_s=_POLL_S),
        officer_watcher=CardWatcher(officer, poll_s=_POLL_S),
        finger_reader=fingers,
        camera=FakeCamera(),
        biometrics=InkedFingers(),
        gallery=gallery,
        receipt_printer=receipts,
        card_printer=FakeCardPrinter(),
        artist=artist,
        patience=Patience(poll_s=0.005, registry_polls=3),
    )
    desk = TownDesk(work, holder, officer, fingers, receipts, artist, officer_card)
    background = (work.holder_watcher, work.officer_watcher, following)
    desk.tasks = [asyncio.create_task(each.run()) for each in background]
    try:
        yield desk
    finally:
        for task in desk.tasks:
            task.cancel()
        await asyncio.gather(*desk.tasks, return_exceptions=True)
        holder.close()
        officer.close()
        await client.close()
        store.close()


@dataclass(frozen=True)
class Founded:
    """A town on the morning of its first day: registry, one joined kiosk, one officer with a card."""

    home: Path
    officer: Officer
    officer_chip: dict[str, bytes]

    @contextmanager
    def copy(self) -> Iterator[Path]:
        """The same morning once more, for one trial."""
        home = folder()
        try:
            shutil.copytree(self.home, home, dirs_exist_ok=True)
            yield home
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def officer_card(self) -> VirtualCard:
        return VirtualCard(dict(self.officer_chip), None)


@cache
def found_town() -> Founded:
    """Founded once for all trials of this process, on good roads."""
    home = folder()
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    with running_registry(home / "registry") as (registry, url):
        with registry.begin() as transaction:
            put_areas(transaction.connection, load_areas())
            for programme in load_catalogue():
                put_programme(transaction.connection, programme)
            put_code(transaction, CODE, "faults", transaction.now + timedelta(days=1))
        asyncio.run(join(home / "kiosk", url, CODE, "Town desk", AREA))
        officer, chip = asyncio.run(_found_officer(home / "kiosk", url, registry))
    return Founded(home, officer, memory_of(chip))


async def _found_officer(home: Path, url: str, registry: Registry) -> tuple[Officer, VirtualCard]:
    async with town_desk(home, url, None) as desk:
        founder = Officer(OperatorId("founder"), PersonName(latin="Founder", local="संस्थापक"), Role.OFFICER, None)  # type: ignore[arg-type]
        person = TownOfficer(desk, "officer", stock_blank())
        await enrol_household(desk.work, person, founder)
        for name, _ in desk.work.drafts.all():
            desk.work.drafts.remove(name)
        person_id = PersonId(person.person_ids[0])
        with registry.begin() as transaction:
            entry = appoint(transaction, person_id, Role.OFFICER)
        await desk.work.sync.sync_now()
        holder = CardHolder(profile=CardProfile.OPERATOR, operator_id=entry.operator_id)
        number = await issue_card(desk.work, person, holder)
        assert number is not None, "the founding officer gets a card"
        await desk.work.sync.sync_now()
        return Officer(entry.operator_id, entry.name, entry.role, number), person.card


@dataclass(frozen=True)
class Books:
    """What the registry holds at the end of a story."""

    report: DayReport
    households: int
    audit_is_whole: bool


def read_books(registry: Registry) -> Books:
    with registry.database.read() as connection:
        count = connection.execute(select(func.count()).select_from(households)).scalar_one()
        report = read_report(connection)
    return Books(report, count, verify_audit(registry).ok)


@contextmanager
def road_to(url: str, weather: Weather, *, late_s: float) -> Iterator[NetworkProxy]:
    with NetworkProxy(url) as proxy:
        proxy.faults = weather
        proxy.late_s = late_s
        yield proxy


def statuses(report: DayReport) -> Sequence[str]:
    return sorted(report.cards.values())
