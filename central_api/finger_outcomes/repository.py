"""Queries on who gave fingers and whose fingers were recognised. Reads the tables of other rooms; writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection, exists, select
from sqlalchemy.engine import Row
from sqlalchemy.sql.elements import Label

from central_api.finger_outcomes.groups import Attempt
from central_api.tables.benefits import deliveries
from central_api.tables.fingers import finger_exceptions
from central_api.tables.people import consents, persons, submissions, templates
from central_api.tables.service import denials
from domain.consent import ConsentPurpose
from domain.fingers import YOUNGEST_FINGER_AGE_YEARS
from domain.messages.enrolment import EnrolmentStatus
from domain.people import BirthDate
from domain.sensors import SensorIdentity
from domain.verification import Rung, RungOutcome, VerifiedBy

_FINGER_RUNGS = frozenset({Rung.BEST_FINGER, Rung.OTHER_FINGER})
_FINGER_FAILED = frozenset({RungOutcome.NOT_MATCHED, RungOutcome.BAD_CAPTURE})
_BY_FINGER = frozenset({VerifiedBy.FINGER, VerifiedBy.TWO_FINGERS, VerifiedBy.OTHER_FINGER})
_WORK = "occupation"


def list_enrolled(connection: Connection, since: datetime) -> Iterator[Attempt]:
    """Everybody who agreed to give fingers and is old enough; failed: not one finger could be kept."""
    has_finger = exists().where(templates.c.person_id == persons.c.id).label("has_finger")
    query = (
        select(
            persons.c.sex,
            persons.c.born_on,
            persons.c.facts,
            submissions.c.kiosk_id,
            submissions.c.operator_id,
            submissions.c.received_at,
            has_finger,
            _device_of_best_finger(),
            _device_of_exceptions(),
        )
        .join(consents, consents.c.submission_id == submissions.c.id)
        .join(persons, persons.c.id == consents.c.person_id)
        .where(
            submissions.c.status == EnrolmentStatus.REGISTERED,
            submissions.c.received_at >= since,
            consents.c.purpose == ConsentPurpose.BIOMETRICS,
        )
    )
    for row in connection.execute(query):
        age = _age(row.born_on, row.received_at.date())
        if age >= YOUNGEST_FINGER_AGE_YEARS:
            work = _work_of(row.facts)
            sensor = _sensor(row.taken_on or row.tried_on)
            yield Attempt(not row.has_finger, age, row.sex, work, row.kiosk_id, row.operator_id, sensor)


def _device_of_best_finger() -> Label[object]:
    query = select(templates.c.sensor).where(templates.c.person_id == persons.c.id)
    return query.order_by(templates.c.enrolled_rank).limit(1).correlate(persons).scalar_subquery().label("taken_on")


def _device_of_exceptions() -> Label[object]:
    """Of somebody without a finger: the device on which it was tried most."""
    query = select(finger_exceptions.c.sensor).where(finger_exceptions.c.person_id == persons.c.id)
    newest = query.order_by(finger_exceptions.c.attempts.desc(), finger_exceptions.c.position).limit(1)
    return newest.correlate(persons).scalar_subquery().label("tried_on")


def list_verified(connection: Connection, since: datetime) -> Iterator[Attempt]:
    """Every visit in which a finger was tried and something was handed over; failed: another way had to be taken."""
    query = (
        select(deliveries, persons.c.sex, persons.c.born_on, persons.c.facts)
        .outerjoin(persons, persons.c.id == deliveries.c.person_id)
        .where(deliveries.c.delivered_at >= since)
        .order_by(deliveries.c.delivered_at)
    )
    seen: set[tuple[str, str, date, str]] = set()
    for row in connection.execute(query):
        rungs = row.record.get("rungs", [])
        # A visit may bring several deliveries; all of them carry the ladder of the visit.
        visit = (row.card_number, row.kiosk_id, row.delivered_at.date(), str(rungs))
        by_finger = row.verified_by in _BY_FINGER
        if visit not in seen and (by_finger or _has_failed_finger(rungs)):
            seen.add(visit)
            yield _visit(row, has_failed=not by_finger)


def _visit(row: Row[tuple[object, ...]], *, has_failed: bool) -> Attempt:
    age = None if row.born_on is None else _age(row.born_on, row.delivered_at.date())
    sensor = _sensor_of(row.record.get("rungs", []))
    return Attempt(has_failed, age, row.sex, _work_of(row.facts), row.kiosk_id, row.operator_id, sensor)


def list_turned_away(connection: Connection, since: datetime) -> Iterator[Attempt]:
    """Every refusal after a finger had failed; of the holder's group, as denials are counted."""
    for row in connection.execute(select(denials).where(denials.c.denied_at >= since)):
        if _has_failed_finger(row.rungs) and not _has_matched_finger(row.rungs):
            year = row.holder_birth_year
            age = None if year is None else max(0, row.denied_at.year - year)
            yield Attempt(
                True,
                age,
                row.holder_sex,
                row.holder_occupation,
                row.kiosk_id,
                row.operator_id,
                _sensor_of(row.rungs),
            )


def _sensor_of(rungs: list[dict[str, object]]) -> SensorIdentity | None:
    """The device of the visit's last finger: a module changed in the middle of a visit is rare."""
    told = [rung.get("sensor") for rung in rungs if rung.get("rung") in _FINGER_RUNGS]
    return next((sensor for sensor in map(_sensor, reversed(told)) if sensor is not None), None)


def _sensor(told: object) -> SensorIdentity | None:
    return None if told is None else SensorIdentity.model_validate(told)


def _has_failed_finger(rungs: list[dict[str, object]]) -> bool:
    return any(rung.get("rung") in _FINGER_RUNGS and rung.get("outcome") in _FINGER_FAILED for rung in rungs)


def _has_matched_finger(rungs: list[dict[str, object]]) -> bool:
    return any(rung.get("rung") in _FINGER_RUNGS and rung.get("outcome") == RungOutcome.MATCHED for rung in rungs)


def _age(born_on: date, on: date) -> int:
    return BirthDate(on=born_on).age_years(on=on)


def _work_of(facts: dict[str, object] | None) -> str | None:
    work = (facts or {}).get(_WORK)
    return work if isinstance(work, str) else None
