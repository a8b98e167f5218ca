"""The numbered list of cards to refuse, and how it came to be. Written by the revocations room."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, String, Table

from central_api.tables.base import UtcDateTime, metadata

#: One row: the newest list.
revocation_head = Table(
    "revocation_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    # card_service.revocation.fingerprint_of, hex.
    Column("fingerprint", String(64), nullable=False),
    # When cards were last looked through for changes, and on which day all of them.
    Column("scanned_at", UtcDateTime, nullable=False),
    Column("reconciled_on", Date, nullable=False),
)

#: The cards on the newest list.
listed_cards = Table("listed_cards", metadata, Column("card_number", String(9), primary_key=True))

#: What changed with each number: a card put on or taken off.
revocation_changes = Table(
    "revocation_changes",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("card_number", String(9), primary_key=True),
    Column("is_listed", Boolean, nullable=False),
)
