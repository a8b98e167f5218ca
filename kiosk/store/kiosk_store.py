"""Everything the kiosk keeps, opened together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from domain.deliveries import BenefitDelivery
from domain.errors import ProjectError
from domain.grievances import make_grievance_number
from domain.ids import GrievanceNumber, KioskId
from domain.messages.fingers import FingersKnown
from domain.messages.kiosks import SignedBundle
from domain.provider_transactions import ProviderUse
from kiosk.store.audit_log import AuditLog
from kiosk.store.bundle_cache import BundleCache
from kiosk.store.card_job import CardJob
from kiosk.store.card_status import CardStatusChange
from kiosk.store.database import Database
from kiosk.store.documents import DocumentKind, Shelf
from kiosk.store.gallery_book import GalleryBook, Neighbour, OwnRegistration
from kiosk.store.identity import KioskIdentity, NewKeys, make_keys
from kiosk.store.journal import Journal
from kiosk.store.kiosk_clock import KioskClock, system_time
from kiosk.store.meta import Meta
from kiosk.store.officer_quota import OfficerQuota
from kiosk.store.outbox import Outbox
from kiosk.store.planned_delivery import PlannedDelivery
from kiosk.store.revocation_cache import ListSince, RevocationCache, WholeList
from kiosk.store.store_key import StoreKeyUnusable, make_store_key, read_store_key

_IDENTITY = "identity"
_NEW_KEYS = "new_keys"
_GRIEVANCES = "grievances.sequence"
_DATABASE_FILE = "kiosk.db"
_KEY_FILE = "store.key"


class NotJoined(ProjectError):
    """This kiosk has not joined a registry: ``python -m kiosk join``."""

    code = "kiosk.not_joined"
    message_key = "kiosk.not_joined"


def open_database(home: Path) -> Database:
    """The store in that folder, made when there is none."""
    home.mkdir(parents=True, exist_ok=True)
    key_file, database_file = home / _KEY_FILE, home / _DATABASE_FILE
    if key_file.exists():
        key = read_store_key(key_file)
    elif database_file.exists():
        raise StoreKeyUnusable("there is a store and no key")
    else:
        key = make_store_key(key_file)
    return Database(database_file, key)


def keys_for_joining(meta: Meta, database: Database) -> NewKeys:
    """The keys of a kiosk about to join, the same ones when joining was cut off and is done again."""
    kept = meta.find(_NEW_KEYS)
    if kept is not None:
        return NewKeys.model_validate_json(kept)
    keys = make_keys()
    with database.transaction():
        meta.put(_NEW_KEYS, keys.model_dump_json())
    return keys


def keep_identity(meta: Meta, database: Database, identity: KioskIdentity) -> None:
    """Joined: from now on ``KioskStore`` opens."""
    with database.transaction():
        meta.put(_IDENTITY, identity.model_dump_json())


class KioskStore:
    """The store of a kiosk that has joined. Raises NotJoined otherwise."""

    def __init__(self, database: Database, *, time_source: Callable[[], datetime] = system_time) -> None:
        self.database = database
        self.meta = Meta(database)
        kept = self.meta.find(_IDENTITY)
        if kept is None:
            raise NotJoined("no identity in the store")
        self.identity = KioskIdentity.model_validate_json(kept)
        self.clock = KioskClock(self.meta, source=time_source)
        self.outbox = Outbox(database)
        self.audit = AuditLog(database)
        self.journal = Journal(database, self.outbox, self.audit, self.clock, self.identity)
        self.card_states = Shelf(database, DocumentKind.CARD_STATE, CardStatusChange)
        bundles = Shelf(database, DocumentKind.BUNDLE, SignedBundle)
        #: The list of refused cards: how old it is, and how much may be handed over against it.
        self.revocations = RevocationCache(
            database,
            Shelf(database, DocumentKind.REVOCATIONS, WholeList),
            Shelf(database, DocumentKind.REVOCATIONS_SINCE, ListSince),
            self.card_states,
        )
        self.bundles = BundleCache(bundles, self.revocations, self.identity.registry_public_key)
        self.card_jobs = Shelf(database, DocumentKind.CARD_JOB, CardJob)
        self.deliveries = Shelf(database, DocumentKind.DELIVERY, BenefitDelivery)
        self.planned_deliveries = Shelf(database, DocumentKind.PLANNED_DELIVERY, PlannedDelivery)
        #: By number of the officer's card.
        self.officer_quotas = Shelf(database, DocumentKind.OFFICER_QUOTA, OfficerQuota)
        self.provider_uses = Shelf(database, DocumentKind.PROVIDER_USE, ProviderUse)
        self.gallery_book = Shelf(database, DocumentKind.GALLERY_BOOK, GalleryBook)
        self.neighbours = Shelf(database, DocumentKind.NEIGHBOUR, Neighbour)
        self.own_registrations = Shelf(database, DocumentKind.OWN_REGISTRATION, OwnRegistration)
        #: Journalled, and the receipt is not yet in the person's hand: only with it is anything handed over.
        self.owed_receipts = Shelf(database, DocumentKind.RECEIPT_OWED, BenefitDelivery)

        #: By person id.
        self.fingers_known = Shelf(database, DocumentKind.FINGERS_KNOWN, FingersKnown)

    @property
    def kiosk_id(self) -> KioskId:
        return self.identity.kiosk_id

    def next_grievance_number(self) -> GrievanceNumber:
        """A number never given before, also not by a step that was cut off. Inside a transaction."""
        sequence = int(self.meta.find(_GRIEVANCES) or 0) + 1
        self.meta.put(_GRIEVANCES, str(sequence))
        return make_grievance_number(kiosk=self.kiosk_id, sequence=sequence, year=self.clock.now().year)

    def close(self) -> None:
        self.database.close()
