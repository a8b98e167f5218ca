"""What a desk found in its own gallery and decided there: kept, and taken into the registry's own review."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from central_api.duplicates import repository as duplicates
from central_api.duplicates.names import likeness, name_key
from central_api.duplicates.repository import KnownPerson, StoredCandidate
from central_api.duplicates.service import REASON_FINGERS
from central_api.enrolments import repository
from central_api.enrolments.repository import StoredSubmission
from central_api.four_eyes import check_override
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator, has_operators
from central_api.reviews.repository import open_case
from central_api.tables.area_gallery import local_checks
from central_api.tables.people import person_links, submissions
from domain.four_eyes import SamePersonTwice
from domain.ids import OperatorId, PersonId, SubmissionId
from domain.messages.duplicate_decision import DuplicateDecision
from domain.messages.enrolment import EnrolmentStatus, EnrolmentSubmission
from domain.messages.local_check import LocalCandidate, LocalCheck, LocalVerdict

REASON_AT_DESK = "duplicate.at_desk"
#: A desk found somebody whom the registry does not know and is not about to know.
CODE_KNOWN_AT_DESK_ONLY = "duplicate.known_at_desk_only"


@dataclass(frozen=True, slots=True)
class _Resolved:
    """The registered person whom a desk meant; ``waits``: who that is will be decided with another registration."""

    known: KnownPerson | None
    waits: bool = False


def keep_check(transaction: Transaction, submission: EnrolmentSubmission) -> None:
    """The desk's verdict, once, with its line in the audit."""
    check = submission.local_check
    if check is None:
        return
    row = {
        "submission_id": submission.submission_id,
        "verdict": check.verdict,
        "people": check.people,
        "record": check.model_dump(mode="json"),
        "received_at": transaction.now,
    }
    transaction.connection.execute(insert(local_checks).values(row))
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor=submission.kiosk_id,
        operator_id=submission.operator_id,
        action="enrolment.checked_at_desk",
        subject=f"submission:{submission.submission_id}",
        details={
            "verdict": check.verdict,
            "why": check.why,
            "people": check.people,
            "candidates": len(check.candidates),
        },
    )
    transaction.note(line)


def take_candidates(transaction: Transaction, submission: EnrolmentSubmission) -> bool:
    """Whether all whom the desk found are known here, listed beside those of the registry's own search.

    What was decided at the desk counts as if it were decided now, under the same rules; what the rules do not allow
    is left open. False: one of them waits for the registry's word on another registration.
    """
    check = submission.local_check
    members = {member.person.id for member in submission.household.members}
    waits = False
    for candidate in () if check is None else check.candidates:
        if candidate.person_id not in members or candidate.known_person_id in members:
            continue
        resolved = _resolve(transaction.connection, candidate)
        waits = waits or resolved.waits
        if resolved.known is not None:
            _take(transaction, submission, candidate, resolved.known)
        elif not resolved.waits:
            _open_case(transaction, submission, candidate)
    return not waits


def count_checks(connection: Connection) -> dict[str, int]:
    """Registrations by the verdict of their desk; those of desks that say nothing are not among them."""
    query = select(local_checks.c.verdict, func.count()).group_by(local_checks.c.verdict)
    return {str(verdict): count for verdict, count in connection.execute(query)}


def list_waiting_for(transaction: Transaction, decided: SubmissionId) -> list[StoredSubmission]:
    """Registrations in review whose desk found somebody of this one."""
    query = (
        select(local_checks.c.submission_id, local_checks.c.record)
        .join(submissions, submissions.c.id == local_checks.c.submission_id)
        .where(submissions.c.status == EnrolmentStatus.REVIEW, local_checks.c.verdict == LocalVerdict.FOUND)
        .order_by(local_checks.c.received_at, local_checks.c.submission_id)
    )
    waiting: list[StoredSubmission] = []
    for row in transaction.connection.execute(query).all():
        check = LocalCheck.model_validate_json(json.dumps(row.record))
        if any(each.known_submission_id == decided for each in check.candidates):
            stored = repository.find_submission(transaction.connection, SubmissionId(row.submission_id))
            assert stored is not None, "a check is of a registration"
            waiting.append(stored)
    return waiting


def _resolve(connection: Connection, candidate: LocalCandidate) -> _Resolved:
    """Who was captured at the desk may be registered under another id: as the one they were before."""
    query = select(person_links.c.known_person_id)
    linked = connection.execute(query.where(person_links.c.captured_person_id == candidate.known_person_id)).scalar()
    known = duplicates.list_known(connection, [PersonId(linked or candidate.known_person_id)])
    if known:
        return _Resolved(known[0])
    other = candidate.known_submission_id
    stored = None if other is None else repository.find_submission(connection, other)
    return _Resolved(None, waits=stored is not None and stored.status is EnrolmentStatus.REVIEW)


def _take(
    transaction: Transaction, submission: EnrolmentSubmission, candidate: LocalCandidate, known: KnownPerson
) -> None:
    connection = transaction.connection
    listed = duplicates.list_candidates(connection, submission.submission_id)
    pair = (candidate.person_id, known.id)
    stored = next((each for each in listed if (each.person_id, each.known_person_id) == pair), None)
    if stored is None:
        stored = _new_candidate(submission, candidate, known)
        duplicates.add_candidate(connection, stored)
    if (
        stored.decision is None
        and candidate.decision is not None
        and _may_decide(connection, submission, candidate, known)
    ):
        reason = REASON_AT_DESK
        duplicates.put_decision(
            connection, stored.id, candidate.decision, reason, candidate.decided_by, transaction.now
        )
        _note_decided(transaction, submission, candidate, known)


def _new_candidate(submission: EnrolmentSubmission, candidate: LocalCandidate, known: KnownPerson) -> StoredCandidate:
    member = next(each for each in submission.household.members if each.person.id == candidate.person_id)
    name = member.person.name
    return StoredCandidate(
        id=str(uuid.uuid4()),
        submission_id=submission.submission_id,
        person_id=candidate.person_id,
        known_person_id=known.id,
        name_likeness=likeness(name_key(name), name.local, known.name_key, known.name.local),
        matching_fingers=candidate.matching_fingers,
        reasons=(REASON_FINGERS, REASON_AT_DESK),
        decision=None,
    )


def _may_decide(
    connection: Connection, submission: EnrolmentSubmission, candidate: LocalCandidate, known: KnownPerson
) -> bool:
    if candidate.decision is not DuplicateDecision.DIFFERENT_PERSON:
        return True
    if not _is_in_office(connection, candidate.decided_by):
        return False
    concerned = (candidate.person_id, known.id)
    try:
        check_override(connection, decider=candidate.decided_by, maker=submission.operator_id, concerned=concerned)
    except SamePersonTwice:
        return False
    return True


def _is_in_office(connection: Connection, operator_id: OperatorId | None) -> bool:
    """Before there is any operator, the founding one is believed."""
    if not has_operators(connection):
        return True
    entry = None if operator_id is None else find_operator(connection, operator_id)
    return entry is not None and entry.is_active


def _note_decided(
    transaction: Transaction, submission: EnrolmentSubmission, candidate: LocalCandidate, known: KnownPerson
) -> None:
    assert candidate.decision is not None, "only what was decided is noted"
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor=submission.kiosk_id,
        operator_id=candidate.decided_by,
        action="duplicate.decided",
        subject=f"submission:{submission.submission_id}",
        details={"decision": candidate.decision, "person": candidate.person_id, "known_person": known.id},
    )
    transaction.note(line)


def _open_case(transaction: Transaction, submission: EnrolmentSubmission, candidate: LocalCandidate) -> None:
    open_case(
        transaction.connection,
        subject=f"submission:{submission.submission_id}",
        reason=CODE_KNOWN_AT_DESK_ONLY,
        kiosk_id=submission.kiosk_id,
        record=candidate.model_dump(mode="json"),
        now=transaction.now,
    )
