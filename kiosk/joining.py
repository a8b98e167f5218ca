"""A kiosk joins the network: keys made here, a one-time code, an identity, the first bundle."""

from __future__ import annotations

from pathlib import Path

from domain.ids import AreaCode
from domain.messages.kiosks import KioskRegistration
from kiosk.registry_client import RegistryClient, RequestSigner
from kiosk.store.identity import KioskIdentity
from kiosk.store.kiosk_store import KioskStore, keep_identity, keys_for_joining, open_database
from kiosk.store.meta import Meta


async def join(home: Path, registry_url: str, one_time_code: str, name: str, area: AreaCode) -> KioskIdentity:
    """The identity, kept in the store with the first bundle. May be repeated after a failure, with the same code.

    Raises RegistryUnreachable, RegistryOutOfOrder, RegistryRefused (the code), BundleRefused.
    """
    database = open_database(home)
    try:
        meta = Meta(database)
        keys = keys_for_joining(meta, database)
        registration = KioskRegistration(
            one_time_code=one_time_code,
            kiosk_name=name,
            area=area,
            signing_key=keys.signing_public_key,
            terminal_key=keys.terminal_point,
        )
        client = RegistryClient(registry_url, None)
        try:
            answer = await client.join(registration)
        finally:
            await client.close()
        identity = KioskIdentity(
            kiosk_id=answer.kiosk_id,
            name=name,
            area=area,
            registry_url=registry_url,
            keys=keys,
            terminal_chain=answer.terminal_chain,
            registry_key=answer.registry_key,
        )
        keep_identity(meta, database, identity)
        await _take_first_bundle(KioskStore(database))
        return identity
    finally:
        database.close()


async def _take_first_bundle(store: KioskStore) -> None:
    signer = RequestSigner(store.kiosk_id, store.identity.keys.signer, store.clock.system_now)
    client = RegistryClient(store.identity.registry_url, signer)
    try:
        signed = await client.bundle()
    finally:
        await client.close()
    with store.database.transaction():
        store.bundles.accept(signed)
