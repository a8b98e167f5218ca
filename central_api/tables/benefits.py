"""Programmes, what households chose and may draw, and the proof of each delivery."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
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

programmes = Table(
    "programmes",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("scheme", Integer, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("definition", JSON, nullable=False),
)

programme_choices = Table(
    "programme_choices",
    metadata,
    # No foreign key: a household may choose while it still waits for a decision.
    Column("household_id", String(40), primary_key=True),
    Column("programme", String(40), ForeignKey("programmes.code"), primary_key=True),
    Column("chosen_at", UtcDateTime, nullable=False),
    Column("is_granted", Boolean, nullable=False),
)

#: One row for each household, scheme and period: what card and registry count drawings by.
entitlements = Table(
    "entitlements",
    metadata,
    Column("household_id", String(40), ForeignKey("households.id"), primary_key=True),
    Column("scheme", Integer, primary_key=True),
    Column("period_key", Integer, primary_key=True),
    Column("programme", String(40), ForeignKey("programmes.code"), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("units", Integer, nullable=False),
    # Units delivered less those taken back; moved under the row's lock only.
    Column("drawn", Integer, nullable=False),
    Column("record", JSON, nullable=False),
    Column("granted_at", UtcDateTime, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("card_number", String(9), nullable=False),
    Column("card_sequence", Integer, nullable=False),
    Column("household_id", String(40), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("scheme", Integer, nullable=False),
    Column("period_key", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("person_id", String(40), nullable=True),
    Column("verified_by", Integer, nullable=False),
    Column("kiosk_id", String(40), nullable=False),
    Column("operator_id", String(40), nullable=True),
    Column("ledger_record", LargeBinary, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("was_offline", Boolean, nullable=False),
    Column("delivered_at", UtcDateTime, nullable=False, index=True),
    Column("received_at", UtcDateTime, nullable=False),
    Column("record", JSON, nullable=False),
    UniqueConstraint("card_number", "card_sequence"),
    Index("ix_deliveries_drawing", "household_id", "scheme", "period_key"),
)

#: What could not be booked as it came and needs a person's decision. Nothing that a kiosk sent is ever dropped.
review_cases = Table(
    "review_cases",
    metadata,
    Column("id", String(40), primary_key=True),
    # Set by the kind of trouble, e.g. one for a delivery id and reason: the same trouble opens one case.
    Column("subject", String(120), nullable=False),
    Column("reason", String(60), nullable=False),
    Column("kiosk_id", String(40), nullable=False),
    Column("record", JSON, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    UniqueConstraint("subject", "reason"),
)

#: Amounts set aside at clinics, shops and schools, as far as their desks have told.
provider_transactions = Table(
    "provider_transactions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("kiosk_id", String(40), nullable=False, index=True),
    Column("card_number", String(9), nullable=False, index=True),
    Column("scheme", Integer, nullable=False),
    Column("period_key", Integer, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("blocked", Integer, nullable=False),
    Column("used", Integer, nullable=False),
    Column("returned", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
