"""Faces cut out as a recogniser wants them: 112 x 112 pixels, the eyes always at the same two places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.face_detection import FaceDetector, HaarFaceDetector, Point
from biometrics.face_model import FaceModelUnusable
from biometrics.images import ColourImage

FACE_SIDE_PX = 112
_DETECTOR_TRUST = 0.8
_LONGER_SIDE_PX = 640
_ANY_SIZE = (320, 320)
#: Where SFace was taught to find the eyes, the one on the left of the picture first (as in ``alignCrop`` of OpenCV).
_EYES_PX = np.array([[38.2946, 51.6963], [73.5318, 51.5014]], np.float64)

#: 8-bit, blue first, as OpenCV's networks take it.
BlueFirst = NDArray[np.uint8]


class FaceFinder(Protocol):
    """Anything that cuts faces out."""

    def faces(self, image: ColourImage) -> Sequence[BlueFirst]:
        """Every face that counts, each 112 x 112 pixels."""
        ...


class YuNetFinder:
    """Faces by a YuNet network, set upright by its five landmarks. Raises FaceModelUnusable for another network."""

    def __init__(self, onnx: bytes, recogniser: cv2.FaceRecognizerSF) -> None:
        self._recogniser = recogniser
        try:
            self._detector = cv2.FaceDetectorYN.create(
                "onnx", np.frombuffer(onnx, np.uint8), np.empty(0, np.uint8), _ANY_SIZE, _DETECTOR_TRUST
            )
            self._detector.detect(np.zeros((*_ANY_SIZE, 3), np.uint8))
        except cv2.error as error:
            raise FaceModelUnusable from error

    def faces(self, image: ColourImage) -> Sequence[BlueFirst]:
        """Every face that the network is sure of."""
        small = _blue_first(image)
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._detector.detect(small)
        return [] if rows is None else [np.asarray(self._recogniser.alignCrop(small, row), np.uint8) for row in rows]


class HaarFinder:
    """Faces by the cascades that OpenCV ships, set upright by the eyes; a face whose eyes are not found is left out."""

    def __init__(self, detector: FaceDetector | None = None) -> None:
        self._detector = detector or HaarFaceDetector()

    def faces(self, image: ColourImage) -> Sequence[BlueFirst]:
        """The likeliest face, and its rivals."""
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        blue_first = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
        found = [face.eyes for face in self._detector.find_faces(grey) if face.eyes is not None]
        return [_upright(blue_first, *eyes) for eyes in found]


def _upright(image: BlueFirst, left: Point, right: Point) -> BlueFirst:
    """Turned, scaled and moved so that the eyes come to lie where the recogniser expects them."""
    start, end = np.array([left.x_px, left.y_px]), np.array([right.x_px, right.y_px])
    here, there = end - start, _EYES_PX[1] - _EYES_PX[0]
    # One complex number turns and scales: the wanted way between the eyes over the way there is.
    turn = complex(*there) / complex(*here)
    rotation = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    shift = _EYES_PX[0] - rotation @ start
    matrix = np.column_stack((rotation, shift))
    return np.asarray(cv2.warpAffine(image, matrix, (FACE_SIDE_PX, FACE_SIDE_PX)), np.uint8)


def _blue_first(image: ColourImage) -> BlueFirst:
    scale = min(1.0, _LONGER_SIDE_PX / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR), np.uint8)
