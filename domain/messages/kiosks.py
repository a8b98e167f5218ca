"""A kiosk joining the network, and the bundle it works from when the network is gone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import JsonValue

from domain.areas import Area
from domain.card_number import CardNumber
from domain.ids import AreaCode, KioskId, OperatorId, PersonId
from domain.people import PersonName
from domain.programmes import Programme
from domain.record import Record


class Role(StrEnum):
    OFFICER = "officer"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"


class KioskRegistration(Record):
    """Sent once, with a one-time code given by the registry's staff."""

    one_time_code: str
    kiosk_name: str
    area: AreaCode
    #: Ed25519 public key (32 bytes) that signs requests and events.
    signing_key: bytes
    #: P-256 point (65 bytes) of the kiosk's terminal authentication key.
    terminal_key: bytes


class KioskRegistrationAnswer(Record):
    kiosk_id: KioskId
    #: CV certificates DV, terminal (the chip knows the CVCA).
    terminal_chain: tuple[bytes, ...]
    #: Ed25519 public key (32 bytes) of the registry's receipts and bundles.
    registry_key: bytes


class OperatorEntry(Record):
    operator_id: OperatorId
    name: PersonName
    role: Role
    card_number: CardNumber | None
    #: Public key of the officer card (65 bytes), to check countersignatures.
    card_key: bytes | None
    is_active: bool
    #: Who the operator is, so that nobody approves their own affairs; None in bundles of before.
    person_id: PersonId | None = None


class RevocationList(Record):
    """Which list of refused cards is the newest (domain/messages/revocations.py). ``number`` only rises.

    ``cards`` were all of them in bundles of before; what stands there is refused too.
    """

    number: int
    issued_at: datetime
    cards: tuple[CardNumber, ...] = ()


class KioskBundle(Record):
    """All that reading and serving need without a network."""

    number: int
    issued_at: datetime
    today: date
    area: AreaCode
    areas: tuple[Area, ...]
    programmes: tuple[Programme, ...]
    operators: tuple[OperatorEntry, ...]
    revocations: RevocationList
    #: card_service.trust.TrustAnchors in its JSON form.
    trust_anchors: dict[str, JsonValue]
    #: X25519 public key (32 bytes) that enrolments are sealed to.
    enrolment_key: bytes
    terminal_chain: tuple[bytes, ...]
    #: CVCA link certificates, oldest first, that lead old cards to the chain: shown before it, skipped by newer cards.
    terminal_links: tuple[bytes, ...] = ()
    settings: dict[str, int | str | bool] = {}


class SignedBundle(Record):
    #: JSON of KioskBundle, exactly as signed.
    bundle_json: str
    #: Ed25519 by the registry key over the UTF-8 of bundle_json, hex.
    signature_hex: str
