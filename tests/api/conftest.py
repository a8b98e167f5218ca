"""A registry on each database, and kiosks that have joined it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from central_api.app import create_app, open_registry
from central_api.context import Registry
from central_api.database import Database
from central_api.kiosks.service import put_code
from central_api.migrate import migrate
from central_api.places.repository import put_areas
from central_api.programmes.catalogue_files import load_catalogue
from central_api.programmes.repository import put_programme
from central_api.sample.areas import load_areas
from central_api.settings import Settings
from tests.api.client import BASE_URL, AsgiBridge, TestKiosk
from tests.api.fakes import Clock, ExactFingers, SoftwareTrust
from tests.api.postgres_server import PostgresServer, find_binaries, run_postgres

AREA = "UT-01-01-02-003"
OTHER_AREA = "UT-01-02-01-001"
NewKiosk = Callable[..., TestKiosk]


def prepare(url: str) -> None:
    """What every test's database begins as: tables, places and programmes."""
    database = Database(url)
    migrate(database)
    with database.begin() as connection:
        put_areas(connection, load_areas())
        for programme in load_catalogue():
            put_programme(connection, programme)
    database.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with run_postgres(binaries) as server:
        prepare(server.url)
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("sqlite") / "registry.sqlite"
    prepare(f"sqlite:///{file}")
    return file.read_bytes()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        file = tmp_path / "registry.sqlite"
        file.write_bytes(request.getfixturevalue("migrated_sqlite"))
        return f"sqlite:///{file}"
    server: PostgresServer = request.getfixturevalue("postgres")
    server.empty()
    return server.url


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def registry(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Registry]:
    settings = Settings(home=tmp_path / "home", database_url=database_url)
    registry = open_registry(settings, SoftwareTrust(), ExactFingers(), clock)
    yield registry
    registry.database.close()


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def client(registry: Registry, portal: BlockingPortal) -> Iterator[httpx.Client]:
    with httpx.Client(transport=AsgiBridge(create_app(registry), portal), base_url=BASE_URL) as client:
        yield client


@pytest.fixture
def new_kiosk(registry: Registry, client: httpx.Client, clock: Clock) -> NewKiosk:
    """Makes kiosks that have joined."""

    def make(area: str = AREA) -> TestKiosk:
        kiosk = TestKiosk(client, clock)
        code = f"C{id(kiosk):X}"
        with registry.begin() as transaction:
            put_code(transaction, code, "test", clock() + timedelta(days=1))
        kiosk.join(code, area)
        return kiosk

    return make


@pytest.fixture
def kiosk(new_kiosk: NewKiosk) -> TestKiosk:
    return new_kiosk()
