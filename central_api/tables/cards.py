"""Cards from order to end of life. Written by the cards room; others read."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Integer, LargeBinary, String, Table

from central_api.tables.base import UtcDateTime, metadata

cards = Table(
    "cards",
    metadata,
    Column("number", String(9), primary_key=True),
    Column("order_id", String(40), nullable=False, unique=True),
    Column("profile", String(20), nullable=False),
    Column("household_id", String(40), ForeignKey("households.id"), nullable=True, index=True),
    Column("operator_id", String(40), ForeignKey("operators.id"), nullable=True, index=True),
    Column("status", String(20), nullable=False, index=True),
    Column("kiosk_id", String(40), ForeignKey("kiosks.id"), nullable=False),
    Column("chip_serial_hex", String(64), nullable=False),
    Column("chip_authentication_key", LargeBinary, nullable=False),
    # Point (65 bytes) of the key that makes receipts and, on an officer card, countersignatures.
    Column("receipt_key", LargeBinary, nullable=False),
    # The package as given, sealed (it holds portraits and templates): the same order gets the same package.
    Column("sealed_package", LargeBinary, nullable=True),
    Column("key_id", String(16), nullable=True),
    Column("files_digest_hex", String(64), nullable=False),
    # Version of the entitlement statement last given to this card.
    Column("statement_version", Integer, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("issued_on", Date, nullable=True),
    Column("details", JSON, nullable=False),
    Column("ordered_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
