"""Queries on sealed templates and portraits. What comes out is sealed; the vault opens it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, null, select

from central_api.tables.people import portraits, templates
from central_api.vault import Sealed
from domain.fingers import FingerPosition
from domain.ids import PersonId
from domain.messages.enrolment import FingerRecord
from domain.sensors import SensorIdentity


@dataclass(frozen=True, slots=True)
class SealedFinger:
    """One finger's template, sealed for this person and position."""

    person_id: PersonId
    position: FingerPosition
    quality: int
    rank: int
    template: Sealed
    pair_evidence: int = 0
    attempts: int = 2
    #: The device that took it, where it said who it is.
    sensor: SensorIdentity | None = None

    @classmethod
    def of(cls, person_id: PersonId, finger: FingerRecord, sealed: Sealed) -> SealedFinger:
        """A finger as a desk sent it, its template sealed."""
        return cls(
            person_id=person_id,
            position=finger.position,
            quality=finger.quality,
            rank=finger.rank,
            template=sealed,
            pair_evidence=finger.pair_evidence,
            attempts=finger.attempts,
            sensor=finger.sensor,
        )


def add_finger(connection: Connection, finger: SealedFinger) -> None:
    values = {
        "person_id": finger.person_id,
        "position": finger.position,
        "quality": finger.quality,
        "rank": finger.rank,
        "enrolled_rank": finger.rank,
        "pair_evidence": finger.pair_evidence,
        "attempts": finger.attempts,
        "sensor": null() if finger.sensor is None else finger.sensor.model_dump(mode="json"),
        "key_id": finger.template.key_id,
        "sealed": finger.template.data,
    }
    connection.execute(insert(templates).values(values))


def drop_fingers(connection: Connection, person_id: PersonId, positions: Iterable[FingerPosition]) -> None:
    """Makes room for newer ones."""
    gone = [int(position) for position in positions]
    chosen = (templates.c.person_id == person_id) & templates.c.position.in_(gone)
    connection.execute(delete(templates).where(chosen))


def list_persons_with_fingers(connection: Connection) -> list[PersonId]:
    query = select(templates.c.person_id).distinct()
    return [PersonId(person_id) for person_id in connection.execute(query).scalars()]


def list_fingers(connection: Connection, person_ids: Iterable[PersonId]) -> Iterator[SealedFinger]:
    """Fingers of these persons, each person's best first."""
    query = (
        select(templates)
        .where(templates.c.person_id.in_(list(person_ids)))
        .order_by(templates.c.person_id, templates.c.rank)
    )
    for row in connection.execute(query):
        sealed = Sealed(row.key_id, row.sealed)
        yield SealedFinger(PersonId(row.person_id), FingerPosition(row.position), row.quality, row.rank, sealed)


def add_portrait(connection: Connection, person_id: PersonId, portrait: Sealed) -> None:
    values = {"person_id": person_id, "key_id": portrait.key_id, "sealed": portrait.data}
    connection.execute(insert(portraits).values(values))


def find_portrait(connection: Connection, person_id: PersonId) -> Sealed | None:
    row = connection.execute(select(portraits).where(portraits.c.person_id == person_id)).first()
    return None if row is None else Sealed(row.key_id, row.sealed)
