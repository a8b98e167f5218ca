"""Push: a verdict for every event. Pull: changes by cursor, never by time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from domain.events import SignedEvent
from domain.ids import EventId, KioskId
from domain.record import Record


class EventVerdict(StrEnum):
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    CONFLICT = "conflict"


class PushRequest(Record):
    kiosk_id: KioskId
    events: tuple[SignedEvent, ...]


class EventAnswer(Record):
    event_id: EventId
    #: SHA-256 (hex) of the event's canonical bytes as the registry holds it; empty when it holds none.
    content_sha256: str
    verdict: EventVerdict
    code: str | None = None


class PushReceipt(Record):
    """What the registry now holds. The kiosk deletes only what stands here with the hash it knows."""

    kiosk_id: KioskId
    received_at: datetime
    answers: tuple[EventAnswer, ...]


class SignedPushReceipt(Record):
    #: JSON of PushReceipt, exactly as signed.
    receipt_json: str
    #: Ed25519 by the registry key over the UTF-8 of receipt_json, hex.
    signature_hex: str


class ChangeKind(StrEnum):
    CARD_STATUS = "card_status"
    HOUSEHOLD = "household"
    REVOCATIONS = "revocations"
    BUNDLE = "bundle"
    GRIEVANCE = "grievance"
    FINGERS = "fingers"


class Change(Record):
    cursor: int
    kind: ChangeKind
    payload: dict[str, JsonValue]


class PullAnswer(Record):
    changes: tuple[Change, ...]
    #: Ask again after this one.
    cursor: int


class ErrorBody(Record):
    """RFC 9457 problem details; ``code`` is the ProjectError code."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    params: dict[str, str | int] = {}
