"""Queries of the duplicate search and on its candidates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.sql import Select

from central_api.tables.people import areas, duplicate_candidates, households, memberships, persons
from domain.areas import AreaLevel
from domain.finger_swaps import SwappedPair
from domain.ids import AreaCode, HouseholdId, OperatorId, PersonId, SubmissionId
from domain.messages.enrolment import DuplicateDecision
from domain.people import PersonName, Sex


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A registered person as the search compares and an officer looks at."""

    id: PersonId
    household_id: HouseholdId
    name: PersonName
    name_key: str
    sex: Sex
    birth_year: int
    area: AreaCode
    area_names: dict[str, str]


@dataclass(frozen=True, slots=True)
class StoredCandidate:
    """A candidate as kept; ``decision`` None while nobody has looked."""

    id: str
    submission_id: SubmissionId
    person_id: PersonId
    known_person_id: PersonId
    name_likeness: int
    matching_fingers: int
    reasons: tuple[str, ...]
    decision: DuplicateDecision | None
    #: Of the matching fingers those that came under another name than before.
    swapped: tuple[SwappedPair, ...] = ()


def list_born_about(connection: Connection, first_year: int, last_year: int, sexes: list[Sex]) -> list[KnownPerson]:
    """Registered persons of these years and sexes."""
    query = _known().where(persons.c.birth_year.between(first_year, last_year), persons.c.sex.in_(sexes))
    return [_known_person(row) for row in connection.execute(query)]


def list_known(connection: Connection, ids: list[PersonId]) -> list[KnownPerson]:
    return [_known_person(row) for row in connection.execute(_known().where(persons.c.id.in_(ids)))]


def _known() -> Select[tuple[object, ...]]:
    return (
        select(
            persons.c.id,
            persons.c.name_latin,
            persons.c.name_local,
            persons.c.name_script,
            persons.c.name_key,
            persons.c.sex,
            persons.c.birth_year,
            memberships.c.household_id,
            households.c.area,
            areas.c.names,
        )
        .join(memberships, (memberships.c.person_id == persons.c.id) & memberships.c.left_at.is_(None))
        .join(households, households.c.id == memberships.c.household_id)
        .join(areas, areas.c.code == households.c.area)
        .order_by(persons.c.id, memberships.c.joined_at)
    )


def _known_person(row: Row[tuple[object, ...]]) -> KnownPerson:
    return KnownPerson(
        id=PersonId(row.id),
        household_id=HouseholdId(row.household_id),
        name=PersonName(latin=row.name_latin, local=row.name_local, script=row.name_script),
        name_key=row.name_key,
        sex=Sex(row.sex),
        birth_year=row.birth_year,
        area=AreaCode(row.area),
        area_names=row.names,
    )


def district_of(connection: Connection) -> dict[AreaCode, AreaCode]:
    """For each area the district that it lies in; areas above a district stand for themselves."""
    rows = connection.execute(select(areas.c.code, areas.c.parent, areas.c.level).order_by(areas.c.level))
    district: dict[AreaCode, AreaCode] = {}
    for row in rows:
        is_below = row.level > AreaLevel.DISTRICT and row.parent in district
        district[AreaCode(row.code)] = district[AreaCode(row.parent)] if is_below else AreaCode(row.code)
    return district


def add_candidate(connection: Connection, candidate: StoredCandidate) -> None:
    values = {
        "id": candidate.id,
        "submission_id": candidate.submission_id,
        "person_id": candidate.person_id,
        "known_person_id": candidate.known_person_id,
        "name_likeness": candidate.name_likeness,
        "matching_fingers": candidate.matching_fingers,
        "reasons": list(candidate.reasons),
        "swapped": [each.model_dump(mode="json") for each in candidate.swapped],
    }
    connection.execute(insert(duplicate_candidates).values(values))


def list_candidates(connection: Connection, submission_id: SubmissionId) -> list[StoredCandidate]:
    """The strongest first."""
    query = (
        select(duplicate_candidates)
        .where(duplicate_candidates.c.submission_id == submission_id)
        .order_by(
            duplicate_candidates.c.matching_fingers.desc(),
            duplicate_candidates.c.name_likeness.desc(),
            duplicate_candidates.c.id,
        )
    )
    return [_candidate(row) for row in connection.execute(query)]


def find_candidate(connection: Connection, submission_id: SubmissionId, candidate_id: str) -> StoredCandidate | None:
    query = select(duplicate_candidates).where(
        duplicate_candidates.c.submission_id == submission_id, duplicate_candidates.c.id == candidate_id
    )
    row = connection.execute(query).first()
    return None if row is None else _candidate(row)


def put_decision(
    connection: Connection,
    candidate_id: str,
    decision: DuplicateDecision,
    reason: str,
    operator_id: OperatorId | None,
    now: datetime,
) -> None:
    values = {"decision": decision, "decision_reason": reason, "decided_by": operator_id, "decided_at": now}
    chosen = duplicate_candidates.c.id == candidate_id
    connection.execute(update(duplicate_candidates).where(chosen).values(values))


def _candidate(row: Row[tuple[object, ...]]) -> StoredCandidate:
    return StoredCandidate(
        id=row.id,
        submission_id=SubmissionId(row.submission_id),
        person_id=PersonId(row.person_id),
        known_person_id=PersonId(row.known_person_id),
        name_likeness=row.name_likeness,
        matching_fingers=row.matching_fingers,
        reasons=tuple(row.reasons),
        decision=None if row.decision is None else DuplicateDecision(row.decision),
        swapped=tuple(SwappedPair.model_validate(each) for each in row.swapped),
    )
