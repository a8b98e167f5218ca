"""Where a submission stands. Submissions and decisions themselves come as events (sync)."""

from __future__ import annotations

from fastapi import APIRouter

from central_api.access.signed_request import Caller
from central_api.context import RegistryPart
from central_api.enrolments.state import read_state
from domain.ids import SubmissionId
from domain.messages.enrolment import EnrolmentState
from domain.messages.routes import ENROLMENT

router = APIRouter(tags=["enrolments"])


@router.get(ENROLMENT)
def enrolment(submission_id: str, kiosk: Caller, registry: RegistryPart) -> EnrolmentState:
    """The submission's state and, while it waits, the persons to compare side by side."""
    with registry.begin() as transaction:
        return read_state(transaction, SubmissionId(submission_id), kiosk.id, registry)
