"""A whole desk in one process: real store, real card code, simulated chips, fake devices, and a registry on paper."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from card_service.packed_numbers import pack_numbers
from card_service.revocation import fingerprint_of, sign_whole_list
from card_service.trust import encode_trust_anchors
from domain.areas import Area, AreaLevel
from domain.cards import CardProfile
from domain.ids import AreaCode, KioskId, OperatorId, ProgrammeCode
from domain.messages.kiosks import KioskBundle, OperatorEntry, RevocationList, Role, SignedBundle
from domain.messages.revocations import RevocationUpdate
from domain.people import PersonName
from domain.programmes import BenefitKind, Frequency, Programme, Unit
from enrolment.session import EnrolmentDraft
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.area_gallery import AreaGallery
from kiosk.card_watcher import CardWatcher
from kiosk.devices.failure import DeviceName
from kiosk.flows.workplace import Patience, Workplace
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.documents import DocumentKind, Shelf
from kiosk.store.gallery_book import new_book
from kiosk.store.identity import KioskIdentity, NewKeys, make_keys
from kiosk.store.kiosk_store import KioskStore, keep_identity, open_database
from kiosk.store.meta import Meta
from kiosk.sync import Sync
from tests.flows.fake_devices import (
    FakeArtist,
    FakeBiometrics,
    FakeCamera,
    FakeCardPrinter,
    FakeFingers,
    FakeReader,
    FakeReceiptPrinter,
)
from tests.flows.fake_gallery import FakeGallery
from tests.flows.paper_registry import PaperRegistry
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import FEES, RICE, TODAY
from tests.unit.kiosk_core.kiosk_home import REGISTRY_KEY

NOW = datetime(TODAY.year, TODAY.month, TODAY.day, 6, 0, tzinfo=UTC)
ENROLMENT_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
OFFICER = OperatorId("HH-0001")
AREAS = (
    Area(code=AreaCode("UT"), level=AreaLevel.STATE, parent=None, names={"en": "Utopia"}),
    Area(code=AreaCode("UT-1"), level=AreaLevel.BLOCK, parent=AreaCode("UT"), names={"en": "Block one"}),
    Area(code=AreaCode("UT-1-1"), level=AreaLevel.VILLAGE, parent=AreaCode("UT-1"), names={"en": "Hill village"}),
)
PROGRAMMES = (
    Programme(
        code=ProgrammeCode("RICE"),
        scheme=RICE,
        department="food",
        names={"en": "Monthly rice"},
        kind=BenefitKind.FOOD,
        unit=Unit.HOUSEHOLD,
        frequency=Frequency.MONTHLY,
        quantity=35,
        measure="kg",
        rule={"all": [{"le": ["household.income_monthly_minor", 1_200_000], "why": "income.up_to"}]},
        papers=("address_proof",),
        delivered_at_desk=True,
    ),
    Programme(
        code=ProgrammeCode("FEES"),
        scheme=FEES,
        department="school",
        names={"en": "School fees"},
        kind=BenefitKind.SCHOLARSHIP,
        unit=Unit.PERSON,
        frequency=Frequency.YEARLY,
        quantity=1,
        measure="voucher",
        rule={
            "all": [
                {"le": ["member.age", 18], "why": "age.up_to"},
                {"eq": ["member.in_school", True], "why": "in_school"},
            ]
        },
        delivered_at_desk=True,
    ),
)

#: The registry has told of everybody, and nobody is there.
WHOLE_GALLERY = new_book(lack=None).model_copy(update={"scope": "area", "cursor": 1, "whole_at": NOW})


@dataclass
class Bench:
    """What a test pokes."""

    home: Path
    work: Workplace
    store: KioskStore
    holder: FakeReader
    officer: FakeReader
    fingers: FakeFingers
    biometrics: FakeBiometrics
    camera: FakeCamera
    receipts: FakeReceiptPrinter
    cards: FakeCardPrinter
    artist: FakeArtist
    registry: PaperRegistry
    gallery: FakeGallery
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def insert(self, card: VirtualCard) -> None:
        self.holder.card = card
        await self.work.holder_watcher.wait_present()

    async def insert_officer(self, card: VirtualCard) -> None:
        self.officer.card = card
        await self.work.officer_watcher.wait_present()

    async def take(self) -> None:
        self.holder.card = None
        await self.work.holder_watcher.wait_absent()

    def kinds(self) -> list[str]:
        """What was recorded, in order."""
        return [str(event.body.kind) for event in self.store.outbox.waiting(limit=100)]


def officer_card() -> VirtualCard:
    """An active officer's card of the operator that the bundle names."""
    return desk.issue(CardProfile.OPERATOR)["active"].card()


def _officer_entry() -> OperatorEntry:
    checked = desk.check(officer_card(), profile=CardProfile.OPERATOR)
    assert checked.card is not None
    return OperatorEntry(
        operator_id=OFFICER,
        name=PersonName(latin="Officer One", local="अधिकारी"),
        role=Role.OFFICER,
        card_number=checked.card_number,
        card_key=checked.card.receipt_public_key,
        is_active=True,
    )


def make_bundle(number: int = 1, *, has_officer: bool = True) -> SignedBundle:
    bundle = KioskBundle(
        number=number,
        issued_at=NOW,
        today=TODAY,
        area=AreaCode("UT-1"),
        areas=AREAS,
        programmes=PROGRAMMES,
        operators=(_officer_entry(),) if has_officer else (),
        revocations=RevocationList(number=number, issued_at=NOW, cards=()),
        trust_anchors=json.loads(encode_trust_anchors(desk.REGISTRY.anchors)),
        enrolment_key=ENROLMENT_KEY.public_key().public_bytes_raw(),
        terminal_chain=desk.kiosk().chain,
    )
    text = bundle.model_dump_json()
    return SignedBundle(bundle_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())


def accept_list(store: KioskStore, issued_on: date, number: int = 1) -> None:
    """An empty list of refused cards, as the registry gave it on that day."""
    packed, fingerprint = pack_numbers(set()), fingerprint_of(set())
    signer = desk.REGISTRY.entitlement_signer
    signed = sign_whole_list(packed, number=number, fingerprint=fingerprint, issued_on=issued_on, signer=signer)
    update = RevocationUpdate(head_cose=signed.head_cose, content=signed.content)
    store.revocations.accept(update, desk.REGISTRY.anchors, on=TODAY)


def _join(home: Path) -> KioskStore:
    database = open_database(home)
    meta, credential = Meta(database), desk.kiosk()
    if meta.find("identity") is None:
        terminal = credential.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        identity = KioskIdentity(
            kiosk_id=KioskId("K-TEST-1"),
            name="Test desk",
            area=AreaCode("UT-1"),
            registry_url="http://registry.invalid",
            keys=NewKeys(signing_key=make_keys().signing_key, terminal_key=terminal),
            terminal_chain=credential.chain,
            registry_key=REGISTRY_KEY.public_key().public_bytes_raw(),
        )
        keep_identity(meta, database, identity)
    store = KioskStore(database, time_source=lambda: NOW)
    if not store.bundles.is_there:
        with database.transaction():
            store.bundles.accept(make_bundle())
        accept_list(store, TODAY)
        store.gallery_book.save("current", WHOLE_GALLERY)
    return store


@asynccontextmanager
async def open_bench(home: Path, registry: PaperRegistry | None = None) -> AsyncIterator[Bench]:
    """The desk, with its readers watched. Opening the same folder again is a restart of the kiosk."""
    store, paper = _join(home), registry or PaperRegistry(ENROLMENT_KEY)
    signer = RequestSigner(store.kiosk_id, store.identity.keys.signer, lambda: NOW)
    client = RegistryClient("http://registry.invalid", signer, transport=paper.transport())
    sync = Sync(store, client, store.identity.registry_public_key)
    gallery = FakeGallery()
    holder, officer = FakeReader(DeviceName.CARD_READER), FakeReader(DeviceName.OFFICER_READER)
    fingers, biometrics, camera = FakeFingers(), FakeBiometrics(), FakeCamera()
    receipts, cards, artist = FakeReceiptPrinter(), FakeCardPrinter(), FakeArtist()
    work = Workplace(
        store=store,
        drafts=Shelf(store.database, DocumentKind.SAVEPOINT, EnrolmentDraft),
        registry=client,
        sync=sync,
        holder_reader=holder,
        officer_reader=officer,
        holder_watcher=CardWatcher(holder, poll_s=0.003),
        officer_watcher=CardWatcher(officer, poll_s=0.003),
        finger_reader=fingers,
        camera=camera,
        biometrics=biometrics,
        gallery=AreaGallery(store, home / "area-gallery", gallery),
        receipt_printer=receipts,
        card_printer=cards,
        artist=artist,
        patience=Patience(poll_s=0.005, registry_polls=3),
    )
    bench = Bench(
        home, work, store, holder, officer, fingers, biometrics, camera, receipts, cards, artist, paper, gallery
    )
    bench.tasks = [asyncio.create_task(work.holder_watcher.run()), asyncio.create_task(work.officer_watcher.run())]
    try:
        yield bench
    finally:
        for task in bench.tasks:
            task.cancel()
        await asyncio.gather(*bench.tasks, return_exceptions=True)
        await client.close()
        store.close()
