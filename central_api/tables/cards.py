"""Cards from order to end of life. Written by the cards room; others read."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

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
    Column("changed_at", UtcDateTime, nullable=False, index=True),
    # The member whose own card it is (profile worker).
    Column("person_id", String(40), nullable=True, index=True),
    # The card whose place this one takes; and which of the household's places that is (domain/card_limits.py).
    Column("replaces", String(9), nullable=True),
    Column("place", Integer, nullable=False, server_default="1"),
    Column("block_reason", String(20), nullable=True),
)

#: Every statement ever signed. A chip may hold any version from the last one known to be on it.
card_statements = Table(
    "card_statements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("card_number", String(9), ForeignKey("cards.number"), nullable=False),
    Column("version", Integer, nullable=False),
    # ``[[scheme, period, limit], ...]`` as the chip enforces it.
    Column("limits", JSON, nullable=False),
    # SHA-256 of what the lines say; another content takes another version.
    Column("content_sha256", String(64), nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("slot", LargeBinary, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("on_card_at", UtcDateTime, nullable=True),
    UniqueConstraint("card_number", "version"),
)

#: Agreed shares of one balance, while a household has more than one place. ``drawn_before``: ``{"scheme/period": n}``.
card_shares = Table(
    "card_shares",
    metadata,
    Column("household_id", String(40), ForeignKey("households.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("parts", Integer, nullable=False),
    Column("drawn_before", JSON, nullable=False),
    Column("agreed_at", UtcDateTime, nullable=False),
)

#: Blank cards at each desk; nothing is ever changed or taken away here.
card_stock_moves = Table(
    "card_stock_moves",
    metadata,
    # The event's id, or the number of the card that was issued: telling it again adds nothing.
    Column("id", String(40), primary_key=True),
    Column("kiosk_id", String(40), ForeignKey("kiosks.id"), nullable=False),
    Column("day", Date, nullable=False),
    # A count means what lay there at that moment, not in the evening.
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("count", Integer, nullable=False),
    Column("reason", String(20), nullable=True),
    Column("card_number", String(9), nullable=True),
    Column("operator_id", String(40), nullable=True),
    Index("ix_card_stock_moves_kiosk_id_day", "kiosk_id", "day"),
)

#: People whose fingers are on their cards and nowhere else (token-only mode).
token_only_people = Table(
    "token_only_people",
    metadata,
    Column("person_id", String(40), ForeignKey("persons.id"), primary_key=True),
    Column("erased_at", UtcDateTime, nullable=False),
)

#: Days on which the registry's clock has run.
card_clock_runs = Table(
    "card_clock_runs",
    metadata,
    Column("day", Date, primary_key=True),
    Column("expired", Integer, nullable=False),
    Column("renewed", Integer, nullable=False),
)
