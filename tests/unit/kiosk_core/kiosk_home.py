"""A joined kiosk in a folder, with a registry key that the tests hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.ids import AreaCode, KioskId
from kiosk.store.database import Database
from kiosk.store.identity import KioskIdentity
from kiosk.store.kiosk_clock import system_time
from kiosk.store.kiosk_store import KioskStore, keep_identity, keys_for_joining, open_database
from kiosk.store.meta import Meta

REGISTRY_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
A_DAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def join_kiosk(home: Path) -> Database:
    """A store with an identity; keys are real, the terminal has no certificates."""
    database = open_database(home)
    meta = Meta(database)
    keys = keys_for_joining(meta, database)
    identity = KioskIdentity(
        kiosk_id=KioskId("K-TEST-1"),
        name="Test desk",
        area=AreaCode("IN"),
        registry_url="http://registry.invalid",
        keys=keys,
        terminal_chain=(),
        registry_key=REGISTRY_KEY.public_key().public_bytes_raw(),
    )
    keep_identity(meta, database, identity)
    return database


def open_kiosk(home: Path, *, time_source: Callable[[], datetime] = system_time) -> KioskStore:
    return KioskStore(join_kiosk(home), time_source=time_source)
