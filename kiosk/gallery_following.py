"""The gallery of the area kept as the registry says: page by page in the background, beside everything else."""

from __future__ import annotations

import asyncio
import logging
import random

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from domain.messages.area_gallery import (
    CODE_KIOSK_RETIRED,
    CODE_NOT_ALLOWED,
    CODE_TOO_LARGE,
    AreaGalleryContent,
    AreaGalleryPage,
    AreaGalleryRequest,
    GalleryPurpose,
    sealing_info,
)
from domain.messages.local_check import NotChecked
from kiosk.area_gallery import AreaGallery
from kiosk.devices.failure import DeviceFailed
from kiosk.devices.ports import GalleryBroken
from kiosk.registry_client import RegistryClient, RegistryOutOfOrder, RegistryRefused, RegistryUnreachable
from kiosk.store.database import StoreFailed
from kiosk.store.kiosk_store import KioskStore

_log = logging.getLogger(__name__)

#: Whoever was registered here is in the gallery at once; others of the area come from elsewhere, and seldom.
_EVERY_S = 300.0
_AGAIN_AFTER_S = 30.0
#: Between two pages: whoever is being served comes first.
_BREATH_S = 0.05
_LACK_OF_CODE = {
    CODE_KIOSK_RETIRED: NotChecked.RETIRED,
    CODE_NOT_ALLOWED: NotChecked.NOT_ALLOWED,
    CODE_TOO_LARGE: NotChecked.TOO_LARGE,
}


class GalleryFollowing:
    """Asks for what is new until there is nothing more, now and again."""

    def __init__(self, store: KioskStore, client: RegistryClient, gallery: AreaGallery) -> None:
        self._store = store
        self._client = client
        self._gallery = gallery
        self._wake = asyncio.Event()
        #: Code of the last failure, None when the last round succeeded.
        self.problem: str | None = None

    def nudge(self) -> None:
        """There is news: do not wait for the next round."""
        self._wake.set()

    async def follow_now(self) -> bool:
        """One whole round: whether the registry was heard to the end. Never raises for what can go wrong outside."""
        try:
            await self._gallery.forget_old()
            while not await self._follow_page():
                await asyncio.sleep(_BREATH_S)
            await self._gallery.drop_decided()
        except RegistryRefused as refused:
            return await self._refused(refused)
        except (RegistryUnreachable, RegistryOutOfOrder, DeviceFailed, GalleryBroken, StoreFailed) as error:
            self.problem = error.code
            return False
        self.problem = None
        return True

    async def run(self) -> None:
        """Rounds for ever, sooner again after one that failed; cancel to stop."""
        while True:
            is_followed = await self.follow_now()
            pause_s = _EVERY_S if is_followed else _AGAIN_AFTER_S
            try:
                await asyncio.wait_for(self._wake.wait(), pause_s * random.uniform(0.8, 1.2))  # noqa: S311  no secret
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def _refused(self, refused: RegistryRefused) -> bool:
        """No gallery for this desk: what it holds of the area is forgotten at once."""
        self.problem = refused.refused_code
        lack = _LACK_OF_CODE.get(refused.refused_code)
        if lack is None:
            _log.warning("the registry gives no gallery: %s", refused.refused_code)
            return False
        try:
            await self._gallery.give_up(lack)
            await self._gallery.drop_decided()
        except (DeviceFailed, GalleryBroken, StoreFailed) as error:
            self.problem = error.code
            return False
        return True

    async def _follow_page(self) -> bool:
        """Whether it was the last one."""
        book, key = self._gallery.book, X25519PrivateKey.generate()
        request = AreaGalleryRequest(
            purpose=GalleryPurpose.LOCAL_DUPLICATE_CHECK,
            after=book.cursor,
            scope=book.scope,
            reply_key=key.public_key().public_bytes_raw(),
        )
        page = await self._client.area_gallery(request)
        if not page.is_last and page.scope == book.scope and not page.is_first and page.cursor <= book.cursor:
            raise RegistryOutOfOrder("the area's gallery does not come on")
        content = await asyncio.to_thread(self._unseal, page, key)
        return await self._gallery.take_page(page, content, book) and page.is_last

    def _unseal(self, page: AreaGalleryPage, key: X25519PrivateKey) -> AreaGalleryContent:
        """What was sealed for this request; RegistryOutOfOrder for anything else."""
        info = sealing_info(self._store.kiosk_id, scope=page.scope, cursor=page.cursor)
        try:
            suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
            return AreaGalleryContent.model_validate_json(suite.decrypt(page.sealed, key, info))
        except (InvalidTag, ValueError):
            # Without the cause: its text would quote names and templates.
            raise RegistryOutOfOrder("a page of the area's gallery does not open") from None
