"""The duplicate search: candidates for a human decision, never a verdict."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from biometrics.template import Template
from central_api.duplicates import repository
from central_api.duplicates.names import likeness, name_key
from central_api.duplicates.repository import KnownPerson, StoredCandidate
from central_api.finger_search import FingerSearch
from domain.ids import AreaCode, PersonId, SubmissionId
from domain.people import BirthPrecision, Household, Person, Sex

#: Years between the birth years of one person as told twice; who knows the year only, or an age, tells it wider.
_YEARS_APART = {BirthPrecision.DAY: 1, BirthPrecision.YEAR: 2, BirthPrecision.ABOUT: 6}
#: Names at least this alike are shown to an officer when the person lives in the same district …
LIKE_NAMES = 90
#: … and only this alike when in another.
VERY_LIKE_NAMES = 97

REASON_FINGERS = "duplicate.fingers"
REASON_NAME = "duplicate.name"
REASON_BIRTH = "duplicate.birth_year"
REASON_PLACE = "duplicate.same_district"


@dataclass(frozen=True, slots=True)
class Probe:
    """A captured person with the fingers given."""

    person: Person
    fingers: Sequence[Template]


def find_candidates(
    connection: Connection,
    fingers: FingerSearch,
    household: Household,
    probes: Iterable[Probe],
    submission_id: SubmissionId,
) -> list[StoredCandidate]:
    """Registered persons who may be one of the captured ones.

    Members of one household are never compared with each other: they are different people standing side by side.
    """
    captured = {member.person.id for member in household.members}
    districts = repository.district_of(connection)
    found: list[StoredCandidate] = []
    for probe in probes:
        by_finger = fingers.search(probe.fingers)
        known = _gather(connection, probe.person, by_finger)
        for candidate in known.values():
            if candidate.id not in captured:
                found += _compare(probe.person, household.area, candidate, by_finger, districts, submission_id)
    return found


def _gather(connection: Connection, person: Person, by_finger: dict[PersonId, int]) -> dict[PersonId, KnownPerson]:
    """Everybody worth comparing: born about then, or with a matching finger."""
    apart = _YEARS_APART[person.born.precision]
    # The registered birth date may be the vague one: look as far as the vaguest, compare by both below.
    widest = max(_YEARS_APART.values(), default=apart)
    year = person.born.on.year
    sexes = list(Sex) if person.sex is Sex.OTHER else [person.sex, Sex.OTHER]
    near = repository.list_born_about(connection, year - widest, year + widest, sexes)
    known = {each.id: each for each in near}
    missing = [person_id for person_id in by_finger if person_id not in known]
    known |= {each.id: each for each in repository.list_known(connection, missing)} if missing else {}
    return known


def _compare(
    person: Person,
    area: AreaCode,
    known: KnownPerson,
    by_finger: dict[PersonId, int],
    districts: dict[AreaCode, AreaCode],
    submission_id: SubmissionId,
) -> list[StoredCandidate]:
    """One candidate, or none."""
    alike = likeness(name_key(person.name), person.name.local, known.name_key, known.name.local)
    years = abs(person.born.on.year - known.birth_year)
    same_district = districts.get(area) == districts.get(known.area)
    matching = by_finger.get(known.id, 0)
    near_birth = years <= _YEARS_APART[person.born.precision]
    by_name = near_birth and alike >= (LIKE_NAMES if same_district else VERY_LIKE_NAMES)
    if not matching and not by_name:
        return []
    reasons = [
        *([REASON_FINGERS] if matching else []),
        *([REASON_NAME] if alike >= LIKE_NAMES else []),
        *([REASON_BIRTH] if near_birth else []),
        *([REASON_PLACE] if same_district else []),
    ]
    return [
        StoredCandidate(
            id=str(uuid.uuid4()),
            submission_id=submission_id,
            person_id=person.id,
            known_person_id=known.id,
            name_likeness=alike,
            matching_fingers=matching,
            reasons=tuple(reasons),
            decision=None,
        )
    ]
