"""Grievances and denials: what people complained of, and who was turned away and why."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from central_api.tables.base import UtcDateTime, metadata

grievances = Table(
    "grievances",
    metadata,
    Column("number", String(40), primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("reason", String(20), nullable=False),
    Column("area", String(40), nullable=False),
    Column("programme", String(40), nullable=True),
    # Null for an anonymous complaint.
    Column("card_number", String(9), nullable=True),
    Column("state", String(20), nullable=False, index=True),
    Column("kiosk_id", String(40), nullable=False),
    Column("lodged_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
)

#: The exception register: every refusal, with the reason, the alternative and how far the ladder was climbed.
denials = Table(
    "denials",
    metadata,
    Column("reference", String(60), primary_key=True),
    Column("kiosk_id", String(40), nullable=False),
    Column("card_number", String(9), nullable=True),
    Column("reason", Text, nullable=False),
    Column("alternative", Text, nullable=False),
    Column("rungs", JSON, nullable=False),
    Column("operator_id", String(40), nullable=True),
    Column("grievance_number", String(40), nullable=True),
    # Of the card's holder, for counting who is refused; null when the card is not known.
    Column("holder_sex", String(1), nullable=True),
    Column("holder_birth_year", Integer, nullable=True),
    Column("holder_occupation", String(60), nullable=True),
    Column("denied_at", UtcDateTime, nullable=False, index=True),
    Column("received_at", UtcDateTime, nullable=False),
)
