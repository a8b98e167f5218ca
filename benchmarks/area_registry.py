"""An invented area in a real registry, and a desk that has joined it: for the benchmark of a desk's own check."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import insert

from benchmarks.identification_probes import Material, ProbePerson
from benchmarks.mosaics import mosaic_people, points_of
from biometrics.index.packed_template import unpack
from biometrics.iso19794 import encode_record
from biometrics.template import Template
from central_api.app import open_registry
from central_api.context import Registry
from central_api.duplicates.gallery_search import GallerySearch
from central_api.households.biometrics_repository import SealedFinger, add_finger
from central_api.keys_cli import open_or_create_authority
from central_api.kiosks.service import give_code
from central_api.places.repository import put_areas
from central_api.settings import read_settings
from central_api.tables.people import consents, households, memberships, persons
from central_api.vault import template_place
from domain.areas import Area, AreaLevel
from domain.consent import TOLD_OF_DESKS, ConsentPurpose
from domain.fingers import ENROLMENT_ORDER
from domain.ids import AreaCode, PersonId
from kiosk.joining import join
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.kiosk_store import KioskStore, open_database

AREA = AreaCode("AREA")
_CROWD_SEED = 1
_START_S, _LOOK_S = 60.0, 0.05


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody of the area with the fingers enrolled."""

    person_id: PersonId
    fingers: tuple[Template, ...]


def registered_crowd(material: Material, people: int, fingers: int, known: Sequence[ProbePerson]) -> Iterator[Resident]:
    """The crowd, and among it the known, under their owners' names."""
    for person in known:
        yield Resident(PersonId(person.owner), person.fingers[:fingers])
    prints = [points_of(template) for template in material.crowd]
    for each in mosaic_people(prints, people - len(known), fingers, _CROWD_SEED):
        yield Resident(PersonId(each.subject), tuple(map(unpack, each.fingers)))


def _consent(name: str) -> dict[str, object]:
    record = {"text_version": min(TOLD_OF_DESKS)}
    return {"submission_id": name, "person_id": name, "purpose": ConsentPurpose.BIOMETRICS, "record": record}


class SampleRegistry:
    """A registry on SQLite with one area: filled here, then served by a process of its own."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True)
        self._home = home
        settings = read_settings(home, {})
        authority = open_or_create_authority(settings.keys_directory, today=datetime.now(UTC).date())
        self._registry: Registry = open_registry(settings, authority, GallerySearch())
        self._process: subprocess.Popen[bytes] | None = None
        with self._registry.database.begin() as connection:
            put_areas(connection, [Area(code=AREA, level=AreaLevel.VILLAGE, parent=None, names={"en": "Area"})])

    def enrol(self, crowd: Iterator[Resident]) -> None:
        """Everybody in a household of their own."""
        now = datetime.now(UTC)
        with self._registry.database.begin() as connection:
            for resident in crowd:
                name = str(resident.person_id)
                household = {
                    "id": name,
                    "area": AREA,
                    "address_line": "",
                    "facts": {},
                    "papers": [],
                    "registered_at": now,
                }
                person = {
                    "id": name,
                    "name_latin": name,
                    "name_local": name,
                    "name_script": "Latn",
                    "sex": "F",
                    "born_on": date(1990, 1, 1),
                    "born_precision": "year",
                    "facts": {},
                    "papers": [],
                    "name_key": name,
                    "birth_year": 1990,
                }
                member = {
                    "household_id": name,
                    "person_id": name,
                    "relationship": "head",
                    "position": 0,
                    "joined_at": now,
                }
                connection.execute(insert(households).values(household))
                connection.execute(insert(persons).values(person))
                connection.execute(insert(memberships).values(member))
                connection.execute(insert(consents).values(_consent(name)))
                for rank, finger in enumerate(resident.fingers, start=1):
                    position = ENROLMENT_ORDER[rank - 1]
                    place = template_place(resident.person_id, position)
                    sealed = self._registry.vault.seal(encode_record([finger]), place)
                    add_finger(connection, SealedFinger(resident.person_id, position, 60, rank, sealed))

    async def join(self, home: Path) -> tuple[KioskStore, RegistryClient]:
        """A desk of the area that has joined over HTTP, with its store and its way to the registry."""
        with self._registry.begin() as transaction:
            code = give_code(transaction, "bench")
        url = await self._serve()
        await join(home, url, code, "Bench", AREA)
        store = KioskStore(open_database(home))
        signer = RequestSigner(store.kiosk_id, store.identity.keys.signer, store.clock.system_now)
        return store, RegistryClient(url, signer)

    async def _serve(self) -> str:
        command = [sys.executable, "-m", "central_api", "serve", "--home", str(self._home), "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        ready = self._home / "registry.json"
        for _ in range(int(_START_S / _LOOK_S)):
            if ready.exists():
                return str(json.loads(ready.read_text())["url"])
            await asyncio.sleep(_LOOK_S)
        raise TimeoutError("the registry did not start")

    def __enter__(self) -> SampleRegistry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._registry.database.close()
