"""Queries on grievances."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from central_api.tables.service import grievances
from domain.grievances import Grievance, GrievanceState
from domain.ids import GrievanceNumber, KioskId

_FIELDS = [column for column in grievances.c if column.name not in ("kiosk_id", "received_at")]


def find_grievance(connection: Connection, number: GrievanceNumber) -> Grievance | None:
    row = connection.execute(select(*_FIELDS).where(grievances.c.number == number)).mappings().first()
    return None if row is None else Grievance.model_validate(dict(row))


def add_grievance(connection: Connection, grievance: Grievance, kiosk_id: KioskId, now: datetime) -> None:
    values = grievance.model_dump()
    connection.execute(insert(grievances).values(kiosk_id=kiosk_id, received_at=now, **values))


def list_newest(connection: Connection, limit: int) -> list[Grievance]:
    query = select(*_FIELDS).order_by(grievances.c.lodged_at.desc(), grievances.c.number).limit(limit)
    return [Grievance.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def count_open(connection: Connection) -> int:
    query = select(func.count()).select_from(grievances).where(grievances.c.state != GrievanceState.RESOLVED)
    return connection.execute(query).scalar_one()
