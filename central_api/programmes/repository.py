"""Queries on programmes."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from central_api.tables.benefits import programmes
from domain.programmes import Programme


def list_programmes(connection: Connection) -> list[Programme]:
    """The catalogue, by scheme number."""
    rows = connection.execute(select(programmes.c.definition).order_by(programmes.c.scheme))
    return [Programme.model_validate(row.definition) for row in rows]


def put_programme(connection: Connection, programme: Programme) -> bool:
    """Whether the programme is new or says something else than before."""
    values = {
        "scheme": programme.scheme,
        "version": programme.version,
        "definition": programme.model_dump(mode="json"),
    }
    known = connection.execute(select(programmes).where(programmes.c.code == programme.code)).first()
    if known is None:
        connection.execute(insert(programmes).values(code=programme.code, **values))
        return True
    if known.definition == values["definition"]:
        return False
    connection.execute(update(programmes).where(programmes.c.code == programme.code).values(**values))
    return True
