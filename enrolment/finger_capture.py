"""Which fingers to take from whom, and when one is good enough: two impressions that match each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from domain.fingers import ENROLMENT_ORDER, FingerPosition
from domain.messages.enrolment import FingerException, FingerRecord
from domain.people import Person

#: Below this (0–100) a first impression is taken again.
GOOD_QUALITY = 40
#: After the tries for a good one are used up, the best so far is taken from this quality on.
USABLE_QUALITY = 15
#: Tries for a good first impression, and again for a second that matches it.
TRIES_AN_IMPRESSION = 3
#: A card has room for four fingers a member; two are the least for a second chance.
MOST_FINGERS = 4
FEWEST_FINGERS = 2
#: Asked for when thumbs and indexes do not give enough.
_SPARE_ORDER = (
    FingerPosition.RIGHT_MIDDLE,
    FingerPosition.LEFT_MIDDLE,
    FingerPosition.RIGHT_RING,
    FingerPosition.LEFT_RING,
)


class CapturePhase(StrEnum):
    FIRST = "first"
    SECOND = "second"
    DONE = "done"
    #: The tries are used up: the finger is noted as an exception, and another one is asked for.
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Impression:
    """One reading: ISO/IEC 19794-2 template and quality."""

    template: bytes = field(repr=False)
    quality: int


@dataclass(frozen=True, slots=True)
class FingerCapture:
    """One finger being taken. Give it each reading; ``phase`` says what to ask for next."""

    position: FingerPosition
    phase: CapturePhase = CapturePhase.FIRST
    #: Readings so far, over both impressions.
    attempts: int = 0
    tries_left: int = TRIES_AN_IMPRESSION
    first: Impression | None = field(default=None, repr=False)
    second: Impression | None = field(default=None, repr=False)

    def after_first(self, reading: Impression) -> FingerCapture:
        """The capture with one more reading of the first impression."""
        best = reading if self.first is None or reading.quality > self.first.quality else self.first
        one_more = replace(self, first=best, attempts=self.attempts + 1, tries_left=self.tries_left - 1)
        is_last = one_more.tries_left == 0
        if best.quality >= GOOD_QUALITY or (is_last and best.quality >= USABLE_QUALITY):
            return replace(one_more, phase=CapturePhase.SECOND, tries_left=TRIES_AN_IMPRESSION)
        return replace(one_more, phase=CapturePhase.GIVEN_UP) if is_last else one_more

    def after_second(self, reading: Impression, *, is_match: bool) -> FingerCapture:
        """The capture with one more reading of the second impression, and whether it matched the first."""
        one_more = replace(self, attempts=self.attempts + 1, tries_left=self.tries_left - 1)
        if is_match:
            return replace(one_more, second=reading, phase=CapturePhase.DONE)
        return replace(one_more, phase=CapturePhase.GIVEN_UP) if one_more.tries_left == 0 else one_more

    @property
    def tries(self) -> int:
        """How often this impression may be tried in all."""
        return TRIES_AN_IMPRESSION

    @property
    def attempt(self) -> int:
        """Which try of this impression comes now, from 1."""
        return TRIES_AN_IMPRESSION - self.tries_left + 1

    @property
    def better(self) -> Impression:
        """The impression to keep."""
        assert self.first is not None, "a done capture has two impressions"
        if self.second is not None and self.second.quality > self.first.quality:
            return self.second
        return self.first


@dataclass(frozen=True, slots=True)
class HandPlan:
    """The fingers of one person so far: taken, and excepted with the reason."""

    done: tuple[FingerCapture, ...] = ()
    exceptions: dict[FingerPosition, FingerException] = field(default_factory=dict)

    def next_finger(self, *, most: int = MOST_FINGERS) -> FingerPosition | None:
        """The finger to ask for now, None when enough are there or no hand has more to give."""
        if len(self.done) >= most:
            return None
        for position in ENROLMENT_ORDER:
            if not self._is_settled(position):
                return position
        if len(self.done) >= FEWEST_FINGERS:
            return None
        return next((p for p in _SPARE_ORDER if not self._is_settled(p)), None)

    def _is_settled(self, position: FingerPosition) -> bool:
        return position in self.exceptions or any(capture.position is position for capture in self.done)

    def after(self, position: FingerPosition, taken: FingerCapture | FingerException) -> HandPlan:
        """The plan with that finger taken, or noted as an exception."""
        if isinstance(taken, FingerException):
            return replace(self, exceptions={**self.exceptions, position: taken})
        return replace(self, done=(*self.done, taken))

    def records(self) -> tuple[FingerRecord, ...]:
        """The fingers for the submission, the best first: fewest tries, then quality."""
        ranked = sorted(self.done, key=lambda capture: (capture.attempts, -capture.better.quality))
        return tuple(
            FingerRecord(
                position=capture.position,
                template=capture.better.template,
                quality=capture.better.quality,
                attempts=capture.attempts,
                rank=rank,
            )
            for rank, capture in enumerate(ranked, start=1)
        )

    def exception_names(self) -> dict[str, FingerException]:
        """As the submission carries them: by the number of the finger."""
        return {str(int(position)): reason for position, reason in self.exceptions.items()}


def fingers_wanted(person: Person, *, on: date) -> int:
    """How many fingers to take: none of a small child, two of a child, four of an adult."""
    if not person.gives_fingers(on=on):
        return 0
    return FEWEST_FINGERS if person.born.age_years(on=on) < _ADULT_HANDS_YEARS else MOST_FINGERS


#: Younger hands tire and giggle; two fingers are enough to be served.
_ADULT_HANDS_YEARS = 15


def other_templates(done: Sequence[FingerCapture], position: FingerPosition) -> list[bytes]:
    """Templates of the fingers already taken under another name: the same finger must not be given twice."""
    return [capture.better.template for capture in done if capture.position is not position]
