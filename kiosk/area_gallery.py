"""The gallery of the desk's area: kept sealed, changed page by page, searched before a card is written."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from domain.ids import PersonId, SubmissionId
from domain.messages.area_gallery import AreaGalleryContent, AreaGalleryPage
from domain.messages.local_check import NotChecked
from kiosk.devices.failure import DeviceFailed
from kiosk.devices.ports import GalleryBroken, GalleryFind, GalleryWork
from kiosk.store.gallery_book import (
    HOLDS_NOTHING,
    GalleryBook,
    Neighbour,
    OwnRegistration,
    neighbour_of,
    new_book,
)
from kiosk.store.kiosk_store import KioskStore
from kiosk.store.row_seal import RowDamaged

_log = logging.getLogger(__name__)

Result = TypeVar("Result")

_BOOK = "current"
#: Two fingers, each at one in ten thousand, or one so good that among ten thousand people it is hardly chance.
_ENOUGH_FINGERS = 2
_ONE_FINGER_RATE = 1e-6
#: A desk that heard nothing for so long would hold people who are long gone.
KEPT_FOR = timedelta(days=30)
#: People forgotten in one transaction: none holds up the screen.
_CLEARED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class FoundNeighbour:
    """Somebody who may be the person searched for; the portrait only of those registered at this desk."""

    who: Neighbour
    matching: int
    submission_id: SubmissionId | None = None
    portrait: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Findings:
    """Whom the gallery knows, by person searched for; ``why`` says why not all of it was looked at."""

    found: Mapping[PersonId, Sequence[FoundNeighbour]]
    why: NotChecked | None
    people: int = 0
    as_of: datetime | None = None


class AreaGallery:
    """One gallery. Matching runs in the biometrics process, files and names are written in threads."""

    def __init__(self, store: KioskStore, folder: Path, work: GalleryWork) -> None:
        self._store = store
        self._folder = folder
        self._work = work
        self._turn = asyncio.Lock()
        self._is_open = False
        #: Own registrations that are filed in the open gallery.
        self._filed: set[SubmissionId] = set()

    @property
    def book(self) -> GalleryBook:
        """As it stands; of a desk that never had one, or whose book is damaged, an empty one that is not kept yet."""
        return self._find_book() or new_book()

    def _find_book(self) -> GalleryBook | None:
        try:
            return self._store.gallery_book.find(_BOOK)
        except RowDamaged:
            return None

    async def search(self, people: Mapping[PersonId, Sequence[bytes]], *, budget_s: float) -> Findings:
        """Who of the area may be one of these people. The time is for all of them; what one spares, the next may use.

        Never raises for what a device or a broken gallery can do: that is a reason not to have checked.
        """
        given = {person: fingers for person, fingers in people.items() if fingers}
        if not given:
            return Findings({}, NotChecked.NO_FINGERS)
        if self.book.lack in HOLDS_NOTHING:
            return Findings({}, self.book.lack)
        async with self._turn:
            try:
                return await self._unbroken(lambda: self._search(given, frozenset(people), budget_s))
            except (DeviceFailed, GalleryBroken) as error:
                _log.warning("the gallery of the area could not be searched: %s", error.code)
                return Findings({}, NotChecked.DEVICE_FAILED)

    async def take_page(self, page: AreaGalleryPage, content: AreaGalleryContent, asked: GalleryBook) -> bool:
        """The page that the registry gave to whoever held that book; on disk when it returns. Again changes nothing.

        False: it was for a gallery that was begun anew meanwhile, and is left aside. Raises DeviceFailed,
        GalleryBroken or StoreFailed: then the cursor stands where it stood, or at the beginning.
        """
        async with self._turn:
            book = self.book
            if book.folder != asked.folder and not page.is_first:
                return False
            if book.cursor and (page.is_first or page.scope != book.scope):
                await self._begin_anew(NotChecked.NO_GALLERY)
            try:
                await self._ensure_open()
                await self._take(page, content)
            except GalleryBroken:
                # What came before this page is lost: with it alone, the gallery would pass for whole.
                await self._begin_anew(NotChecked.NO_GALLERY)
                raise
            return True

    async def give_up(self, lack: NotChecked) -> None:
        """The area's people are forgotten; where a desk may hold nothing, those registered here too."""
        async with self._turn:
            if lack in HOLDS_NOTHING:
                await asyncio.to_thread(self._drop_own, [each for each, _ in self._store.own_registrations.all()])
            is_left = self._store.neighbours.has_any() or (lack in HOLDS_NOTHING and self._folder.exists())
            if is_left or self.book.lack is not lack:
                await self._begin_anew(lack)

    async def drop_decided(self) -> None:
        """Forgets own registrations that the registry has decided: who was registered comes by the feed."""
        async with self._turn:
            await self._drop(lambda own: own.is_decided)

    async def forget_old(self) -> None:
        """Forgets what the registry was silent about for too long, and goes on with a clearing that was cut off."""
        async with self._turn:
            book, before = self.book, self._store.clock.now() - KEPT_FOR
            if book.is_clearing:
                await self._clear()
            if book.scope and book.whole_at is not None and book.whole_at < before:
                await self._begin_anew(NotChecked.TOO_OLD)
            await self._drop(lambda own: own.sent_at < before)

    async def _drop(self, is_over: Callable[[OwnRegistration], bool]) -> None:
        registrations = await asyncio.to_thread(self._store.own_registrations.all)
        over = [own for _, own in registrations if is_over(own)]
        if over:
            await self._unbroken(lambda: self._forget_own(over))

    async def _unbroken(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """The work on an open gallery; on one that does not open, an empty one is begun and it is tried once more."""
        try:
            await self._ensure_open()
            return await work()
        except GalleryBroken:
            _log.warning("the gallery of the area does not open; it is filled anew")
            await self._begin_anew(NotChecked.NO_GALLERY)
            await self._ensure_open()
            return await work()

    async def _ensure_open(self) -> None:
        book = self._find_book()
        if book is None:
            if self._is_open or self._store.neighbours.has_any():
                raise GalleryBroken("the book of the gallery is lost")
            book = new_book()
            await asyncio.to_thread(self._store.gallery_book.save, _BOOK, book)
        if not self._is_open:
            directory = self._folder / book.folder
            await asyncio.to_thread(directory.mkdir, mode=0o700, parents=True, exist_ok=True)
            await self._work.open(str(directory), book.key)
            self._is_open, self._filed = True, set()
        for _, own in await asyncio.to_thread(self._store.own_registrations.all):
            if own.submission_id not in self._filed:
                await self._work.put({each.who.person_id: each.fingers for each in own.people if each.fingers})
                self._filed.add(own.submission_id)

    async def _search(
        self, given: Mapping[PersonId, Sequence[bytes]], household: Collection[PersonId], budget_s: float
    ) -> Findings:
        book, until = self.book, time.monotonic() + budget_s
        found: dict[PersonId, Sequence[FoundNeighbour]] = {}
        why, people = book.lack, 0
        for person, fingers in given.items():
            try:
                answer = await self._work.search(fingers, budget_s=max(0.0, until - time.monotonic()))
            except DeviceFailed:
                # Whoever was found for the others is still to be looked at.
                why = NotChecked.DEVICE_FAILED
                continue
            people = answer.people
            if not answer.is_complete:
                why = why or NotChecked.TIME_OVER
            alike = [find for find in answer.finds if _is_enough(find) and find.subject not in household]
            try:
                known = await asyncio.to_thread(self._name, alike)
            except RowDamaged as error:
                raise GalleryBroken("the people of the gallery cannot be named") from error
            if known:
                found[person] = known
        return Findings(found, why, people, book.whole_at)

    def _name(self, finds: Sequence[GalleryFind]) -> list[FoundNeighbour]:
        """With names, in the order of likeness. Somebody who has just been forgotten is nobody's double any more."""
        own = {
            each.who.person_id: FoundNeighbour(each.who, 0, registration.submission_id, each.portrait)
            for _, registration in (self._store.own_registrations.all() if finds else ())
            for each in registration.people
        }
        named: list[FoundNeighbour] = []
        for find in finds:
            mine = own.get(PersonId(find.subject))
            neighbour = self._store.neighbours.find(find.subject)
            if neighbour is not None:
                named.append(FoundNeighbour(neighbour, find.matching, None, None if mine is None else mine.portrait))
            elif mine is not None:
                named.append(FoundNeighbour(mine.who, find.matching, mine.submission_id, mine.portrait))
        return named

    async def _take(self, page: AreaGalleryPage, content: AreaGalleryContent) -> None:
        """Names first, the cursor last: cut anywhere, the page comes again and nobody is without a name."""
        await asyncio.to_thread(self._keep_names, content)
        if content.people:
            await self._work.put({person.person_id: person.fingers for person in content.people})
        if content.gone:
            await self._work.remove(content.gone)
        await asyncio.to_thread(self._close_page, page, content)

    def _keep_names(self, content: AreaGalleryContent) -> None:
        with self._store.database.transaction():
            for person in content.people:
                self._store.neighbours.put(person.person_id, neighbour_of(person))

    def _close_page(self, page: AreaGalleryPage, content: AreaGalleryContent) -> None:
        now = self._store.clock.now()
        with self._store.database.transaction():
            for gone in content.gone:
                self._store.neighbours.drop(gone)
            book = self.book
            is_whole = page.is_last
            news = {
                "scope": page.scope,
                "cursor": page.cursor,
                "people": page.people,
                "whole_at": now if is_whole else book.whole_at,
                "lack": None if is_whole else book.lack,
            }
            self._store.gallery_book.put(_BOOK, book.model_copy(update=news))

    async def _begin_anew(self, lack: NotChecked) -> None:
        """Another key and another directory: what was there is noise before its files are gone."""
        book = new_book(lack).model_copy(update={"is_clearing": True})
        await asyncio.to_thread(self._store.gallery_book.save, _BOOK, book)
        await self._clear()

    async def _clear(self) -> None:
        if self._is_open:
            self._is_open = False
            await self._work.close()
        await asyncio.to_thread(self._store.database.empty_log)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        while await asyncio.to_thread(self._clear_some):
            pass
        book = self.book.model_copy(update={"is_clearing": False})
        await asyncio.to_thread(self._store.gallery_book.save, _BOOK, book)

    def _clear_some(self) -> int:
        with self._store.database.transaction():
            return self._store.neighbours.drop_some(_CLEARED_AT_ONCE)

    async def _forget_own(self, over: Sequence[OwnRegistration]) -> None:
        """In the gallery first: a document that is left brings a person back, one that is lost leaves them for ever."""
        own = [each.who.person_id for registration in over for each in registration.people]
        gone = [person for person in own if self._store.neighbours.find(person) is None]
        if gone:
            await self._work.remove(gone)
        await asyncio.to_thread(self._drop_own, [each.submission_id for each in over])

    def _drop_own(self, submissions: Sequence[str]) -> None:
        with self._store.database.transaction():
            for submission in submissions:
                self._store.own_registrations.drop(submission)


def _is_enough(find: GalleryFind) -> bool:
    """Whether a family shall be held up for it."""
    return find.matching >= _ENOUGH_FINGERS or find.best_rate <= _ONE_FINGER_RATE
