"""An invented area in a real registry, and a desk that has joined it: for the benchmark of a desk's own check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert

from benchmarks.identification_probes import Material, ProbePerson
from benchmarks.mosaics import mosaic_people, points_of
from biometrics.index.packed_template import unpack
from biometrics.iso19794 import encode_record
from biometrics.template import Template
from card_service.trust import TrustAnchors
from central_api.app import create_app, open_registry
from central_api.context import Registry
from central_api.duplicates.gallery_search import GallerySearch
from central_api.households.biometrics_repository import SealedFinger, add_finger
from central_api.kiosks.service import put_code, register_kiosk
from central_api.places.repository import put_areas
from central_api.settings import read_settings
from central_api.tables.people import consents, households, memberships, persons
from central_api.vault import template_place
from domain.areas import Area, AreaLevel
from domain.consent import TOLD_OF_DESKS, ConsentPurpose
from domain.fingers import ENROLMENT_ORDER
from domain.ids import AreaCode, PersonId
from domain.messages.kiosks import KioskRegistration
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.identity import KioskIdentity
from kiosk.store.kiosk_store import KioskStore, keep_identity, keys_for_joining, open_database
from kiosk.store.meta import Meta

AREA = AreaCode("AREA")
_CROWD_SEED = 1
_URL = "http://registry.bench"


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


class _NoCards:
    """The trust of a registry that makes no cards here."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()

    @property
    def receipt_key(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign_receipt(self, message: bytes) -> bytes:
        return self._key.sign(message)

    @property
    def anchors(self) -> TrustAnchors:
        return TrustAnchors((b"root",), frozenset(), 1, (b"entitlements",), (b"cvca",))

    def terminal_chain(self, reference: str, terminal_point: bytes, *, on: date) -> tuple[bytes, ...]:
        return b"DV", f"{reference} {on}".encode() + terminal_point


def _consent(name: str) -> dict[str, object]:
    record = {"text_version": min(TOLD_OF_DESKS)}
    return {"submission_id": name, "person_id": name, "purpose": ConsentPurpose.BIOMETRICS, "record": record}


class SampleRegistry:
    """A registry on SQLite with one area."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True)
        self._registry: Registry = open_registry(read_settings(home, {}), _NoCards(), GallerySearch())  # type: ignore[arg-type]
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

    def join(self, home: Path) -> tuple[KioskStore, RegistryClient]:
        """A desk of the area, with its store and its way to the registry."""
        database = open_database(home)
        meta = Meta(database)
        keys = keys_for_joining(meta, database)
        registration = KioskRegistration(
            one_time_code="BENCH",
            kiosk_name="Bench",
            area=AREA,
            signing_key=keys.signing_public_key,
            terminal_key=keys.terminal_point,
        )
        with self._registry.begin() as transaction:
            put_code(transaction, "BENCH", "bench", datetime(2999, 1, 1, tzinfo=UTC))
            answer = register_kiosk(transaction, registration, self._registry)
        identity = KioskIdentity(
            kiosk_id=answer.kiosk_id,
            name="Bench",
            area=AREA,
            registry_url=_URL,
            keys=keys,
            terminal_chain=answer.terminal_chain,
            registry_key=answer.registry_key,
        )
        keep_identity(meta, database, identity)
        signer = RequestSigner(answer.kiosk_id, keys.signer, lambda: datetime.now(UTC))
        transport = httpx.ASGITransport(create_app(self._registry))
        return KioskStore(database), RegistryClient(_URL, signer, transport=transport)

    def __enter__(self) -> SampleRegistry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._registry.database.close()
