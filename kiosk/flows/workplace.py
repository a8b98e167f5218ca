"""Everything a flow may use: the desk's devices, the store, the registry, and who is on duty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from card_service.terminal_authentication import TerminalCredential
from domain.card_number import CardNumber
from domain.ids import OperatorId
from domain.messages.cards import FacePrint
from domain.messages.kiosks import Role
from domain.people import PersonName
from domain.programmes import Programme
from enrolment.session import EnrolmentDraft
from kiosk.area_gallery import AreaGallery
from kiosk.card_watcher import CardWatcher
from kiosk.devices.card_reader import CardReader
from kiosk.devices.ports import BiometricWork, CardPrinter, FaceWork, FingerReader, LiveCamera, ReceiptPrinter
from kiosk.flows.slip import Slip
from kiosk.registry_client import RegistryClient
from kiosk.store.documents import Shelf
from kiosk.store.kiosk_store import KioskStore
from kiosk.sync import Sync


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """A card's face: what the printer gets, and the front to be shown; an empty front shows nothing."""

    document: bytes
    front_png: bytes


class Artist(Protocol):
    """Who draws on paper and plastic."""

    def draw_slip(self, slip: Slip, language: str) -> bytes:
        """A PNG as wide as the receipt printer prints."""
        ...

    def draw_face(self, face: FacePrint) -> DrawnFace:
        """Both sides in the size of the card."""
        ...


@dataclass(frozen=True, slots=True)
class Officer:
    """Who is on duty, proved by card and finger."""

    operator_id: OperatorId
    name: PersonName
    role: Role
    card_number: CardNumber


@dataclass(frozen=True, slots=True)
class Patience:
    """How long people are given, in seconds; tests make them short."""

    finger_s: float = 25.0
    lift_s: float = 6.0
    card_back_s: float = 45.0
    notice_s: float = 12.0
    poll_s: float = 1.0
    #: How long a face model may look for a face before the officer judges without it.
    face_s: float = 8.0
    #: How often the registry is asked about a registration before the desk goes on without the answer.
    registry_polls: int = 20
    #: For each person whose fingers are looked for in the gallery of the area; a family shares what it has.
    local_check_s: float = 3.0


@dataclass(slots=True)
class Workplace:
    """One desk. The holder's card lies in one reader, the officer's in the other."""

    store: KioskStore
    drafts: Shelf[EnrolmentDraft]
    registry: RegistryClient
    sync: Sync
    holder_reader: CardReader
    officer_reader: CardReader
    holder_watcher: CardWatcher
    officer_watcher: CardWatcher
    finger_reader: FingerReader
    camera: LiveCamera
    biometrics: BiometricWork
    gallery: AreaGallery
    receipt_printer: ReceiptPrinter
    card_printer: CardPrinter
    artist: Artist
    #: None where this desk has no face model: people judge faces alone.
    faces: FaceWork | None = None
    patience: Patience = field(default_factory=Patience)
    officer: Officer | None = None
    #: Whether blanks without transport keys are written, too: only for stock that was bought open.
    takes_open_stock: bool = False

    #: Fingers of those who worked here since the kiosk started, from their cards; in memory only.
    operator_fingers: dict[OperatorId, bytes] = field(default_factory=dict, repr=False)

    @property
    def operator_id(self) -> OperatorId | None:
        return None if self.officer is None else self.officer.operator_id

    @property
    def credential(self) -> TerminalCredential:
        """What this kiosk shows to cards: the newest certificates the registry gave."""
        chain: tuple[bytes, ...] = tuple(self.store.identity.terminal_chain)
        links: tuple[bytes, ...] = ()
        if self.store.bundles.is_there and self.store.bundles.current.terminal_chain:
            bundle = self.store.bundles.current
            chain, links = bundle.terminal_chain, bundle.terminal_links
        return TerminalCredential(tuple(chain), self.store.identity.keys.terminal_private_key, links)

    def find_programme(self, scheme: int) -> Programme | None:
        """The programme with that number on cards."""
        return next((p for p in self.store.bundles.current.programmes if p.scheme == scheme), None)
