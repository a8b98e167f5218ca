"""What a desk does with pages of its area that are wrong, late, someone else's, or of another area."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from domain.ids import AreaCode, HouseholdId, PersonId
from domain.messages.area_gallery import (
    AreaGalleryContent,
    AreaGalleryPage,
    AreaGalleryRequest,
    AreaPerson,
    sealing_info,
)
from domain.messages.local_check import NotChecked
from domain.messages.sync import ErrorBody
from domain.people import PersonName, Sex
from kiosk.area_gallery import AreaGallery
from kiosk.gallery_following import GalleryFollowing
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.gallery_book import neighbour_of, new_book
from kiosk.store.kiosk_store import KioskStore
from tests.flows.fake_gallery import FakeGallery
from tests.unit.kiosk_core.kiosk_home import A_DAY, open_kiosk

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def person(number: int) -> AreaPerson:
    return AreaPerson(
        person_id=PersonId(f"P-{number}"),
        household_id=HouseholdId(f"H-{number}"),
        name=PersonName(latin=f"Name {number}", local=f"नाम {number}"),
        sex=Sex.FEMALE,
        birth_year=1980,
        area=AreaCode("IN"),
        fingers=(f"finger {number}".encode(),),
    )


@dataclass
class Pages:
    """A registry that has pages; ``spoil`` may change each, ``refusal`` answers instead."""

    pages: list[AreaGalleryContent]
    scope: str = "area"
    kiosk_id: str = "K-TEST-1"
    spoil: Callable[[AreaGalleryPage], AreaGalleryPage] = lambda page: page
    refusal: str | None = None
    asked: list[AreaGalleryRequest] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        asked = AreaGalleryRequest.model_validate_json(request.content)
        self.asked.append(asked)
        if self.refusal is not None:
            body = ErrorBody(title="no", status=403, code=self.refusal)
            return httpx.Response(403, content=body.model_dump_json(), request=request)
        is_first = asked.scope != self.scope or not asked.after
        after = 0 if is_first else asked.after
        content = self.pages[after] if after < len(self.pages) else AreaGalleryContent(people=(), gone=())
        cursor = min(after + 1, len(self.pages))
        info = sealing_info(self.kiosk_id, scope=self.scope, cursor=cursor)
        key = X25519PublicKey.from_public_bytes(asked.reply_key)
        page = AreaGalleryPage(
            scope=self.scope,
            is_first=is_first,
            cursor=cursor,
            is_last=cursor == len(self.pages),
            people=2,
            sealed=SUITE.encrypt(content.model_dump_json().encode(), key, info),
        )
        return httpx.Response(200, content=self.spoil(page).model_dump_json(), request=request)


@dataclass
class Follower:
    store: KioskStore
    gallery: AreaGallery
    fake: FakeGallery
    registry: Pages
    problem: str | None = None

    async def follow(self) -> bool:
        signer = RequestSigner(self.store.kiosk_id, self.store.identity.keys.signer, lambda: A_DAY)
        transport = httpx.MockTransport(self.registry.answer)
        client = RegistryClient("http://registry.invalid", signer, transport=transport)
        following = GalleryFollowing(self.store, client, self.gallery)
        try:
            return await following.follow_now()
        finally:
            self.problem = following.problem
            await client.close()


def two_pages() -> Pages:
    return Pages([AreaGalleryContent(people=(person(number),), gone=()) for number in (1, 2)])


def follower(home: Path, registry: Pages) -> Follower:
    store, fake = open_kiosk(home, time_source=lambda: A_DAY), FakeGallery()
    return Follower(store, AreaGallery(store, home / "area-gallery", fake), fake, registry)


def names(desk: Follower) -> list[str]:
    return [name for name, _ in desk.store.neighbours.all()]


def test_pages_are_followed_to_the_end_each_with_a_key_of_its_own(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        assert await desk.follow()
        assert sorted(desk.fake.held) == names(desk) == ["P-1", "P-2"]
        assert (desk.gallery.book.lack, desk.gallery.book.whole_at) == (None, A_DAY)
        assert [asked.after for asked in desk.registry.asked] == [0, 1]
        assert len({asked.reply_key for asked in desk.registry.asked}) == 2

    asyncio.run(run())


def test_half_a_gallery_is_none_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())

        def lose_second(page: AreaGalleryPage) -> AreaGalleryPage:
            return page.model_copy(update={"sealed": page.sealed[:-1]}) if page.cursor == 2 else page

        desk.registry.spoil = lose_second
        assert not await desk.follow()
        assert (desk.problem, names(desk)) == ("registry.out_of_order", ["P-1"])
        assert desk.gallery.book.lack is NotChecked.NO_GALLERY
        findings = await desk.gallery.search({PersonId("me"): [b"finger 2"]}, budget_s=1.0)
        assert (findings.found, findings.why) == ({}, NotChecked.NO_GALLERY)
        desk.registry.spoil = lambda page: page
        assert await desk.follow()
        assert [asked.after for asked in desk.registry.asked] == [0, 1, 1]
        findings = await desk.gallery.search({PersonId("me"): [b"finger 2"]}, budget_s=1.0)
        assert (list(findings.found), findings.why) == (["me"], None)

    asyncio.run(run())


def test_a_page_for_another_desk_or_of_another_number_is_believed_by_none(tmp_path: Path) -> None:
    async def run() -> None:
        other = two_pages()
        other.kiosk_id = "K-OTHER"
        renumbered = two_pages()
        renumbered.spoil = lambda page: page.model_copy(update={"cursor": 9})
        for number, registry in enumerate((other, renumbered)):
            desk = follower(tmp_path / str(number), registry)
            assert not await desk.follow()
            assert (desk.problem, names(desk), desk.gallery.book.cursor) == ("registry.out_of_order", [], 0)

    asyncio.run(run())


def test_a_registry_that_never_comes_to_an_end_is_not_asked_for_ever(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        desk.registry.spoil = lambda page: page.model_copy(update={"is_last": False})
        assert not await asyncio.wait_for(desk.follow(), 20)
        assert desk.problem == "registry.out_of_order"

    asyncio.run(run())


def test_another_area_begins_anew_and_nobody_of_the_old_one_stays(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        await desk.follow()
        key = desk.gallery.book.key
        desk.registry.scope, desk.registry.pages = "other", [AreaGalleryContent(people=(person(7),), gone=())]
        assert await desk.follow()
        assert sorted(desk.fake.held) == names(desk) == ["P-7"]
        assert desk.gallery.book.key != key

    asyncio.run(run())


def test_a_refusal_that_says_nothing_of_the_gallery_costs_nobody(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        await desk.follow()
        desk.registry.refusal = "err.request.unauthorized"
        assert not await desk.follow()
        assert names(desk) == ["P-1", "P-2"]
        for code, lack in (
            ("area_gallery.too_large", NotChecked.TOO_LARGE),
            ("area_gallery.not_allowed", NotChecked.NOT_ALLOWED),
            ("kiosk.retired", NotChecked.RETIRED),
        ):
            desk.registry.refusal = code
            assert await desk.follow()
            assert (names(desk), desk.fake.held, desk.gallery.book.lack) == ([], {}, lack)
        desk.registry.refusal = None
        assert await desk.follow()
        assert names(desk) == ["P-1", "P-2"]

    asyncio.run(run())


def test_a_clearing_that_was_cut_off_is_finished_the_next_time(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        await desk.follow()
        cut = desk.gallery.book.model_copy(update={"is_clearing": True, "scope": "", "cursor": 0})
        desk.store.gallery_book.save("current", cut)
        await desk.gallery.forget_old()
        assert (names(desk), desk.gallery.book.is_clearing) == ([], False)

    asyncio.run(run())


def test_a_gallery_that_breaks_between_two_pages_is_never_taken_for_whole(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())

        def break_at_second(page: AreaGalleryPage) -> AreaGalleryPage:
            desk.fake.is_broken = page.cursor == 2 and not page.is_first
            return page

        desk.registry.spoil = break_at_second
        assert not await desk.follow()
        assert (desk.problem, desk.gallery.book.cursor, names(desk)) == ("gallery.broken", 0, [])
        assert desk.gallery.book.lack is NotChecked.NO_GALLERY
        desk.registry.spoil = lambda page: page
        assert await desk.follow()
        assert sorted(desk.fake.held) == names(desk) == ["P-1", "P-2"]

    asyncio.run(run())


def test_a_page_asked_for_by_a_gallery_that_is_gone_is_left_aside(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        lost: list[bool] = []

        def begin_anew(page: AreaGalleryPage) -> AreaGalleryPage:
            if page.cursor == 2 and not lost:
                lost.append(True)
                desk.store.gallery_book.save("current", new_book())
            return page

        desk.registry.spoil = begin_anew
        assert await desk.follow()
        assert sorted(desk.fake.held) == names(desk) == ["P-1", "P-2"]
        assert [asked.after for asked in desk.registry.asked] == [0, 1, 0, 1]

    asyncio.run(run())


def test_a_refusal_forgets_also_what_was_filed_of_a_page_that_was_cut_off(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        desk.registry.refusal = "area_gallery.too_large"
        assert await desk.follow()
        with desk.store.database.transaction():
            desk.store.neighbours.put("P-1", neighbour_of(person(1)))
        await desk.gallery.search({PersonId("me"): [b"finger 1"]}, budget_s=1.0)
        await desk.fake.put({"P-1": [b"finger 1"]})
        assert await desk.follow()
        assert (names(desk), desk.fake.held) == ([], {})

    asyncio.run(run())


def test_a_damaged_book_or_name_is_a_broken_gallery_and_stops_nobody(tmp_path: Path) -> None:
    async def run() -> None:
        desk = follower(tmp_path, two_pages())
        for kind in ("neighbour", "gallery_book"):
            await desk.follow()
            await desk.follow()
            with desk.store.database.transaction():
                desk.store.database.run("UPDATE documents SET sealed = zeroblob(60) WHERE kind = ?", (kind,))
            findings = await desk.gallery.search({PersonId("me"): [b"finger 1"]}, budget_s=1.0)
            assert (findings.found, findings.why) == ({}, NotChecked.NO_GALLERY)
        assert await desk.follow()
        findings = await desk.gallery.search({PersonId("me"): [b"finger 1"]}, budget_s=1.0)
        assert (list(findings.found), findings.why) == (["me"], None)

    asyncio.run(run())
