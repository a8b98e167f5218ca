"""Queries on review cases."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue
from sqlalchemy import Connection, func, insert, select, update

from central_api.tables.benefits import review_cases


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """``subject`` says what it is about (``delivery:…``), ``reason`` is the stable code of the trouble."""

    id: str
    subject: str
    reason: str
    kiosk_id: str
    opened_at: datetime


def open_case(
    connection: Connection, *, subject: str, reason: str, kiosk_id: str, record: JsonValue, now: datetime
) -> str:
    """The id of the case for this trouble; the same trouble again is the same case."""
    known = select(review_cases.c.id).where(review_cases.c.subject == subject, review_cases.c.reason == reason)
    found: str | None = connection.execute(known).scalar()
    if found is not None:
        return found
    case_id = str(uuid.uuid4())
    values = {"id": case_id, "subject": subject, "reason": reason, "kiosk_id": kiosk_id, "record": record}
    connection.execute(insert(review_cases).values(state=CaseState.OPEN, opened_at=now, **values))
    return case_id


def close_case(connection: Connection, *, subject: str, reason: str) -> None:
    """What it was opened for is decided."""
    chosen = (review_cases.c.subject == subject) & (review_cases.c.reason == reason)
    connection.execute(update(review_cases).where(chosen).values(state=CaseState.CLOSED))


def list_open_cases(connection: Connection, limit: int) -> list[ReviewCase]:
    """The newest first."""
    query = (
        select(review_cases)
        .where(review_cases.c.state == CaseState.OPEN)
        .order_by(review_cases.c.opened_at.desc(), review_cases.c.id)
        .limit(limit)
    )
    rows = connection.execute(query)
    return [ReviewCase(row.id, row.subject, row.reason, row.kiosk_id, row.opened_at) for row in rows]


def count_open_cases(connection: Connection) -> int:
    query = select(func.count()).select_from(review_cases).where(review_cases.c.state == CaseState.OPEN)
    return connection.execute(query).scalar_one()
