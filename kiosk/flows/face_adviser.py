"""What the desk's face model says in one look at somebody. It advises; people decide, and the record says who did."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from domain.ids import OperatorId
from domain.verification import FaceJudge, FaceJudgement, Verdict
from enrolment.devices.ports import CameraFrame
from kiosk.devices.failure import DeviceFailed, FailureReason
from kiosk.devices.ports import FaceAdvice, FaceWork
from kiosk.screen_models.base import CheckLine
from kiosk.screen_models.text import t

#: People blink and turn away. So often may a stranger try, too: the rate told to the officer counts every comparison.
COMPARISONS = 3
#: The photograph will not become readable by waiting.
_NO_FACE_ON_CARD = "no_face_on_card"


@dataclass(slots=True)
class FaceAdviser:
    """One look: give it frames until it is settled. Without a model it is settled from the start and says nothing."""

    faces: FaceWork | None
    portrait: bytes = field(repr=False)
    patience_s: float
    _until_s: float | None = None
    _advice: list[FaceAdvice] = field(default_factory=list)
    _failure: FailureReason | None = None
    _is_over: bool = False

    def begin(self) -> None:
        """The time runs from now on, whether a camera gives frames or not."""
        if self._until_s is None:
            self._until_s = asyncio.get_running_loop().time() + self.patience_s

    async def look(self, frame: CameraFrame) -> None:
        """Compare this frame, unless enough has been said. A model that fails is nobody's failure."""
        self.begin()
        if self.faces is None or self.is_settled:
            return
        try:
            said = await self.faces.compare(frame, self.portrait)
        except DeviceFailed as failure:
            self._failure = failure.reason
            return
        if self._is_time_over():
            return  # too late: the officer has been told already that nothing was compared
        if said.verdict is not Verdict.COULD_NOT_CHECK:
            self._advice.append(said)
        elif said.not_compared == _NO_FACE_ON_CARD:
            self._is_over = True

    def give_up(self) -> None:
        """There will be no frames: the officer judges without the model."""
        self._is_over = True

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will be said."""
        if self.faces is None or self._failure is not None or self._is_over:
            return True
        if self.verdict is Verdict.VERIFIED or len(self._advice) >= COMPARISONS:
            return True
        return self._is_time_over()

    def _is_time_over(self) -> bool:
        return self._until_s is not None and asyncio.get_running_loop().time() >= self._until_s

    @property
    def verdict(self) -> Verdict | None:
        """None without a model."""
        if self.faces is None:
            return None
        best = self._best()
        return Verdict.COULD_NOT_CHECK if best is None else best.verdict

    def line(self) -> CheckLine | None:
        """What the officer is told; None without a model."""
        if self.faces is None:
            return None
        if not self.is_settled:
            return CheckLine(t("face.advice.looking"), None)
        if self._failure is not None:
            return CheckLine(t("face.advice.failed_to_work", reason=t(f"device.reason.{self._failure}")), None)
        if self.verdict is Verdict.VERIFIED:
            return CheckLine(t("face.advice.same", count=self._one_in(self.faces)), passed=True)
        if self.verdict is Verdict.FAILED:
            return CheckLine(t("face.advice.other"), passed=False)
        return CheckLine(t("face.advice.could_not"), None)

    def judgement(self, second_officer: OperatorId | None = None) -> FaceJudgement:
        """What is recorded of this look."""
        if self.faces is None:
            return FaceJudgement()
        model, best = self.faces.model, self._best()
        return FaceJudgement(
            judge=FaceJudge.OFFICER if best is None else FaceJudge.MODEL_AND_OFFICER,
            advice=self.verdict,
            model=model.name,
            model_sha256=model.sha256,
            score_thousandths=None if best is None else best.score_thousandths,
            threshold_thousandths=model.threshold_thousandths,
            one_in=model.one_in,
            comparisons=len(self._advice),
            second_officer=second_officer,
        )

    def _best(self) -> FaceAdvice | None:
        return max(self._advice, key=lambda said: said.score_thousandths or -1000, default=None)

    def _one_in(self, faces: FaceWork) -> int:
        """A stranger with so many comparisons passes as much oftener (Bonferroni)."""
        return max(1, faces.model.one_in // max(1, len(self._advice)))
