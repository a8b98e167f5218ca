"""Queries on areas."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from central_api.tables.people import areas
from domain.areas import Area, AreaLevel
from domain.ids import AreaCode


def list_areas(connection: Connection) -> list[Area]:
    """Every area, parents before children."""
    rows = connection.execute(select(areas).order_by(areas.c.level, areas.c.code))
    return [Area(code=row.code, level=AreaLevel(row.level), parent=row.parent, names=row.names) for row in rows]


def has_area(connection: Connection, code: AreaCode) -> bool:
    return connection.execute(select(areas.c.code).where(areas.c.code == code)).first() is not None


def put_areas(connection: Connection, wanted: Sequence[Area]) -> None:
    """Adds these areas, or replaces them where the code is known."""
    known = {area.code for area in list_areas(connection)}
    replaced = [area.code for area in wanted if area.code in known]
    if replaced:
        raise_if_used = areas.c.code.in_(replaced)
        connection.execute(delete(areas).where(raise_if_used))
    if wanted:
        connection.execute(insert(areas), [area.model_dump(mode="json") for area in wanted])
