"""What desks tell of fingers after enrolment, and what the registry tells every desk of the area in return."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from domain.card_number import CardNumber
from domain.finger_rank import FingerOutcome
from domain.finger_swaps import SwapDecision
from domain.fingers import FingerPosition
from domain.ids import KioskId, OperatorId, PersonId
from domain.messages.enrolment import ExceptionLasting, FingerException, HandPhoto, PersonCapture
from domain.record import Record
from domain.verification import VerifiedBy
from domain.visit_limits import TRIES_A_VISIT


class FingersTried(Record):
    """Payload of ``fingers.tried``: how the holder's fingers did in a visit, once it is certain that it was the holder.

    No more tries than a visit may hold: what is learnt of one visit is bounded as the visit is.
    """

    card_number: CardNumber
    person_id: PersonId
    tries: tuple[FingerOutcome, ...] = Field(min_length=1, max_length=TRIES_A_VISIT)


#: HPKE as for enrolments (domain/messages/enrolment.py); ``info`` binds purpose and capture.
HPKE_INFO_FINGERS = b"single-window/fingers/1/"


class FingersRetaken(Record):
    """A member's fingers taken again at a desk, with what could not be taken. Travels sealed, never in plain."""

    capture_id: str
    kiosk_id: KioskId
    operator_id: OperatorId
    card_number: CardNumber
    #: How it was known who stood there, before any finger was taken.
    verified_by: VerifiedBy
    capture: PersonCapture = Field(repr=False)
    captured_at: datetime


class SealedFingers(Record):
    """Payload of ``fingers.retaken``: only the registry can open it. ``sealed`` is FingersRetaken's JSON under
    HPKE_INFO_FINGERS + capture_id; ``content_sha256`` the hash of the plain JSON."""

    capture_id: str
    person_id: PersonId
    sealed: bytes
    content_sha256: str


class FingerSwapDecided(Record):
    """Payload of ``fingers.swap_decided``: which names are right, of all fingers that one capture found swapped."""

    capture_id: str
    person_id: PersonId
    decision: SwapDecision


class FingerNotThere(Record):
    """A finger that cannot be given: until that day, or for good. Why, only the registry knows."""

    position: FingerPosition
    until: date | None

    def is_in_force(self, *, on: date) -> bool:
        """Whether the finger is still left alone on that day; on ``until`` itself it is asked for again."""
        return self.until is None or on < self.until


class ExceptionNoted(Record):
    """What was last said of a finger that was not taken. Position 0 stands for the whole person."""

    position: FingerPosition
    reason: FingerException
    lasting: ExceptionLasting
    attempts: int
    noted_at: datetime
    #: From this day on it is asked for again; None: never.
    ends_on: date | None
    signed_by: OperatorId | None
    #: Whether there is a photograph of the hands, which goes by ``capture_id``; None where none was asked for.
    photo: HandPhoto | None
    capture_id: str


class FingersExcepted(Record):
    """A person's fingers that are not taken, by finger."""

    person_id: PersonId
    exceptions: tuple[ExceptionNoted, ...]


class HandsPhotographed(Record):
    """The photograph of the hands (JPEG), for whoever looks at an exception."""

    person_id: PersonId
    capture_id: str
    jpeg: bytes = Field(repr=False)


class FingersKnown(Record):
    """Payload of a ``fingers`` change of the feed: which of a person's fingers to ask for, the best first."""

    person_id: PersonId
    order: tuple[FingerPosition, ...]
    #: The newest outcome that the order rests on; None while nothing was learnt.
    learnt_until: datetime | None = None
    not_there: tuple[FingerNotThere, ...] = ()

    def left_alone(self, *, on: date) -> frozenset[FingerPosition]:
        """Fingers not to ask for on that day."""
        return frozenset(each.position for each in self.not_there if each.is_in_force(on=on))
