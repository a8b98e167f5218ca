"""Queries on submissions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from central_api.tables.people import submissions
from domain.ids import HouseholdId, KioskId, OperatorId, SubmissionId
from domain.messages.enrolment import EnrolmentStatus, SealedEnrolment

_NOTHING = b""


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission as kept. ``sealed`` is empty once it is decided."""

    id: SubmissionId
    household_id: HouseholdId
    kiosk_id: KioskId
    operator_id: OperatorId
    content_sha256: str
    sealed: bytes
    status: EnrolmentStatus
    refusal: str | None


def find_submission(connection: Connection, submission_id: SubmissionId) -> StoredSubmission | None:
    row = connection.execute(select(submissions).where(submissions.c.id == submission_id)).first()
    if row is None:
        return None
    return StoredSubmission(
        id=SubmissionId(row.id),
        household_id=HouseholdId(row.household_id),
        kiosk_id=KioskId(row.kiosk_id),
        operator_id=OperatorId(row.operator_id),
        content_sha256=row.content_sha256,
        sealed=row.sealed,
        status=EnrolmentStatus(row.status),
        refusal=row.refusal,
    )


def add_submission(
    connection: Connection, envelope: SealedEnrolment, kiosk_id: KioskId, operator_id: OperatorId, now: datetime
) -> None:
    """The submission, waiting."""
    values = {
        "id": envelope.submission_id,
        "household_id": envelope.household_id,
        "kiosk_id": kiosk_id,
        "operator_id": operator_id,
        "content_sha256": envelope.content_sha256,
        "sealed": envelope.sealed,
        "status": EnrolmentStatus.REVIEW,
        "received_at": now,
    }
    connection.execute(insert(submissions).values(values))


def decide_submission(
    connection: Connection,
    submission_id: SubmissionId,
    status: EnrolmentStatus,
    refusal: str | None,
    now: datetime,
) -> None:
    """The end of the review. The sealed content is let go: what is kept of it is in the tables."""
    values = {"status": status, "refusal": refusal, "sealed": _NOTHING, "decided_at": now}
    connection.execute(update(submissions).where(submissions.c.id == submission_id).values(values))


def count_waiting(connection: Connection) -> int:
    query = select(func.count()).select_from(submissions).where(submissions.c.status == EnrolmentStatus.REVIEW)
    return connection.execute(query).scalar_one()


def put_counts(connection: Connection, submission_id: SubmissionId, people: int, failed_captures: int) -> None:
    """How many people were registered, and how many of them without a single finger."""
    values = {"people": people, "failed_captures": failed_captures}
    connection.execute(update(submissions).where(submissions.c.id == submission_id).values(values))
