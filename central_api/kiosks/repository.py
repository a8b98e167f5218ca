"""Queries on kiosks and on the codes they join with."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, insert, select, update

from central_api.tables.kiosks import bundle_numbers, kiosks, one_time_codes
from domain.events import FIRST_PREVIOUS_HASH
from domain.ids import KioskId
from domain.messages.kiosks import KioskRegistration

_ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class JoinedKiosk:
    """A kiosk with the keys it joined with."""

    id: KioskId
    signing_key: bytes
    terminal_key: bytes


def add_code(connection: Connection, code_sha256: str, purpose: str, now: datetime, valid_until: datetime) -> None:
    values = {"code_sha256": code_sha256, "purpose": purpose, "created_at": now, "valid_until": valid_until}
    connection.execute(insert(one_time_codes).values(values))


def use_code(connection: Connection, code_sha256: str, kiosk_id: KioskId, now: datetime) -> bool:
    """Whether the code was good and unused; it is this kiosk's from now on."""
    query = (
        update(one_time_codes)
        .where(
            one_time_codes.c.code_sha256 == code_sha256,
            one_time_codes.c.used_by.is_(None),
            one_time_codes.c.valid_until > now,
        )
        .values(used_by=kiosk_id)
    )
    return connection.execute(query).rowcount == 1


def find_user_of_code(connection: Connection, code_sha256: str) -> KioskId | None:
    """The kiosk that joined with this code."""
    query = select(one_time_codes.c.used_by).where(one_time_codes.c.code_sha256 == code_sha256)
    used_by = connection.execute(query).scalar()
    return None if used_by is None else KioskId(used_by)


def get_joined(connection: Connection, kiosk_id: KioskId) -> JoinedKiosk:
    query = select(kiosks.c.id, kiosks.c.signing_key, kiosks.c.terminal_key).where(kiosks.c.id == kiosk_id)
    row = connection.execute(query).one()
    return JoinedKiosk(KioskId(row.id), row.signing_key, row.terminal_key)


def has_key(connection: Connection, signing_key: bytes) -> bool:
    return connection.execute(select(kiosks.c.id).where(kiosks.c.signing_key == signing_key)).first() is not None


def add_kiosk(
    connection: Connection,
    kiosk_id: KioskId,
    reference: str,
    registration: KioskRegistration,
    chain: tuple[bytes, ...],
    now: datetime,
) -> None:
    values = {
        "id": kiosk_id,
        "name": registration.kiosk_name,
        "area": registration.area,
        "signing_key": registration.signing_key,
        "terminal_key": registration.terminal_key,
        "terminal_reference": reference,
        "is_active": True,
        "terminal_chain": _to_json(chain),
        "chain_issued_on": now.date(),
        "last_sequence": 0,
        "last_hash": FIRST_PREVIOUS_HASH,
        "registered_at": now,
        "seen_at": now,
    }
    connection.execute(insert(kiosks).values(values))


def put_active(connection: Connection, kiosk_id: KioskId, *, is_active: bool) -> bool:
    """Whether there is such a kiosk."""
    query = update(kiosks).where(kiosks.c.id == kiosk_id).values(is_active=is_active)
    return connection.execute(query).rowcount == 1


def count_kiosks(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(kiosks)).scalar_one()


def get_chain(connection: Connection, kiosk_id: KioskId) -> tuple[bytes, ...]:
    """The kiosk's certificates as last issued."""
    stored = connection.execute(select(kiosks.c.terminal_chain).where(kiosks.c.id == kiosk_id)).scalar_one()
    return tuple(base64.b64decode(certificate) for certificate in stored)


def get_chain_day(connection: Connection, kiosk_id: KioskId) -> date:
    day: date = connection.execute(select(kiosks.c.chain_issued_on).where(kiosks.c.id == kiosk_id)).scalar_one()
    return day


def put_chain(connection: Connection, kiosk_id: KioskId, chain: tuple[bytes, ...], today: date) -> None:
    values = {"terminal_chain": _to_json(chain), "chain_issued_on": today}
    connection.execute(update(kiosks).where(kiosks.c.id == kiosk_id).values(values))


def _to_json(chain: tuple[bytes, ...]) -> list[str]:
    return [base64.b64encode(certificate).decode("ascii") for certificate in chain]


def number_bundle(connection: Connection, content_sha256: str) -> int:
    """Number of the bundle with this content; it only ever rises."""
    row = connection.execute(select(bundle_numbers).where(bundle_numbers.c.id == _ONLY_ROW).with_for_update()).first()
    if row is None:
        # The list of refused cards has numbers of its own (central_api/revocations) since it left the bundle.
        values = {"number": 1, "content_sha256": content_sha256, "revocation_number": 0, "revoked_cards": ""}
        connection.execute(insert(bundle_numbers).values(id=_ONLY_ROW, **values))
        return 1
    number: int = row.number + (row.content_sha256 != content_sha256)
    values = {"number": number, "content_sha256": content_sha256}
    connection.execute(update(bundle_numbers).where(bundle_numbers.c.id == _ONLY_ROW).values(values))
    return number
