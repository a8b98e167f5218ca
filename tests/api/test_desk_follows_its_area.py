"""A desk keeps the fingers of its area: real registry, real store, real index in the real biometrics process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import delete

from biometrics.index.packed_template import pack
from biometrics.iso19794 import decode_record
from central_api.app import create_app
from central_api.area_gallery import service
from central_api.context import Registry
from central_api.kiosks.service import retire_kiosk
from central_api.tables.people import templates
from domain.ids import AreaCode, PersonId
from domain.messages.local_check import NotChecked
from domain.people import Household, Member, Relationship, Sex
from kiosk.area_gallery import AreaGallery, Findings
from kiosk.devices.failure import DeviceName
from kiosk.devices.remote_gallery import RemoteGallery
from kiosk.devices.worker import Worker, WorkerPlan
from kiosk.gallery_following import GalleryFollowing
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.gallery_book import Neighbour, OwnPerson, OwnRegistration
from kiosk.store.identity import KioskIdentity, NewKeys
from kiosk.store.kiosk_store import KioskStore, keep_identity, open_database
from kiosk.store.meta import Meta
from kiosk.sync import Sync
from tests.api.client import BASE_URL, TestKiosk
from tests.api.conftest import AREA
from tests.api.people import make_family, make_finger, make_person
from tests.api.registered import send_submission

ME = PersonId("somebody at the desk")


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    plan = WorkerPlan(DeviceName.BIOMETRICS, "kiosk.devices.servants.biometrics_servant:make", {})
    worker = Worker(plan)
    worker.start()
    yield worker
    worker.close()


@dataclass
class Desk:
    home: Path
    store: KioskStore
    gallery: AreaGallery
    following: GalleryFollowing
    sync: Sync

    async def look(self, *seeds: int) -> Findings:
        fingers = [make_finger(seed).template for seed in seeds]
        return await self.gallery.search({ME: fingers}, budget_s=30.0)

    async def who(self, *seeds: int) -> list[PersonId]:
        return [each.who.person_id for each in (await self.look(*seeds)).found.get(ME, [])]


@asynccontextmanager
async def desk_of(kiosk: TestKiosk, registry: Registry, home: Path, worker: Worker):  # type: ignore[no-untyped-def]
    """The kiosk's own core for that desk; the same home again is the kiosk started anew."""
    database = open_database(home)
    terminal = kiosk.terminal_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    identity = KioskIdentity(
        kiosk_id=kiosk.id,
        name="Help desk",
        area=AreaCode(AREA),
        registry_url=BASE_URL,
        keys=NewKeys(signing_key=kiosk.key.private_bytes_raw(), terminal_key=terminal),
        terminal_chain=(),
        registry_key=kiosk.registry_key,
    )
    keep_identity(Meta(database), database, identity)
    store = KioskStore(database, time_source=kiosk.now)
    signer = RequestSigner(kiosk.id, kiosk.key, kiosk.now)
    client = RegistryClient(BASE_URL, signer, transport=httpx.ASGITransport(create_app(registry)))
    remote = RemoteGallery(worker)
    gallery = AreaGallery(store, home / "area-gallery", remote)
    sync = Sync(store, client, store.identity.registry_public_key)
    try:
        yield Desk(home, store, gallery, GalleryFollowing(store, client, gallery), sync)
    finally:
        await remote.close()
        await client.close()
        store.close()


def play(
    kiosk: TestKiosk, registry: Registry, home: Path, worker: Worker, story: Callable[[Desk], Awaitable[None]]
) -> None:
    async def run() -> None:
        async with desk_of(kiosk, registry, home, worker) as desk:
            await story(desk)

    asyncio.run(run())


NAMES = ("Asha Devi", "Bilal Khan", "Chetan Rao", "Deepa Nair", "Esther Paul", "Gopal Das", "Hema Malik", "Ila Sen")


def enrol(kiosk: TestKiosk, *seeds: int) -> list[PersonId]:
    """One household in which each person gives one finger."""
    people = [
        make_person(NAMES[seed % 8], f"व्यक्ति {seed}", sex=Sex.FEMALE, born=date(1900 + seed, 3, 4)) for seed in seeds
    ]
    members = tuple(
        Member(person=person, relationship=Relationship.NOT_RELATED if at else Relationship.HEAD)
        for at, person in enumerate(people)
    )
    household: Household = make_family(AREA).model_copy(update={"members": members})
    send_submission(kiosk, household, {p.id: [make_finger(s)] for p, s in zip(people, seeds, strict=True)})
    return [person.id for person in people]


def erase(registry: Registry, *people: PersonId) -> None:
    with registry.database.begin() as connection:
        connection.execute(delete(templates).where(templates.c.person_id.in_(people)))


def test_a_desk_follows_finds_and_forgets(
    kiosk: TestKiosk, registry: Registry, tmp_path: Path, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PEOPLE_A_PAGE", 2)
    asha, bilal, chetan = enrol(kiosk, 8, 17, 26)

    async def story(desk: Desk) -> None:
        before = await desk.look(8)
        assert (before.found, before.why) == ({}, NotChecked.NO_GALLERY)
        assert await desk.following.follow_now()
        found = await desk.look(8, 99)
        (somebody,) = found.found[ME]
        assert (somebody.who.person_id, somebody.who.name.latin, somebody.matching) == (asha, "Asha Devi", 1)
        assert (found.why, found.people) == (None, 3)
        assert await desk.who(99) == []
        erase(registry, bilal)
        assert await desk.following.follow_now()
        assert (await desk.who(17), await desk.who(26)) == ([], [chetan])
        assert desk.store.neighbours.find(bilal) is None

    play(kiosk, registry, tmp_path, worker, story)

    async def after_a_restart(desk: Desk) -> None:
        assert await desk.who(8) == [asha]
        assert (await desk.look(8)).people == 2

    play(kiosk, registry, tmp_path, worker, after_a_restart)


def _plain_forms(seed: int) -> list[bytes]:
    """A finger as it must lie nowhere: the record, its minutiae, and the rows in which the index keeps them."""
    record = make_finger(seed).template
    (template,) = decode_record(record)
    rows = pack(template).rows
    return [record[:40], record[28 : 28 + 24], record[-30:], rows[:8].tobytes(), rows[10:18].astype(">u2").tobytes()]


def test_no_finger_and_no_name_lies_in_plain_on_the_desks_disk(
    kiosk: TestKiosk, registry: Registry, tmp_path: Path, worker: Worker
) -> None:
    enrol(kiosk, 8, 17)
    home = tmp_path / "desk"

    async def story(desk: Desk) -> None:
        await desk.following.follow_now()
        keep_own(desk, "s-1", 35)
        assert len(await desk.who(8)) == 1
        assert len(await desk.who(35)) == 1

    play(kiosk, registry, home, worker, story)
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any("area-gallery" in str(file) and file.stat().st_size > 1_000 for file in files)

    def found() -> list[str]:
        hidden = [form for seed in (8, 17, 35) for form in _plain_forms(seed)] + [b"Asha", b"Bilal"]
        return [file.name for file in home.rglob("*") if file.is_file() and any(h in file.read_bytes() for h in hidden)]

    assert found() == []
    (home / "planted").write_bytes(b"x" * 100 + _plain_forms(17)[3])
    assert found() == ["planted"], "the harness must find what is there"


def test_a_gallery_that_was_altered_is_filled_anew(
    kiosk: TestKiosk, registry: Registry, tmp_path: Path, worker: Worker
) -> None:
    (asha,) = enrol(kiosk, 8)

    async def fill(desk: Desk) -> None:
        await desk.following.follow_now()
        keep_own(desk, "s-1", 35)
        assert await desk.who(35) == [PersonId("own 35")]

    play(kiosk, registry, tmp_path, worker, fill)
    segment = max((tmp_path / "area-gallery").rglob("*"), key=lambda file: file.stat().st_size if file.is_file() else 0)
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)

    async def go_on(desk: Desk) -> None:
        broken = await desk.look(8)
        assert (broken.found, broken.why) == ({}, NotChecked.NO_GALLERY), "never taken for an empty area"
        assert await desk.who(35) == [PersonId("own 35")], "what was registered here is in it again at once"
        assert await desk.following.follow_now()
        assert await desk.who(8) == [asha]

    play(kiosk, registry, tmp_path, worker, go_on)


def test_a_biometrics_process_that_was_killed_opens_the_gallery_again(
    kiosk: TestKiosk, registry: Registry, tmp_path: Path, worker: Worker
) -> None:
    (asha,) = enrol(kiosk, 8)

    async def story(desk: Desk) -> None:
        await desk.following.follow_now()
        assert await desk.who(8) == [asha]
        process = cast("subprocess.Popen[bytes]", worker._process)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert await desk.who(8) == [asha]

    play(kiosk, registry, tmp_path, worker, story)


def test_a_desk_out_of_service_holds_nobody_any_more(
    kiosk: TestKiosk, registry: Registry, tmp_path: Path, worker: Worker
) -> None:
    enrol(kiosk, 8)

    async def story(desk: Desk) -> None:
        await desk.following.follow_now()
        keep_own(desk, "s-1", 35)
        key, folder = desk.gallery.book.key, desk.home / "area-gallery"
        assert len(await desk.who(35)) == 1
        with registry.begin() as transaction:
            retire_kiosk(transaction, kiosk.id)
        await desk.following.follow_now()
        assert desk.following.problem == "kiosk.retired"
        assert not folder.exists()
        assert desk.gallery.book.key != key
        assert desk.store.neighbours.all() == []
        assert desk.store.own_registrations.all() == []
        assert (await desk.look(8)).why is NotChecked.RETIRED
        assert not folder.exists()

    play(kiosk, registry, tmp_path, worker, story)


def test_a_registration_of_the_desk_leaves_when_the_registry_has_decided_it(
    kiosk: TestKiosk, registry: Registry, tmp_path: Path, worker: Worker
) -> None:
    async def story(desk: Desk) -> None:
        await desk.following.follow_now()
        family = make_family(AREA)
        mother = family.head.person.id
        submission = await asyncio.to_thread(send_submission, kiosk, family, {mother: [make_finger(8)]})
        keep_own(desk, submission.submission_id, 8, mother)
        keep_own(desk, "another one", 35)
        told: list[bool] = []
        desk.sync.on_decided(lambda: told.append(True))
        assert await desk.who(8) == [mother]
        await desk.sync._pull_all()
        assert told == [True]
        assert await desk.following.follow_now()
        assert [name for name, _ in desk.store.own_registrations.all()] == ["another one"]
        (somebody,) = (await desk.look(8)).found[ME]
        assert (somebody.who.person_id, somebody.submission_id) == (mother, None), "she came by the feed"
        assert await desk.who(35) == [PersonId("own 35")]

    play(kiosk, registry, tmp_path, worker, story)


def keep_own(desk: Desk, submission_id: str, seed: int, person_id: str | None = None) -> None:
    """As the flow keeps a registration that it sends."""
    who = Neighbour.model_validate(
        {
            "person_id": person_id or f"own {seed}",
            "household_id": "h",
            "name": {"latin": "Own", "local": "अपना"},
            "sex": "F",
            "birth_year": 1990,
            "area": AREA,
        }
    )
    person = OwnPerson(who=who, fingers=(make_finger(seed).template,))
    own = OwnRegistration.model_validate(
        {"submission_id": submission_id, "sent_at": desk.store.clock.now(), "people": (person,)}
    )
    desk.store.own_registrations.save(submission_id, own)
