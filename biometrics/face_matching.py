"""Two faces compared, where the desk has a model for it; without one a person compares them, and that is recorded.

No model comes with this product. A deployment that may use one names two files and their SHA-256: a detector (YuNet)
and a recogniser (SFace, both of the OpenCV model zoo). They are read once and never fetched from anywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from biometrics.errors import BiometricsError
from biometrics.images import ColourImage
from domain.verification import FaceJudge

#: Cosine similarity from which SFace says "one person": OpenCV's own figure for LFW (tutorial "DNN-based Face Detection
#: And Recognition"). Its false match rate on the people served here is not known: so it advises and never decides.
_SFACE_COSINE = 0.363
_DETECTOR_TRUST = 0.8
_LONGER_SIDE_PX = 640


class FaceVerdict(StrEnum):
    """What a comparison says; COULD_NOT_CHECK is nobody's failure."""

    LIKE = "like"
    UNLIKE = "unlike"
    COULD_NOT_CHECK = "could_not_check"


class FaceModelNotAvailable(BiometricsError):
    """No usable model is configured: faces are judged by an officer. ``reason`` says what is wrong with the file."""

    code = "biometrics.face_model_not_available"
    message_key = "error.face_model_not_available"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FaceComparison:
    """The advice, who gave it, and the model's likeness (cosine, -1..1) where one was asked."""

    verdict: FaceVerdict
    judge: FaceJudge
    cosine: float | None = None


class FaceMatcher(Protocol):
    """Anything that advises on two faces."""

    def compare(self, live: ColourImage, reference: ColourImage) -> FaceComparison:
        """The advice; COULD_NOT_CHECK when either picture has not exactly one face."""
        ...


@dataclass(frozen=True, slots=True)
class FaceModelFiles:
    """Where the models lie, and the SHA-256 (hex) that each must have."""

    detector: Path
    detector_sha256: str
    recogniser: Path
    recogniser_sha256: str


class JudgedByOfficer:
    """No model: an officer looks, and nothing else is claimed."""

    def compare(self, live: ColourImage, reference: ColourImage) -> FaceComparison:  # noqa: ARG002  as the port has it
        """Always COULD_NOT_CHECK, for an officer to judge."""
        return FaceComparison(FaceVerdict.COULD_NOT_CHECK, FaceJudge.OFFICER)


class SFaceMatcher:
    """YuNet finds the faces, SFace compares them. Raises FaceModelNotAvailable when a file is not the one named."""

    def __init__(self, files: FaceModelFiles) -> None:
        _check_file(files.detector, files.detector_sha256)
        _check_file(files.recogniser, files.recogniser_sha256)
        try:
            self._detector = cv2.FaceDetectorYN.create(str(files.detector), "", (320, 320), _DETECTOR_TRUST)
            self._recogniser = cv2.FaceRecognizerSF.create(str(files.recogniser), "")
        except cv2.error as error:
            raise FaceModelNotAvailable("the file is no model") from error

    def compare(self, live: ColourImage, reference: ColourImage) -> FaceComparison:
        """LIKE from the cosine of LFW on: advice for the officer, who sees both pictures and decides."""
        features = [self._feature(image) for image in (live, reference)]
        if features[0] is None or features[1] is None:
            return FaceComparison(FaceVerdict.COULD_NOT_CHECK, FaceJudge.OFFICER)
        cosine = float(self._recogniser.match(features[0], features[1], cv2.FaceRecognizerSF_FR_COSINE))
        verdict = FaceVerdict.LIKE if cosine >= _SFACE_COSINE else FaceVerdict.UNLIKE
        return FaceComparison(verdict, FaceJudge.MODEL_AND_OFFICER, cosine)

    def _feature(self, image: ColourImage) -> np.ndarray | None:
        """The face's numbers; None unless there is exactly one face."""
        scale = min(1.0, _LONGER_SIDE_PX / max(image.shape[:2]))
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        small = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
        self._detector.setInputSize(size)
        _, faces = self._detector.detect(small)
        if faces is None or len(faces) != 1:
            return None
        return np.array(self._recogniser.feature(self._recogniser.alignCrop(small, faces[0])))


def open_face_matcher(files: FaceModelFiles | None) -> FaceMatcher:
    """The matcher of this desk: by model where files are named, else an officer's judgement.

    Raises FaceModelNotAvailable when files are named and cannot be used: a desk that believes it has a model must not
    silently go without.
    """
    return JudgedByOfficer() if files is None else SFaceMatcher(files)


def _check_file(path: Path, sha256: str) -> None:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FaceModelNotAvailable("the file is missing") from error
    if hashlib.sha256(content).hexdigest() != sha256.lower():
        raise FaceModelNotAvailable("the file is not the one named")
