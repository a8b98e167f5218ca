"""Kiosks, the codes they join with, the nonces they have used, and the operators who work at them."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Integer, LargeBinary, String, Table, Text

from central_api.tables.base import UtcDateTime, metadata

kiosks = Table(
    "kiosks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("area", String(40), nullable=False),
    Column("signing_key", LargeBinary, nullable=False, unique=True),
    Column("terminal_key", LargeBinary, nullable=False),
    # Holder reference (CHR) in the kiosk's terminal certificate: what its ledger records are signed as.
    Column("terminal_reference", String(16), nullable=False, unique=True),
    Column("is_active", Boolean, nullable=False),
    # Its certificates as last issued (base64), and when: they are renewed long before they run out.
    Column("terminal_chain", JSON, nullable=False),
    Column("chain_issued_on", Date, nullable=False),
    # The chain of its events as far as the registry has it.
    Column("last_sequence", Integer, nullable=False),
    Column("last_hash", String(64), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    # Who runs the desk; None: the office itself.
    Column("organisation_id", String(40), ForeignKey("organisations.id"), nullable=True, index=True),
)

#: Organisations hired to register people and hand out cards, and how many cards each may have signed.
organisations = Table(
    "organisations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("card_quota", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("hired_at", UtcDateTime, nullable=False),
)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    # SHA-256 of the code: the table must not give away unused ones.
    Column("code_sha256", String(64), primary_key=True),
    Column("purpose", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("used_by", String(40), nullable=True),
)

nonces = Table(
    "nonces",
    metadata,
    Column("kiosk_id", String(40), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
)

operators = Table(
    "operators",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("person_id", String(40), ForeignKey("persons.id"), nullable=False),
    Column("role", String(20), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("appointed_at", UtcDateTime, nullable=False),
    # From then on nothing that the operator does counts; what was done before stays.
    Column("deactivated_at", UtcDateTime, nullable=True),
)

bundle_numbers = Table(
    "bundle_numbers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", Integer, nullable=False),
    # SHA-256 of what the bundle said under that number: another content takes the next number.
    Column("content_sha256", String(64), nullable=False),
    Column("revocation_number", Integer, nullable=False),
    Column("revoked_cards", Text, nullable=False),
)
