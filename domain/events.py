"""Events: everything a kiosk does, in a signed chain. The outbox holds them until the registry has receipted them.

An event has its own id, the kiosk's sequence number, the hash of the event before it and an Ed25519 signature over the
canonical bytes. Loss, replay and forks of a kiosk's history show at the registry.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from domain.ids import EventId, KioskId, OperatorId
from domain.record import Record

FIRST_PREVIOUS_HASH = "0" * 64


class EventKind(StrEnum):
    ENROLMENT_SUBMITTED = "enrolment.submitted"
    DUPLICATE_DECIDED = "duplicate.decided"
    PROGRAMMES_CHOSEN = "programmes.chosen"
    DELIVERY_RECORDED = "delivery.recorded"
    DENIAL_RECORDED = "denial.recorded"
    GRIEVANCE_LODGED = "grievance.lodged"
    OPERATOR_LOGGED_IN = "operator.logged_in"
    CARD_SPOILED = "card.spoiled"
    CARD_BLOCKED = "card.blocked"
    CARD_UNBLOCKED = "card.unblocked"
    STATEMENT_WRITTEN = "card.statement_written"
    STOCK_MOVED = "stock.moved"
    DESK_LOCKED = "desk.locked"
    DESK_UNLOCKED = "desk.unlocked"
    PROVIDER_USED = "provider.used"
    FINGERS_TRIED = "fingers.tried"
    FINGERS_RETAKEN = "fingers.retaken"
    FINGER_SWAP_DECIDED = "fingers.swap_decided"


class EventBody(Record):
    id: EventId
    kiosk_id: KioskId
    #: From 1, without gaps.
    sequence: int
    #: SHA-256 (hex) of the canonical bytes of the event before; zeros for the first.
    previous_hash: str
    occurred_at: datetime
    kind: EventKind
    operator_id: OperatorId | None
    payload: dict[str, JsonValue]

    def canonical_bytes(self) -> bytes:
        """The bytes that are signed and hashed: JSON with sorted keys, no spaces, UTF-8."""
        plain = self.model_dump(mode="json")
        return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def hash_hex(self) -> str:
        return hashlib.sha256(self.canonical_bytes()).hexdigest()


class SignedEvent(Record):
    body: EventBody
    #: Ed25519 by the kiosk's key over ``body.canonical_bytes()``, hex.
    signature_hex: str
