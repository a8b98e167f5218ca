"""Queries on the events of kiosks and the head of each kiosk's chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from central_api.tables.journal import events
from central_api.tables.kiosks import kiosks
from domain.events import EventBody, EventKind, SignedEvent
from domain.ids import EventId, KioskId
from domain.messages.sync import EventVerdict


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The kiosk's last event that the registry holds."""

    sequence: int
    hash_hex: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What became of an event when it came first."""

    id: EventId
    content_sha256: str
    verdict: EventVerdict
    code: str | None


def lock_head(connection: Connection, kiosk_id: KioskId) -> ChainHead:
    """The head of the kiosk's chain; another push of this kiosk waits until this transaction ends."""
    query = select(kiosks.c.last_sequence, kiosks.c.last_hash).where(kiosks.c.id == kiosk_id).with_for_update()
    row = connection.execute(query).one()
    return ChainHead(row.last_sequence, row.last_hash)


def find_event(connection: Connection, event_id: EventId) -> StoredEvent | None:
    return _stored(connection.execute(select(events).where(events.c.id == event_id)).first())


def find_event_at(connection: Connection, kiosk_id: KioskId, sequence: int) -> StoredEvent | None:
    query = select(events).where(events.c.kiosk_id == kiosk_id, events.c.sequence == sequence)
    return _stored(connection.execute(query).first())


def _stored(row: Row[tuple[object, ...]] | None) -> StoredEvent | None:
    if row is None:
        return None
    return StoredEvent(EventId(row.id), row.content_sha256, EventVerdict(row.verdict), row.code)


def add_event(
    connection: Connection,
    event: SignedEvent,
    content_sha256: str,
    verdict: EventVerdict,
    code: str | None,
    now: datetime,
) -> None:
    """Keeps the event, and moves the head of its kiosk's chain to it."""
    body = event.body
    connection.execute(
        insert(events).values(
            kiosk_id=body.kiosk_id,
            sequence=body.sequence,
            id=body.id,
            kind=body.kind,
            content_sha256=content_sha256,
            signature_hex=event.signature_hex,
            body=_body_to_keep(body),
            verdict=verdict,
            code=code,
            received_at=now,
        )
    )
    head = {"last_sequence": body.sequence, "last_hash": content_sha256, "seen_at": now}
    connection.execute(update(kiosks).where(kiosks.c.id == body.kiosk_id).values(head))


#: Of what came sealed: what says which capture it was.
_KEPT_OF = {
    EventKind.ENROLMENT_SUBMITTED: ("submission_id", "household_id", "content_sha256"),
    EventKind.FINGERS_RETAKEN: ("capture_id", "person_id", "content_sha256"),
}


def _body_to_keep(body: EventBody) -> str:
    """The bytes as signed. Of captures only the frame: what was captured is kept, or let go, by its own room,
    and must not live on in the journal. The hash over all of it stays."""
    if (names := _KEPT_OF.get(body.kind)) is not None:
        body = body.model_copy(update={"payload": {name: body.payload.get(name) for name in names}})
    return body.canonical_bytes().decode()


def count_events(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(events)).scalar_one()
