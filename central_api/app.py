"""The registry as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi import FastAPI, Request, Response

from central_api.area_gallery.endpoints import router as area_gallery_router
from central_api.audit.endpoints import router as audit_router
from central_api.cards.endpoints import router as cards_router
from central_api.console.endpoints import router as console_router
from central_api.context import Registry, RegistryPart, utc_now
from central_api.database import Database
from central_api.enrolments.endpoints import router as enrolments_router
from central_api.errors import NO_STORE, install_error_handlers
from central_api.finger_outcomes.endpoints import router as finger_outcomes_router
from central_api.finger_search import FingerSearch
from central_api.fingers.endpoints import router as fingers_router
from central_api.households.endpoints import router as households_router
from central_api.issuing.endpoints import router as issuing_router
from central_api.journal.audit_chain import create_streams
from central_api.journal.feed import create_feed
from central_api.kiosks.endpoints import router as kiosks_router
from central_api.migrate import migrate
from central_api.openapi import install_openapi
from central_api.organisations.endpoints import router as organisations_router
from central_api.programmes.endpoints import router as programmes_router
from central_api.revocations.endpoints import router as revocations_router
from central_api.settings import Settings
from central_api.sync.endpoints import router as sync_router
from central_api.trust import Trust
from central_api.vault import Vault, load_secret
from domain.messages.routes import HEALTH

TITLE = "Single Window registry"
#: The first key of the vault; rotation adds files with higher numbers.
_VAULT_KEY_ID = "1"
ROUTERS = (
    kiosks_router,
    sync_router,
    enrolments_router,
    households_router,
    area_gallery_router,
    programmes_router,
    cards_router,
    revocations_router,
    issuing_router,
    organisations_router,
    fingers_router,
    finger_outcomes_router,
    audit_router,
    console_router,
)


def open_registry(
    settings: Settings, trust: Trust, fingers: FingerSearch, now: Callable[[], datetime] = utc_now
) -> Registry:
    """The registry's parts, with the database migrated and the secrets of ``home/keys`` loaded or made."""
    keys = settings.keys_directory
    database = Database(settings.database_url)
    migrate(database)
    registry = Registry(
        settings=settings,
        database=database,
        trust=trust,
        vault=Vault({_VAULT_KEY_ID: load_secret(keys / f"vault-{_VAULT_KEY_ID}.key")}),
        enrolment_key=X25519PrivateKey.from_private_bytes(load_secret(keys / "enrolment.key")),
        audit_key=load_secret(keys / "audit.key"),
        fingers=fingers,
        now=now,
    )
    with database.begin() as connection:
        create_streams(connection, registry.audit_key)
        create_feed(connection)
    return registry


def create_app(registry: Registry) -> FastAPI:
    """The application. It closes the registry's database when it is shut down."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        registry.database.close()

    app = FastAPI(
        title=TITLE,
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        max_body_size=registry.settings.max_body_bytes,
        strict_content_type=True,
    )
    app.state.registry = registry
    install_error_handlers(app)
    _install_headers(app)
    _install_health(app)
    for router in ROUTERS:
        app.include_router(router)
    install_openapi(app)
    return app


def _install_headers(app: FastAPI) -> None:
    @app.middleware("http")
    async def never_stored(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers.setdefault("Cache-Control", NO_STORE["Cache-Control"])
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response


def _install_health(app: FastAPI) -> None:
    @app.get(HEALTH, tags=["health"])
    def health(registry: RegistryPart) -> dict[str, str]:
        """Whether the registry and its database answer."""
        registry.database.check()
        return {"status": "ok"}
