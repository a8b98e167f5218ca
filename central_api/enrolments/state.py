"""What a kiosk is told of its submission: where it stands, and the persons to compare side by side."""

from __future__ import annotations

from central_api.context import Registry
from central_api.duplicates import repository as duplicates
from central_api.duplicates.repository import KnownPerson, StoredCandidate
from central_api.enrolments import repository
from central_api.enrolments.repository import StoredSubmission
from central_api.households.service import PurposeOfReading, note_reading, read_portrait
from central_api.journal.transaction import Transaction
from domain.ids import KioskId, SubmissionId
from domain.messages.enrolment import DuplicateCandidate, EnrolmentState, EnrolmentStatus


def read_state(
    transaction: Transaction, submission_id: SubmissionId, kiosk_id: KioskId, registry: Registry
) -> EnrolmentState:
    """Where the submission stands. UNKNOWN for one that is not here, or was another kiosk's.

    Candidates carry portraits while they wait for a decision; showing them is in the access log.
    """
    stored = repository.find_submission(transaction.connection, submission_id)
    if stored is None or stored.kiosk_id != kiosk_id:
        return EnrolmentState(submission_id=submission_id, status=EnrolmentStatus.UNKNOWN)
    return EnrolmentState(
        submission_id=submission_id,
        status=stored.status,
        household_id=stored.household_id,
        refusal=stored.refusal,
        candidates=_candidates(transaction, stored, registry),
    )


def _candidates(
    transaction: Transaction, stored: StoredSubmission, registry: Registry
) -> tuple[DuplicateCandidate, ...]:
    if stored.status is not EnrolmentStatus.REVIEW:
        return ()
    candidates = duplicates.list_candidates(transaction.connection, stored.id)
    ids = [candidate.known_person_id for candidate in candidates]
    known = {each.id: each for each in duplicates.list_known(transaction.connection, ids)}
    return tuple(
        _candidate(transaction, candidate, known[candidate.known_person_id], stored.kiosk_id, registry)
        for candidate in candidates
    )


def _candidate(
    transaction: Transaction,
    candidate: StoredCandidate,
    known: KnownPerson,
    kiosk_id: KioskId,
    registry: Registry,
) -> DuplicateCandidate:
    purpose = PurposeOfReading.DECIDE_DUPLICATE
    note_reading(transaction, f"person:{known.id}", purpose, kiosk_id, "person.read")
    return DuplicateCandidate(
        candidate_id=candidate.id,
        person_id=candidate.person_id,
        known_person_id=known.id,
        known_household_id=known.household_id,
        known_name=known.name,
        known_sex=known.sex,
        known_birth_year=known.birth_year,
        known_area_names=known.area_names,
        known_portrait=read_portrait(transaction, registry.vault, known.id, purpose, kiosk_id),
        name_likeness=candidate.name_likeness,
        matching_fingers=candidate.matching_fingers,
        swapped=candidate.swapped,
        reasons=candidate.reasons,
        decision=candidate.decision,
    )
