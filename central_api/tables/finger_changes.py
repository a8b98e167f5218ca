"""Whose fingers changed, in an order that a follower can remember its place in. Written by the database itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from central_api.tables.base import metadata

#: A row for every template written, changed or erased, made by triggers: whatever changes fingers need not tell.
finger_changes = Table(
    "finger_changes",
    metadata,
    Column("id", String(36), primary_key=True),
    # PostgreSQL: the number of the transaction that made the change. SQLite, which has one writer: counted upwards.
    Column("stamp", BigInteger, nullable=False, index=True),
    Column("person_id", String(40), nullable=False),
)
