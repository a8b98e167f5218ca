"""Until when a finger that was not taken is left alone: for good, or until it is asked for again."""

from __future__ import annotations

from datetime import date, timedelta

from domain.messages.enrolment import SEEN_ON_THE_HAND, ExceptionLasting, FingerException

#: A wound heals in weeks, worn skin in a season of other work; whoever declined may have changed their mind.
_ASKED_AGAIN_AFTER_DAYS = {
    FingerException.BANDAGED: 30,
    FingerException.WORN: 90,
    FingerException.MISSING: 90,
    FingerException.DECLINED: 90,
}


def ends_on(reason: FingerException, lasting: ExceptionLasting, *, noted_on: date) -> date | None:
    """From this day on the finger is asked for again; None: never. What is held back for an officer ends at once."""
    if lasting is ExceptionLasting.PERMANENT:
        return None
    return noted_on + timedelta(days=_ASKED_AGAIN_AFTER_DAYS.get(reason, 0))


def is_told_to_desks(reason: FingerException) -> bool:
    """Whether other desks hear that this finger cannot be given; that somebody declined is nobody else's business."""
    return reason in SEEN_ON_THE_HAND
