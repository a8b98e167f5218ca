"""Personalisation sessions, countersignatures and the quotas of officers' cards."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table

from central_api.tables.base import UtcDateTime, metadata

#: One row an order for which a session was ever opened: it binds the order to desk, chip and holder.
card_channels = Table(
    "card_channels",
    metadata,
    Column("order_id", String(40), primary_key=True),
    Column("kiosk_id", String(40), ForeignKey("kiosks.id"), nullable=False),
    Column("chip_serial_hex", String(16), nullable=False),
    Column("holder", String(80), nullable=False),
    Column("sessions", Integer, nullable=False),
    # The chip's sequence counter: each session must have a higher one.
    Column("last_sequence", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
)

#: What an officer's card signed for a card that was then issued: the evidence for a new quota.
countersignatures = Table(
    "countersignatures",
    metadata,
    Column("card_number", String(9), ForeignKey("cards.number"), primary_key=True),
    Column("officer_card_number", String(9), nullable=False, index=True),
    Column("signature", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

quota_grants = Table(
    "quota_grants",
    metadata,
    Column("officer_card_number", String(9), ForeignKey("cards.number"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("quota", Integer, nullable=False),
    Column("signatures_made", BigInteger, nullable=False),
    Column("evidenced", Integer, nullable=False),
    # The data of PUT DATA 0203: asked again before the card took it, it is the same.
    Column("grant", LargeBinary, nullable=False),
    Column("granted_at", UtcDateTime, nullable=False),
)
