"""The files of a face model, taken only when they are the very ones that a programme has approved.

No model comes with this product and none is ever fetched: a deployment that may use one names the files and their
SHA-256. Each file is read once; what was digested is what is run.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from biometrics.errors import BiometricsError


class FaceModelNotAvailable(BiometricsError):
    """No usable model: faces are judged by people. ``reason`` says what is wrong, and never where the file lies."""

    code = "face_model.not_available"
    message_key = "error.face_model_not_available"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, reason=reason)
        self.reason = reason


class FaceModelMissing(FaceModelNotAvailable):
    """There is no such file."""

    code = "face_model.missing"

    def __init__(self) -> None:
        super().__init__("the file is missing")


class FaceModelNotApproved(FaceModelNotAvailable):
    """The file's SHA-256 is not the approved one."""

    code = "face_model.not_approved"

    def __init__(self) -> None:
        super().__init__("the file is not the one named")


class FaceModelUnusable(FaceModelNotAvailable):
    """The approved file is no network of the expected kind."""

    code = "face_model.unusable"

    def __init__(self) -> None:
        super().__init__("the file is no model")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file and the SHA-256 (hex) that it must have."""

    path: Path
    sha256: str

    def read(self) -> bytes:
        """The approved bytes. Raises FaceModelMissing or FaceModelNotApproved."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise FaceModelMissing from error
        if hashlib.sha256(content).hexdigest() != self.sha256.lower():
            raise FaceModelNotApproved
        return content


@dataclass(frozen=True, slots=True)
class FaceModel:
    """A recogniser in the form of SFace, and a detector in the form of YuNet; without one the Haar cascades find faces.

    ``threshold`` (cosine, -1..1) is where the programme calls two faces one, and ``one_in`` the false match rate that
    it states for it: a stranger passes one comparison in so many. Neither is measured here; both must come from a trial
    on people like those who are served (docs/faces.md).
    """

    name: str
    recogniser: ModelFile
    detector: ModelFile | None
    threshold: float
    one_in: int
