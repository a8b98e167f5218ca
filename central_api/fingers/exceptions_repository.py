"""Queries on fingers that were not taken, and on sealed photographs of hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, null, select

from central_api.tables.fingers import finger_exceptions, hand_photos
from central_api.vault import Sealed
from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId
from domain.messages.enrolment import ExceptionLasting, FingerException, HandPhoto
from domain.sensors import SensorIdentity


@dataclass(frozen=True, slots=True)
class StoredException:
    """The newest word on one finger. ``ends_on`` None: it is never asked for again."""

    person_id: PersonId
    position: FingerPosition
    reason: FingerException
    lasting: ExceptionLasting
    attempts: int
    noted_at: datetime
    ends_on: date | None
    signed_by: OperatorId | None
    capture_id: str
    photo: HandPhoto | None = None
    sensor: SensorIdentity | None = None


def list_exceptions(connection: Connection, person_id: PersonId) -> list[StoredException]:
    """By finger."""
    query = select(finger_exceptions).where(finger_exceptions.c.person_id == person_id)
    rows = connection.execute(query.order_by(finger_exceptions.c.position))
    return [
        StoredException(
            person_id=PersonId(row.person_id),
            position=FingerPosition(row.position),
            reason=FingerException(row.reason),
            lasting=ExceptionLasting(row.lasting),
            attempts=row.attempts,
            noted_at=row.noted_at,
            ends_on=row.ends_on,
            signed_by=row.signed_by,
            capture_id=row.capture_id,
            photo=None if row.photo is None else HandPhoto(row.photo),
            sensor=None if row.sensor is None else SensorIdentity.model_validate(row.sensor),
        )
        for row in rows
    ]


def put_exception(connection: Connection, noted: StoredException) -> None:
    """In place of what was said of that finger before."""
    drop_exception(connection, noted.person_id, noted.position)
    values = {
        "person_id": noted.person_id,
        "position": int(noted.position),
        "reason": noted.reason,
        "lasting": noted.lasting,
        "attempts": noted.attempts,
        "noted_at": noted.noted_at,
        "ends_on": noted.ends_on,
        "signed_by": noted.signed_by,
        "capture_id": noted.capture_id,
        "photo": noted.photo,
        "sensor": null() if noted.sensor is None else noted.sensor.model_dump(mode="json"),
    }
    connection.execute(insert(finger_exceptions).values(values))


def drop_exception(connection: Connection, person_id: PersonId, position: FingerPosition) -> None:
    """The finger was taken after all."""
    chosen = (finger_exceptions.c.person_id == person_id) & (finger_exceptions.c.position == int(position))
    connection.execute(delete(finger_exceptions).where(chosen))


def add_photo(connection: Connection, person_id: PersonId, capture_id: str, photo: Sealed, taken_at: datetime) -> None:
    values = {
        "person_id": person_id,
        "capture_id": capture_id,
        "taken_at": taken_at,
        "key_id": photo.key_id,
        "sealed": photo.data,
    }
    connection.execute(insert(hand_photos).values(values))


def find_photo(connection: Connection, person_id: PersonId, capture_id: str) -> Sealed | None:
    query = select(hand_photos).where(hand_photos.c.person_id == person_id, hand_photos.c.capture_id == capture_id)
    row = connection.execute(query).first()
    return None if row is None else Sealed(row.key_id, row.sealed)
