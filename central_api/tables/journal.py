"""What happened, in order: kiosk events as received, the audit chains, and the feed of changes."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text

from central_api.tables.base import UtcDateTime, metadata

events = Table(
    "events",
    metadata,
    Column("kiosk_id", String(40), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("signature_hex", String(128), nullable=False),
    # Canonical bytes as signed, so that the signature can be checked again at any time; without the sealed content
    # of an enrolment.
    Column("body", Text, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("code", String(60), nullable=True),
    Column("received_at", UtcDateTime, nullable=False),
)

audit_streams = Table(
    "audit_streams",
    metadata,
    Column("stream", String(60), primary_key=True),
    Column("head_sequence", Integer, nullable=False),
    Column("head_hash", String(64), nullable=False),
    # HMAC over stream, sequence and hash with a key outside the database: a cut tail needs a forged head.
    Column("head_mac", String(64), nullable=False),
)

audit_lines = Table(
    "audit_lines",
    metadata,
    Column("stream", String(60), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    # The line itself as canonical JSON, exactly as hashed.
    Column("line", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    # Copies for searching; the line above is what counts.
    Column("action", String(60), nullable=False),
    Column("subject", String(80), nullable=True),
    Index("ix_audit_lines_subject", "subject"),
)

feed_head = Table(
    "feed_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cursor", BigInteger, nullable=False),
)

#: Cursors are given in commit order, under the lock of ``feed_head``: a reader never passes one that commits later.
changes = Table(
    "changes",
    metadata,
    Column("cursor", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    # Null: for every office.
    Column("area", String(40), nullable=True),
    Column("payload", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
