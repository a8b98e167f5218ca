"""What desks are told of the fingers of their area, and what they found with them."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table

from central_api.tables.base import UtcDateTime, metadata

#: One row a person and area, with the number of the last change: a feed in which only the newest word is kept.
area_gallery = Table(
    "area_gallery",
    metadata,
    Column("area", String(40), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False, index=True),
    # Sum of the marks of the fingers that desks were told of; null: they were told to forget the person.
    Column("mark", BigInteger, nullable=True),
)

#: What a desk found in its gallery before it sent the registration.
local_checks = Table(
    "local_checks",
    metadata,
    Column("submission_id", String(40), ForeignKey("submissions.id"), primary_key=True),
    Column("verdict", String(20), nullable=False, index=True),
    Column("people", Integer, nullable=False),
    Column("record", JSON, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
)
