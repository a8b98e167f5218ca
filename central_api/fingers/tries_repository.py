"""Queries on how fingers did at desks, and on the ranks that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from central_api.tables.cards import cards
from central_api.tables.fingers import finger_tries
from central_api.tables.kiosks import kiosks
from central_api.tables.people import areas, households, memberships, templates
from domain.card_number import CardNumber
from domain.finger_rank import FingerOutcome, RankedFinger
from domain.fingers import FingerPosition
from domain.ids import EventId, KioskId, PersonId


@dataclass(frozen=True, slots=True)
class EnrolledRank:
    """A finger as enrolment saw it, in its place of then and of now."""

    finger: RankedFinger
    rank: int


def has_tries_of(connection: Connection, event_id: EventId) -> bool:
    query = select(finger_tries.c.event_id).where(finger_tries.c.event_id == event_id).limit(1)
    return connection.execute(query).first() is not None


def add_tries(
    connection: Connection,
    event_id: EventId,
    kiosk_id: KioskId,
    person_id: PersonId,
    tries: Sequence[FingerOutcome],
    now: datetime,
) -> None:
    """``now`` bounds what a desk whose clock runs ahead may say."""
    rows = [
        {
            "event_id": event_id,
            "number": number,
            "person_id": person_id,
            "position": int(each.position),
            "is_match": each.is_match,
            "tried_at": min(each.at, now),
            "kiosk_id": kiosk_id,
        }
        for number, each in enumerate(tries)
    ]
    connection.execute(insert(finger_tries), rows)


def list_outcomes(connection: Connection, person_id: PersonId, most: int) -> list[FingerOutcome]:
    """The newest of the person's tries, the oldest first; the same set whatever order they came in."""
    query = (
        select(finger_tries)
        .where(finger_tries.c.person_id == person_id)
        .order_by(finger_tries.c.tried_at.desc(), finger_tries.c.event_id.desc(), finger_tries.c.number.desc())
        .limit(most)
    )
    rows = connection.execute(query).all()
    return [
        FingerOutcome(position=FingerPosition(row.position), is_match=row.is_match, at=row.tried_at)
        for row in reversed(rows)
    ]


def list_enrolled(connection: Connection, person_id: PersonId) -> list[EnrolledRank]:
    """The person's fingers in the order of enrolment."""
    query = (
        select(templates)
        .where(templates.c.person_id == person_id)
        .order_by(templates.c.enrolled_rank, templates.c.position)
    )
    return [
        EnrolledRank(
            RankedFinger(
                position=FingerPosition(row.position),
                quality=row.quality,
                pair_evidence=row.pair_evidence,
                attempts=row.attempts,
            ),
            row.rank,
        )
        for row in connection.execute(query)
    ]


def put_ranks(connection: Connection, person_id: PersonId, ranks: Mapping[FingerPosition, int]) -> None:
    for position, rank in ranks.items():
        chosen = (templates.c.person_id == person_id) & (templates.c.position == int(position))
        connection.execute(update(templates).where(chosen).values(rank=rank))


def put_enrolled_ranks(connection: Connection, person_id: PersonId, order: Sequence[FingerPosition]) -> None:
    """The order as the captures say it, which learning begins with."""
    for rank, position in enumerate(order, start=1):
        chosen = (templates.c.person_id == person_id) & (templates.c.position == int(position))
        connection.execute(update(templates).where(chosen).values(rank=rank, enrolled_rank=rank))


def forget_tries(connection: Connection, person_id: PersonId, positions: Iterable[FingerPosition]) -> None:
    """How a finger did with an older template says nothing of the new one."""
    gone = [int(position) for position in positions]
    chosen = (finger_tries.c.person_id == person_id) & finger_tries.c.position.in_(gone)
    connection.execute(delete(finger_tries).where(chosen))


def is_on_card(connection: Connection, number: CardNumber, person_id: PersonId) -> bool:
    """Whether the card was ever this person's: their own, or their household's while they were of it."""
    of_household = select(memberships.c.household_id).where(memberships.c.person_id == person_id)
    query = select(cards.c.number).where(
        cards.c.number == number, (cards.c.person_id == person_id) | cards.c.household_id.in_(of_household)
    )
    return connection.execute(query).first() is not None


def list_offices_of(connection: Connection, person_id: PersonId) -> list[str]:
    """Areas of the desks that serve where the person lives, and of those that have seen their fingers."""
    homes = (
        select(households.c.area)
        .join(memberships, memberships.c.household_id == households.c.id)
        .where(memberships.c.person_id == person_id, memberships.c.left_at.is_(None))
    )
    around = {above for area in connection.execute(homes).scalars() for above in _upwards(connection, area)}
    here = select(kiosks.c.area).where(kiosks.c.area.in_(sorted(around)))
    seen = (
        select(kiosks.c.area)
        .join(finger_tries, finger_tries.c.kiosk_id == kiosks.c.id)
        .where(finger_tries.c.person_id == person_id)
    )
    return sorted({str(area) for query in (here, seen) for area in connection.execute(query).scalars()})


def _upwards(connection: Connection, area: str) -> list[str]:
    """The area and every one that it lies in: an office serves all below it."""
    found: list[str] = []
    at: str | None = area
    while at is not None and at not in found:
        found.append(at)
        at = connection.execute(select(areas.c.parent).where(areas.c.code == at)).scalar()
    return found
