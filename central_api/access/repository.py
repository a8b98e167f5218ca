"""The kiosk behind a signature, and the nonces already used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from central_api.tables.kiosks import kiosks, nonces
from domain.ids import AreaCode, KioskId


@dataclass(frozen=True, slots=True)
class KnownKiosk:
    """A registered kiosk, as a request handler sees the caller."""

    id: KioskId
    area: AreaCode
    signing_key: bytes
    terminal_key: bytes
    terminal_reference: str
    is_active: bool = True


def find_kiosk(connection: Connection, kiosk_id: str) -> KnownKiosk | None:
    """The kiosk, in service or not, unless it is unknown."""
    query = select(
        kiosks.c.id,
        kiosks.c.area,
        kiosks.c.signing_key,
        kiosks.c.terminal_key,
        kiosks.c.terminal_reference,
        kiosks.c.is_active,
    ).where(kiosks.c.id == kiosk_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    return KnownKiosk(
        KioskId(row.id), AreaCode(row.area), row.signing_key, row.terminal_key, row.terminal_reference, row.is_active
    )


def use_nonce(connection: Connection, kiosk_id: str, nonce: str, now: datetime) -> bool:
    """Whether the nonce was new; it is used up from now on."""
    try:
        with connection.begin_nested():
            connection.execute(insert(nonces).values(kiosk_id=kiosk_id, nonce=nonce, seen_at=now))
    except IntegrityError:
        return False
    connection.execute(update(kiosks).where(kiosks.c.id == kiosk_id).values(seen_at=now))
    return True


def forget_nonces(connection: Connection, before: datetime) -> None:
    """Drops nonces that no request could bring again in time."""
    connection.execute(delete(nonces).where(nonces.c.seen_at < before))
