"""One finger being taken: good enough, placed twice, and both impressions match each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.fingers import FingerPosition
from domain.messages.enrolment import WeakFingerReason
from domain.record import Record
from domain.sensors import SensorIdentity
from enrolment.capture_rules import CaptureRules


class CapturePhase(StrEnum):
    FIRST = "first"
    #: The tries are used up and the best is under the threshold: an officer decides, with a reason, or leaves it.
    WEAK = "weak"
    SECOND = "second"
    DONE = "done"
    #: The tries are used up: the finger is noted as an exception, and another one is asked for.
    GIVEN_UP = "given_up"


class Impression(Record):
    """One reading: ISO/IEC 19794-2 template and quality."""

    template: bytes
    quality: int
    #: The device that took it, where it said who it is.
    sensor: SensorIdentity | None = None

    def __repr__(self) -> str:
        """Never the template."""
        return f"Impression(quality={self.quality})"


@dataclass(frozen=True, slots=True)
class FingerCapture:
    """One finger being taken. Give it each reading; ``phase`` says what to ask for next."""

    position: FingerPosition
    phase: CapturePhase = CapturePhase.FIRST
    rules: CaptureRules = field(default_factory=CaptureRules)
    #: Of every reading so far, over both impressions; their number is how often the finger was tried.
    qualities: tuple[int, ...] = ()
    #: Readings of the impression now asked for.
    tried: int = 0
    first: Impression | None = field(default=None, repr=False)
    second: Impression | None = field(default=None, repr=False)
    pair_evidence: int = 0
    taken_weak: WeakFingerReason | None = None
    #: The device of the newest reading.
    sensor: SensorIdentity | None = None

    def after_first(self, reading: Impression) -> FingerCapture:
        """The capture with one more reading of the first impression."""
        best = reading if self.first is None or reading.quality > self.first.quality else self.first
        one_more = replace(self._counted(reading), first=best)
        if best.quality >= self.rules.good_quality:
            return replace(one_more, phase=CapturePhase.SECOND, tried=0)
        if one_more.tries_left > 0:
            return one_more
        is_usable = bool(best.template) and best.quality >= self.rules.usable_quality
        return replace(one_more, phase=CapturePhase.WEAK if is_usable else CapturePhase.GIVEN_UP)

    def taken_as_it_is(self, reason: WeakFingerReason) -> FingerCapture:
        """The weak finger by an officer's word: it must still match itself."""
        assert self.phase is CapturePhase.WEAK, "only a weak finger needs a word"
        return replace(self, phase=CapturePhase.SECOND, tried=0, taken_weak=reason)

    def left_out(self) -> FingerCapture:
        """The weak finger not taken."""
        return replace(self, phase=CapturePhase.GIVEN_UP)

    def after_second(self, reading: Impression, *, is_match: bool, evidence: int = 0) -> FingerCapture:
        """The capture with one more reading of the second impression, and whether it matched the first.

        ``evidence`` says how well, as in FingerRecord.pair_evidence.
        """
        one_more = self._counted(reading)
        if is_match:
            return replace(one_more, second=reading, pair_evidence=evidence, phase=CapturePhase.DONE)
        return replace(one_more, phase=CapturePhase.GIVEN_UP) if one_more.tries_left <= 0 else one_more

    def _counted(self, reading: Impression) -> FingerCapture:
        sensor = reading.sensor or self.sensor
        return replace(self, qualities=(*self.qualities, reading.quality), tried=self.tried + 1, sensor=sensor)

    @property
    def attempts(self) -> int:
        """Readings so far, over both impressions."""
        return len(self.qualities)

    @property
    def tries(self) -> int:
        """How often this impression may be tried in all."""
        return self.rules.tries

    @property
    def tries_left(self) -> int:
        return self.rules.tries - self.tried

    @property
    def attempt(self) -> int:
        """Which try of this impression comes now, from 1."""
        return min(self.tried + 1, self.rules.tries)

    def taken(self) -> TakenFinger:
        """The finger as it is kept. Only of a capture that is done."""
        assert self.phase is CapturePhase.DONE, "not taken yet"
        assert self.first is not None, "a done capture has two impressions"
        assert self.second is not None, "a done capture has two impressions"
        return TakenFinger(
            position=self.position,
            first=self.first,
            second=self.second,
            qualities=self.qualities,
            pair_evidence=self.pair_evidence,
            taken_weak=self.taken_weak,
        )


class TakenFinger(Record):
    """A finger that was placed twice and matched itself."""

    position: FingerPosition
    first: Impression
    second: Impression
    qualities: tuple[int, ...]
    pair_evidence: int = 0
    taken_weak: WeakFingerReason | None = None

    @property
    def attempts(self) -> int:
        return len(self.qualities)

    @property
    def better(self) -> Impression:
        """The impression to keep."""
        return self.second if self.second.quality > self.first.quality else self.first
