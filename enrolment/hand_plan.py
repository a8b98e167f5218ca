"""The ten fingers of one person: taken, excepted, put off; in any order, and kept after each one."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from domain.finger_rank import RankedFinger, rank_fingers
from domain.fingers import ENROLMENT_ORDER, FingerPosition
from domain.ids import OperatorId
from domain.messages.enrolment import (
    SEEN_ON_THE_HAND,
    FingerExcepted,
    FingerException,
    FingerRecord,
    HandPhoto,
    PersonCapture,
)
from domain.record import Record
from enrolment.capture_rules import FEWEST_FINGERS
from enrolment.finger_capture import TakenFinger

#: All ten, in the order in which they are asked for: the largest prints first.
TEN_FINGERS = (
    *ENROLMENT_ORDER,
    FingerPosition.RIGHT_MIDDLE,
    FingerPosition.LEFT_MIDDLE,
    FingerPosition.RIGHT_RING,
    FingerPosition.LEFT_RING,
    FingerPosition.RIGHT_LITTLE,
    FingerPosition.LEFT_LITTLE,
)


class HandPlan(Record):
    """The fingers of one person so far."""

    done: tuple[TakenFinger, ...] = ()
    excepted: tuple[FingerExcepted, ...] = ()
    #: Left for later: asked for again when all others have been.
    put_off: tuple[FingerPosition, ...] = ()
    #: Known before not to be there: not asked for, and nothing new is said of them.
    left_alone: tuple[FingerPosition, ...] = ()
    photo: bytes | None = Field(default=None, repr=False)
    #: What became of the photograph.
    hand_photo: HandPhoto | None = None
    signed_by: OperatorId | None = None
    #: The exceptions have been shown to a camera and a second person, or nobody was there for it.
    is_signed_off: bool = False

    def next_finger(self, *, most: int) -> FingerPosition | None:
        """The finger to ask for now, None when enough are there or no hand has more to give.

        The first ``most`` (four at least) are asked for; the rest only while fewer than two could be taken.
        """
        if len(self.done) >= most:
            return None
        usual = TEN_FINGERS[: max(most, len(ENROLMENT_ORDER))]
        waiting = self._open(usual)
        if not waiting and len(self.done) < min(most, FEWEST_FINGERS):
            waiting = self._open(TEN_FINGERS)
        return next((p for p in waiting if p not in self.put_off), next(iter(waiting), None))

    def _open(self, order: Iterable[FingerPosition]) -> list[FingerPosition]:
        return [position for position in order if not self.is_settled(position)]

    def is_settled(self, position: FingerPosition) -> bool:
        """Whether it was taken or excepted, or is left alone."""
        settled = [each.position for each in self.done] + [each.position for each in self.excepted]
        return position in settled or position in self.left_alone

    def after(self, outcome: TakenFinger | FingerExcepted) -> HandPlan:
        """The plan with that finger taken, or noted as an exception; in place of what stood there."""
        position: FingerPosition = outcome.position
        done = tuple(each for each in self.done if each.position is not position)
        left_alone = tuple(each for each in self.left_alone if each is not position)
        excepted = tuple(each for each in self.excepted if each.position is not position)
        if isinstance(outcome, FingerExcepted):
            excepted = (*excepted, outcome)
        else:
            done = (*done, outcome)
        changed = {"done": done, "excepted": excepted, "put_off": self._without(position), "left_alone": left_alone}
        return self.model_copy(update=changed)

    def putting_off(self, position: FingerPosition) -> HandPlan:
        """The plan with that finger asked for last."""
        return self.model_copy(update={"put_off": (*self._without(position), position)})

    def _without(self, position: FingerPosition) -> tuple[FingerPosition, ...]:
        return tuple(each for each in self.put_off if each is not position)

    @property
    def to_be_signed(self) -> tuple[FingerExcepted, ...]:
        """Exceptions that a photograph shows and a second person signs for."""
        return tuple(each for each in self.excepted if each.reason in SEEN_ON_THE_HAND)

    def signed(self, photo: bytes | HandPhoto, signed_by: OperatorId | None) -> HandPlan:
        """The plan with the hands photographed and signed for, as far as that was possible."""
        jpeg, what = (photo, HandPhoto.TAKEN) if isinstance(photo, bytes) else (None, photo)
        seen = {"photo": jpeg, "hand_photo": what, "signed_by": signed_by, "is_signed_off": True}
        return self.model_copy(update=seen)

    def records(self) -> tuple[FingerRecord, ...]:
        """The fingers for the submission, the best first: by how well both impressions match, quality and tries."""
        by_position = {each.position: each for each in self.done}
        merits = [
            RankedFinger(
                position=each.position,
                quality=each.better.quality,
                pair_evidence=each.pair_evidence,
                attempts=each.attempts,
            )
            for each in self.done
        ]
        ranked = [by_position[position] for position in rank_fingers(merits)]
        return tuple(_record(each, rank) for rank, each in enumerate(ranked, start=1))

    def exception_names(self) -> dict[str, FingerException]:
        """By the number of the finger."""
        return {str(int(each.position)): each.reason for each in self.excepted}

    def added_to(self, capture: PersonCapture) -> PersonCapture:
        """The person's capture with these fingers."""
        return capture.model_copy(
            update={
                "fingers": self.records(),
                "exceptions": self.exception_names(),
                "excepted": self.excepted,
                "exception_photo": self.photo,
                "hand_photo": self.hand_photo,
                "exceptions_signed_by": self.signed_by,
            }
        )


def _record(finger: TakenFinger, rank: int) -> FingerRecord:
    return FingerRecord(
        position=finger.position,
        template=finger.better.template,
        quality=finger.better.quality,
        attempts=finger.attempts,
        rank=rank,
        qualities=finger.qualities,
        pair_evidence=finger.pair_evidence,
        taken_weak=finger.taken_weak,
        sensor=finger.better.sensor,
    )


class CaptureInProgress(Record):
    """Somebody's capture that is not whole yet: the photograph, and the fingers so far. Kept after every finger."""

    photograph: PersonCapture
    plan: HandPlan = HandPlan()
