"""What a desk found in the gallery of its own area before it sent a registration: one of three verdicts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.ids import OperatorId, PersonId, SubmissionId
from domain.messages.duplicate_decision import DuplicateDecision
from domain.record import Record


class LocalVerdict(StrEnum):
    """Never two: not to have looked is not to have found nobody."""

    NOBODY_FOUND = "nobody_found"
    FOUND = "found"
    COULD_NOT_CHECK = "could_not_check"


class NotChecked(StrEnum):
    """Why not, or not everybody."""

    #: The likeliest were compared, then the time was over.
    TIME_OVER = "time_over"
    #: The gallery is not there yet, or not whole yet.
    NO_GALLERY = "no_gallery"
    #: Too long without the registry: who moved or took their consent back would still be in it.
    TOO_OLD = "too_old"
    NOT_ALLOWED = "not_allowed"
    TOO_LARGE = "too_large"
    RETIRED = "retired"
    DEVICE_FAILED = "device_failed"
    #: Nobody of the household gave a finger.
    NO_FINGERS = "no_fingers"


class LocalCandidate(Record):
    """Somebody the desk knows who may be one of the captured, and what was decided there."""

    candidate_id: str
    person_id: PersonId
    known_person_id: PersonId
    #: Set when the known one is of a registration of this desk that the registry had not decided yet.
    known_submission_id: SubmissionId | None = None
    #: Fingers given that match at FMR 0.01 %.
    matching_fingers: int
    decision: DuplicateDecision | None = None
    decided_by: OperatorId | None = None


class LocalCheck(Record):
    """``why`` may stand beside FOUND too: somebody was found, and not everybody looked at."""

    verdict: LocalVerdict
    why: NotChecked | None = None
    #: People in the gallery, and when the registry last said that it is whole.
    people: int = 0
    as_of: datetime | None = None
    candidates: tuple[LocalCandidate, ...] = ()

    @property
    def is_held(self) -> bool:
        """A supervisor was asked for: until one has looked, no card is written."""
        return any(each.decision is DuplicateDecision.ASK_SUPERVISOR for each in self.candidates)
