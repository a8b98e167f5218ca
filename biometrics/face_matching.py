"""Two faces compared by a model, where the desk has one; without one a person compares them, and that is recorded.

The model advises and never decides: how often it errs on the people served here is not measured by this product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import ArrayLike

from biometrics.face_alignment import FACE_SIDE_PX, BlueFirst, FaceFinder, HaarFinder, YuNetFinder
from biometrics.face_model import FaceModel, FaceModelUnusable
from biometrics.images import ColourImage
from domain.verification import FaceJudge, Verdict

#: SFace describes a face by so many numbers.
FEATURES = 128


class NotCompared(StrEnum):
    """Why nothing was compared: nobody's failure."""

    NO_MODEL = "no_model"
    NO_FACE_NOW = "no_face_now"
    SEVERAL_FACES_NOW = "several_faces_now"
    NO_FACE_ON_CARD = "no_face_on_card"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class FaceComparison:
    """The advice, who gave it, and the model's likeness (cosine, -1..1) where two faces were compared."""

    verdict: Verdict
    judge: FaceJudge
    cosine: float | None = None
    not_compared: NotCompared | None = None


class FaceMatcher(Protocol):
    """Anything that advises on two faces."""

    def compare(self, live: ColourImage, reference: ColourImage) -> FaceComparison:
        """The advice; COULD_NOT_CHECK when either picture has not exactly one face."""
        ...


class JudgedByOfficer:
    """No model: an officer looks, and nothing else is claimed."""

    def compare(self, live: ColourImage, reference: ColourImage) -> FaceComparison:  # noqa: ARG002  as the port has it
        """Always COULD_NOT_CHECK, for an officer to judge."""
        return _not_compared(NotCompared.NO_MODEL)


class SFaceMatcher:
    """SFace on faces found by YuNet or by Haar cascades. Raises FaceModelNotAvailable when a file cannot be used."""

    def __init__(self, model: FaceModel) -> None:
        self._threshold = model.threshold
        self._recogniser = _open_recogniser(model.recogniser.read())
        detector = None if model.detector is None else model.detector.read()
        self._finder: FaceFinder = HaarFinder() if detector is None else YuNetFinder(detector, self._recogniser)

    def compare(self, live: ColourImage, reference: ColourImage) -> FaceComparison:
        """VERIFIED from the model's threshold on: advice for the officer, who sees both pictures and decides."""
        now, known = self._finder.faces(live), self._finder.faces(reference)
        reason = _find_reason(now, known)
        if reason is not None:
            return _not_compared(reason)
        cosine = _cosine(self._recogniser.feature(now[0]), self._recogniser.feature(known[0]))
        if not math.isfinite(cosine):
            return _not_compared(NotCompared.NO_ANSWER)
        verdict = Verdict.VERIFIED if cosine >= self._threshold else Verdict.FAILED
        return FaceComparison(verdict, FaceJudge.MODEL_AND_OFFICER, cosine)


def open_face_matcher(model: FaceModel | None) -> FaceMatcher:
    """The matcher of this desk: by model where one is named, else an officer's judgement.

    Raises FaceModelNotAvailable when a model is named and cannot be used: a desk that believes it has a model must not
    silently go without.
    """
    return JudgedByOfficer() if model is None else SFaceMatcher(model)


def _open_recogniser(onnx: bytes) -> cv2.FaceRecognizerSF:
    """The network, tried on an empty picture: only a network in the form of SFace passes."""
    try:
        recogniser = cv2.FaceRecognizerSF.create("onnx", np.frombuffer(onnx, np.uint8), np.empty(0, np.uint8))
        tried = recogniser.feature(np.zeros((FACE_SIDE_PX, FACE_SIDE_PX, 3), np.uint8))
    except cv2.error as error:
        raise FaceModelUnusable from error
    if np.asarray(tried).size != FEATURES:
        raise FaceModelUnusable
    return recogniser


def _find_reason(now: Sequence[BlueFirst], known: Sequence[BlueFirst]) -> NotCompared | None:
    if len(known) != 1:
        return NotCompared.NO_FACE_ON_CARD
    if not now:
        return NotCompared.NO_FACE_NOW
    return NotCompared.SEVERAL_FACES_NOW if len(now) > 1 else None


def _not_compared(reason: NotCompared) -> FaceComparison:
    return FaceComparison(Verdict.COULD_NOT_CHECK, FaceJudge.OFFICER, not_compared=reason)


def _cosine(one: ArrayLike, other: ArrayLike) -> float:
    """The likeness -1..1; not a number when a network answers nothing but zeros."""
    a, b = np.asarray(one, np.float64).ravel(), np.asarray(other, np.float64).ravel()
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths > 0 else math.nan
