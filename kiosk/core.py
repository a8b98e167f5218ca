"""The headless kiosk: devices, store, registry and flows put together. A window is one of the things it may get."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from enrolment.session import EnrolmentDraft
from kiosk.area_gallery import AreaGallery
from kiosk.card_watcher import CardWatcher
from kiosk.devices.desk_devices import DeskDevices, make_devices
from kiosk.flows.desk import run_desk
from kiosk.flows.pending_cards import finish_pending_cards
from kiosk.flows.workplace import Artist, Workplace
from kiosk.gallery_following import GalleryFollowing
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.settings import DeskPlan
from kiosk.store.documents import DocumentKind, Shelf
from kiosk.store.kiosk_store import KioskStore, open_database
from kiosk.sync import Sync
from kiosk.ui import Ui

#: Inside the kiosk's home.
GALLERY_FOLDER = "area-gallery"

_log = logging.getLogger(__name__)


class KioskCore:
    """One kiosk. ``open_core`` makes it and closes it."""

    def __init__(self, home: Path, store: KioskStore, devices: DeskDevices, desk: DeskPlan, artist: Artist) -> None:
        self.store = store
        self.devices = devices
        signer = RequestSigner(store.kiosk_id, store.identity.keys.signer, store.clock.system_now)
        self.registry = RegistryClient(desk.registry_url or store.identity.registry_url, signer)
        self.sync = Sync(store, self.registry, store.identity.registry_public_key)
        self.gallery = AreaGallery(store, home / GALLERY_FOLDER, devices.gallery)
        self.following = GalleryFollowing(store, self.registry, self.gallery)
        self.sync.on_decided(self.following.nudge)
        self.work = self._workplace(artist, takes_open_stock=desk.takes_open_stock)
        self._background: list[asyncio.Task[None]] = []

    def _workplace(self, artist: Artist, *, takes_open_stock: bool) -> Workplace:
        devices = self.devices
        return Workplace(
            store=self.store,
            drafts=Shelf(self.store.database, DocumentKind.SAVEPOINT, EnrolmentDraft),
            registry=self.registry,
            sync=self.sync,
            holder_reader=devices.holder_reader,
            officer_reader=devices.officer_reader,
            holder_watcher=CardWatcher(devices.holder_reader),
            officer_watcher=CardWatcher(devices.officer_reader),
            finger_reader=devices.finger_reader,
            camera=devices.camera,
            biometrics=devices.biometrics,
            gallery=self.gallery,
            receipt_printer=devices.receipt_printer,
            card_printer=devices.card_printer,
            artist=artist,
            faces=devices.faces,
            takes_open_stock=takes_open_stock,
        )

    def start(self) -> None:
        """Processes, watchers and sync, all in the background. Inside the event loop."""
        self.devices.start()
        jobs = (
            self.work.holder_watcher.run(),
            self.work.officer_watcher.run(),
            self.sync.run(),
            self.following.run(),
            finish_pending_cards(self.work),
        )
        self._background = [asyncio.create_task(job) for job in jobs]
        for task in self._background:
            task.add_done_callback(_report)

    async def run(self, ui: Ui) -> None:
        """The desk, for ever."""
        await run_desk(self.work, ui)

    async def close(self) -> None:
        """Stop everything; what was acknowledged is on disk already."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self.devices.close()
        await self.registry.close()
        self.store.close()


def _report(task: asyncio.Task[None]) -> None:
    """A background task that ends by itself is a fault of ours; it must not go unseen."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("background work stopped: %s", type(error).__name__)


@asynccontextmanager
async def open_core(home: Path, desk: DeskPlan, artist: Artist) -> AsyncIterator[KioskCore]:
    """The kiosk of that folder at that desk, started. Raises NotJoined, StoreKeyUnusable or StoreFailed."""
    core = KioskCore(home, KioskStore(open_database(home)), make_devices(desk), desk, artist)
    core.start()
    try:
        yield core
    finally:
        await core.close()
