"""The promise "saved": one transaction holds the state, the signed event for the registry, and the audit line."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from domain.events import FIRST_PREVIOUS_HASH, EventBody, EventKind, SignedEvent
from domain.ids import EventId, OperatorId, make_uuid7
from domain.record import Record
from kiosk.store.audit_log import AuditLine, AuditLog
from kiosk.store.database import Database
from kiosk.store.identity import KioskIdentity
from kiosk.store.kiosk_clock import KioskClock
from kiosk.store.outbox import Outbox

_ID_RANDOM_BYTES = 10


@dataclass(frozen=True, slots=True)
class Happening:
    """What is to be recorded: the event's kind and payload, whom it is about, and who was at the desk."""

    kind: EventKind
    payload: Record
    subject: str
    operator_id: OperatorId | None


class Entry:
    """The open transaction; only ``Journal.entry`` makes one."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def add(self, happening: Happening) -> SignedEvent:
        """The signed event, as it will stand in the outbox."""
        return self._journal._add(happening)


class Journal:
    """Writes history. ``entry`` is the only way an event comes into being."""

    def __init__(
        self, database: Database, outbox: Outbox, audit: AuditLog, clock: KioskClock, identity: KioskIdentity
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._audit = audit
        self._clock = clock
        self._kiosk_id = identity.kiosk_id
        self._signing_key = identity.keys.signer

    @contextlib.contextmanager
    def entry(self) -> Iterator[Entry]:
        """One transaction: what happened, and the state that goes with it, are kept together or not at all.

        After the block, and not before, the screen may say "saved". StoreFailed: nothing was kept.
        """
        with self._database.transaction():
            yield Entry(self)
            self._clock.keep()

    def record(self, happening: Happening) -> SignedEvent:
        """A happening that changes no other state."""
        with self.entry() as entry:
            return entry.add(happening)

    def _add(self, happening: Happening) -> SignedEvent:
        event = self._sign(happening)
        self._outbox.append(event)
        self._audit.append(
            AuditLine(
                at=event.body.occurred_at,
                what=str(happening.kind),
                subject=happening.subject,
                operator=happening.operator_id,
            )
        )
        return event

    def note(self, line: AuditLine) -> None:
        """An audit line alone: a portrait was shown, a template was read."""
        with self._database.transaction():
            self._audit.append(line)

    def _sign(self, happening: Happening) -> SignedEvent:
        before = self._outbox.head()
        now = self._clock.now()
        payload: dict[str, JsonValue] = happening.payload.model_dump(mode="json")
        body = EventBody(
            id=EventId(make_uuid7(unix_ms=int(now.timestamp() * 1000), random=secrets.token_bytes(_ID_RANDOM_BYTES))),
            kiosk_id=self._kiosk_id,
            sequence=1 if before is None else before.sequence + 1,
            previous_hash=FIRST_PREVIOUS_HASH if before is None else before.hash_hex,
            occurred_at=now,
            kind=happening.kind,
            operator_id=happening.operator_id,
            payload=payload,
        )
        return SignedEvent(body=body, signature_hex=self._signing_key.sign(body.canonical_bytes()).hex())
