"""Audit lines, each hashed over the one before it. One chain for each stream."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue
from sqlalchemy import Connection, insert, select, update

from central_api.tables.journal import audit_lines, audit_streams
from domain.record import Record

FIRST_HASH = "0" * 64


class AuditStream(StrEnum):
    """``ACCESS`` says who read whose data; the others who changed what."""

    ACCESS = "access"
    CARDS = "cards"
    DELIVERIES = "deliveries"
    ENROLMENTS = "enrolments"
    KIOSKS = "kiosks"
    OPERATORS = "operators"
    SERVICE = "service"


class AuditLine(Record):
    """Who did what to whom, when. ``details`` hold codes and numbers: never a name, a biometric, a PIN or a key."""

    stream: AuditStream
    at: datetime
    #: Who: a kiosk id, ``registry`` or ``console``.
    actor: str
    operator_id: str | None = None
    #: Stable code, e.g. ``card.activated``.
    action: str
    #: What it was done to: ``household:…``, ``card:…``, ``person:…``.
    subject: str | None = None
    #: Why data were read; None for changes.
    purpose: str | None = None
    details: dict[str, JsonValue] = {}


def canonical_line(line: AuditLine, sequence: int, previous_hash: str) -> str:
    """The text that is stored and hashed: place in the chain, then the line, sorted keys, no spaces."""
    plain = {"previous": previous_hash, "sequence": sequence, **line.model_dump(mode="json")}
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def head_mac(key: bytes, stream: str, sequence: int, head_hash: str) -> str:
    """What ties the head of a chain to a key that is not in the database, hex."""
    return hmac.new(key, f"{stream}|{sequence}|{head_hash}".encode(), hashlib.sha256).hexdigest()


def append_lines(connection: Connection, key: bytes, stream: AuditStream, lines: list[AuditLine]) -> None:
    """Adds the lines to one stream's chain; other writers of the stream wait until this transaction ends."""
    sequence, previous = _lock_head(connection, stream)
    rows = []
    for line in lines:
        sequence += 1
        text = canonical_line(line, sequence, previous)
        previous = hash_of(text)
        rows.append(
            {
                "stream": stream,
                "sequence": sequence,
                "line": text,
                "hash": previous,
                "action": line.action,
                "subject": line.subject,
            }
        )
    connection.execute(insert(audit_lines), rows)
    head = {"head_sequence": sequence, "head_hash": previous, "head_mac": head_mac(key, stream, sequence, previous)}
    connection.execute(update(audit_streams).where(audit_streams.c.stream == stream).values(head))


def _lock_head(connection: Connection, stream: AuditStream) -> tuple[int, str]:
    query = select(audit_streams.c.head_sequence, audit_streams.c.head_hash).where(audit_streams.c.stream == stream)
    row = connection.execute(query.with_for_update()).one()
    return row.head_sequence, row.head_hash


def create_streams(connection: Connection, key: bytes) -> None:
    """Begins the chains that do not exist yet; every stream has a head before its first line."""
    known = set(connection.execute(select(audit_streams.c.stream)).scalars())
    missing = [stream for stream in AuditStream if stream not in known]
    for stream in missing:
        head = {"head_sequence": 0, "head_hash": FIRST_HASH, "head_mac": head_mac(key, stream, 0, FIRST_HASH)}
        connection.execute(insert(audit_streams).values(stream=stream, **head))
