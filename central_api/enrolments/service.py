"""A submission's way: received, searched, decided by an officer where needed, registered or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from biometrics.template import Template
from central_api.context import Registry
from central_api.database import take_turns
from central_api.duplicates import repository as duplicates
from central_api.duplicates.repository import StoredCandidate
from central_api.duplicates.service import Probe, find_candidates
from central_api.enrolments import local_check, repository
from central_api.enrolments.completeness import EnrolmentRefused, check_submission, decode_fingers
from central_api.enrolments.registration import find_collision, register_household
from central_api.enrolments.sealed_submission import open_submission, reopen_submission
from central_api.entitlements.service import grant_pending
from central_api.errors import Conflict, NotFound
from central_api.fingers.swaps import FoundSwaps, find_swaps, keep_swaps
from central_api.four_eyes import check_override
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.feed import NewChange
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator, has_operators
from central_api.places.repository import has_area
from central_api.reviews.repository import open_case
from domain.ids import KioskId, OperatorId, PersonId, SubmissionId
from domain.messages.enrolment import (
    DuplicateDecided,
    DuplicateDecision,
    EnrolmentStatus,
    EnrolmentSubmission,
    SealedEnrolment,
)
from domain.messages.sync import ChangeKind

#: Registrations take turns: two desks that enrol one person at once must see each other.
TURN = "registration"

_FINAL = (DuplicateDecision.SAME_PERSON, DuplicateDecision.DIFFERENT_PERSON)


class SubmissionDiffers(Conflict):
    """Another submission stands under this id already."""

    code = "enrolment.submission_differs"
    message_key = "error.enrolment_submission_differs"


class DecidedOtherwise(Conflict):
    """The candidate was decided before, the other way."""

    code = "duplicate.decided_otherwise"
    message_key = "error.duplicate_decided_otherwise"


def receive_submission(
    transaction: Transaction, envelope: SealedEnrolment, kiosk_id: KioskId, registry: Registry
) -> EnrolmentStatus:
    """Registers, refuses, or leaves the household waiting for an officer. The same submission again changes nothing.

    Raises SubmissionDiffers or SubmissionUnreadable.
    """
    take_turns(transaction.connection, TURN)
    known = repository.find_submission(transaction.connection, envelope.submission_id)
    if known is not None:
        if known.content_sha256 != envelope.content_sha256:
            raise SubmissionDiffers("same id, another content")
        return known.status
    submission = open_submission(envelope, registry.enrolment_key)
    repository.add_submission(transaction.connection, envelope, kiosk_id, submission.operator_id, transaction.now)
    _note_unknown_operator(transaction, submission, kiosk_id)
    try:
        _check(transaction, submission, kiosk_id)
        local_check.keep_check(transaction, submission)
        return _advance(transaction, submission, registry)
    except EnrolmentRefused as refusal:
        return _refuse(transaction, submission, refusal.reason)


def decide_duplicate(
    transaction: Transaction, decided: DuplicateDecided, operator_id: OperatorId | None, registry: Registry
) -> EnrolmentStatus:
    """Takes an officer's decision; the last one that was missing registers the household.

    Raises NotFound, DecidedOtherwise or SamePersonTwice.
    """
    connection = transaction.connection
    take_turns(connection, TURN)
    stored = repository.find_submission(connection, decided.submission_id)
    candidate = duplicates.find_candidate(connection, decided.submission_id, decided.candidate_id)
    if stored is None or candidate is None:
        raise NotFound("duplicate_candidate")
    if candidate.decision == decided.decision:
        return stored.status
    if candidate.decision in _FINAL or stored.status is not EnrolmentStatus.REVIEW:
        raise DecidedOtherwise("decided before")
    if decided.decision is DuplicateDecision.DIFFERENT_PERSON and candidate.matching_fingers > 0:
        # The machine says one person, somebody says two: that somebody is not the one who captured them.
        concerned = (candidate.person_id, candidate.known_person_id)
        check_override(connection, decider=operator_id, maker=stored.operator_id, concerned=concerned)
    duplicates.put_decision(connection, candidate.id, decided.decision, decided.reason, operator_id, transaction.now)
    _note(
        transaction,
        "duplicate.decided",
        decided.submission_id,
        operator_id,
        {"decision": decided.decision, "person": candidate.person_id, "known_person": candidate.known_person_id},
    )
    if decided.decision is DuplicateDecision.SAME_PERSON:
        found = FoundSwaps(stored.id, candidate.known_person_id, candidate.swapped, stored.operator_id)
        keep_swaps(transaction, found, stored.kiosk_id)
    submission = reopen_submission(stored.id, stored.sealed, registry.enrolment_key)
    return _advance(transaction, submission, registry)


def _check(transaction: Transaction, submission: EnrolmentSubmission, kiosk_id: KioskId) -> None:
    connection = transaction.connection
    if submission.kiosk_id != kiosk_id:
        raise EnrolmentRefused("enrolment.other_kiosk")
    check_submission(submission, lambda area: has_area(connection, area), on=transaction.now.date())


def _advance(transaction: Transaction, submission: EnrolmentSubmission, registry: Registry) -> EnrolmentStatus:
    """Searches again (somebody may have been registered meanwhile) and registers when nothing is left to decide."""
    connection = transaction.connection
    _search(transaction, submission, registry)
    is_all_known = local_check.take_candidates(transaction, submission)
    candidates = duplicates.list_candidates(connection, submission.submission_id)
    if not is_all_known or any(candidate.decision not in _FINAL for candidate in candidates):
        _publish(transaction, submission, EnrolmentStatus.REVIEW)
        return EnrolmentStatus.REVIEW
    same = {
        candidate.person_id: candidate.known_person_id
        for candidate in candidates
        if candidate.decision is DuplicateDecision.SAME_PERSON
    }
    refusal = find_collision(connection, submission) or _refusal_for(submission, same)
    if refusal is not None:
        status = _refuse(transaction, submission, refusal)
    else:
        status = _register(transaction, submission, same, registry)
    for stored in local_check.list_waiting_for(transaction, submission.submission_id):
        _advance(transaction, reopen_submission(stored.id, stored.sealed, registry.enrolment_key), registry)
    return status


def _search(transaction: Transaction, submission: EnrolmentSubmission, registry: Registry) -> None:
    connection = transaction.connection
    registry.fingers.refresh(connection, registry.vault)
    fingers = {capture.person_id: decode_fingers(capture) for capture in submission.captures}
    probes = [Probe(member.person, fingers.get(member.person.id, [])) for member in submission.household.members]
    listed = {
        (candidate.person_id, candidate.known_person_id)
        for candidate in duplicates.list_candidates(connection, submission.submission_id)
    }
    found = find_candidates(connection, registry.fingers, submission.household, probes, submission.submission_id)
    for candidate in found:
        if (candidate.person_id, candidate.known_person_id) not in listed:
            duplicates.add_candidate(connection, _with_swaps(transaction, candidate, fingers, submission, registry))


def _with_swaps(
    transaction: Transaction,
    candidate: StoredCandidate,
    fingers: Mapping[PersonId, Sequence[Template]],
    submission: EnrolmentSubmission,
    registry: Registry,
) -> StoredCandidate:
    """Where fingers match, those that came under another name than the known person gave them."""
    if not candidate.matching_fingers:
        return candidate
    given, known = fingers.get(candidate.person_id, []), candidate.known_person_id
    swapped = find_swaps(transaction, registry.vault, given, known, submission.kiosk_id)
    return replace(candidate, swapped=swapped)


def _refusal_for(submission: EnrolmentSubmission, same: dict[PersonId, PersonId]) -> str | None:
    if submission.household.head.person.id in same:
        # The household of that head is there already; a second one would draw twice.
        return "enrolment.head_already_registered"
    if len(set(same.values())) != len(same):
        return "enrolment.one_known_person_twice"
    return None


def _register(
    transaction: Transaction, submission: EnrolmentSubmission, same: dict[PersonId, PersonId], registry: Registry
) -> EnrolmentStatus:
    connection, household = transaction.connection, submission.household
    register_household(transaction, submission, same, registry.vault)
    for captured, known in same.items():
        open_case(
            connection,
            subject=f"person:{known}",
            reason="person.in_two_households",
            kiosk_id=submission.kiosk_id,
            record={"household": household.id, "captured_as": captured},
            now=transaction.now,
        )
    status = EnrolmentStatus.REGISTERED
    repository.decide_submission(connection, submission.submission_id, status, None, transaction.now)
    failed = sum(not capture.fingers for capture in submission.captures)
    repository.put_counts(connection, submission.submission_id, len(household.members), failed)
    details = {"members": len(household.members), "linked": len(same)}
    _note(transaction, "enrolment.registered", submission.submission_id, submission.operator_id, details)
    grant_pending(transaction, household.id)
    _publish(transaction, submission, status)
    return status


def _refuse(transaction: Transaction, submission: EnrolmentSubmission, reason: str) -> EnrolmentStatus:
    status = EnrolmentStatus.REFUSED
    connection = transaction.connection
    repository.decide_submission(connection, submission.submission_id, status, reason, transaction.now)
    details = {"reason": reason}
    _note(transaction, "enrolment.refused", submission.submission_id, submission.operator_id, details)
    _publish(transaction, submission, status)
    return status


def _note_unknown_operator(transaction: Transaction, submission: EnrolmentSubmission, kiosk_id: KioskId) -> None:
    """An unknown operator does not cost a family its registration, but somebody must look at it."""
    connection = transaction.connection
    if find_operator(connection, submission.operator_id) is not None:
        return
    if not has_operators(connection):
        details = {"operator": submission.operator_id}
        _note(transaction, "enrolment.founding", submission.submission_id, submission.operator_id, details)
        return
    open_case(
        connection,
        subject=f"submission:{submission.submission_id}",
        reason="enrolment.operator_unknown",
        kiosk_id=kiosk_id,
        record={"operator": submission.operator_id},
        now=transaction.now,
    )


def _note(
    transaction: Transaction,
    action: str,
    submission_id: SubmissionId,
    operator_id: OperatorId | None,
    details: Mapping[str, str | int],
) -> None:
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor="registry",
        operator_id=operator_id,
        action=action,
        subject=f"submission:{submission_id}",
        details={**details},
    )
    transaction.note(line)


def _publish(transaction: Transaction, submission: EnrolmentSubmission, status: EnrolmentStatus) -> None:
    payload = {"submission_id": submission.submission_id, "household_id": submission.household.id, "status": status}
    transaction.publish(NewChange(kind=ChangeKind.HOUSEHOLD, payload={**payload}))
