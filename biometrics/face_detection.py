"""Where faces and eyes are: a port, and the detector of OpenCV that needs no model file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.images import GreyImage

#: The detector looks at a copy whose longer side is this; finding faces in larger ones costs time and false alarms.
_SEARCH_SIDE_PX = 480
_LEAST_FACE_SHARE = 0.12
_FACE_CASCADES = (
    "haarcascade_frontalface_default.xml",
    "haarcascade_frontalface_alt2.xml",
    "haarcascade_frontalface_alt.xml",
)
#: Eyes lie in the upper part of the face box.
_EYE_REGION_SHARE = 0.6
#: Faces further apart in size than this are not rivals: the smaller is somebody in the background or a false alarm.
_RIVAL_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A face in the picture, in pixels, from the brow to the chin."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int

    def cut(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of the picture inside the box."""
        return image[self.top_px : self.top_px + self.height_px, self.left_px : self.left_px + self.width_px]


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture, in pixels."""

    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """A face and, when both were found, its eyes: the one on the left of the picture first."""

    box: FaceBox
    eyes: tuple[Point, Point] | None


class FaceDetector(Protocol):
    """Anything that finds faces: Haar cascades here, a YuNet model where an operator supplies one."""

    def find_faces(self, grey: GreyImage) -> Sequence[DetectedFace]:
        """All faces of a size worth speaking of, the likeliest first."""
        ...


class HaarFaceDetector:
    """The cascades that OpenCV 4 ships. Frontal faces only; about 0.1 s a picture, 0.3 s when there is none."""

    def find_faces(self, grey: GreyImage) -> Sequence[DetectedFace]:
        """The likeliest face first, then its rivals: faces of a comparable size whose eyes were found.

        Haar takes folds of cloth for faces, never with two level eyes in them; so only eyes make a rival.
        """
        scale = min(1.0, _SEARCH_SIDE_PX / max(grey.shape))
        small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
        boxes = _find_boxes(np.asarray(small, np.uint8), scale)
        if not boxes:
            return []
        faces = [DetectedFace(box, _find_eyes(grey, box)) for box in boxes]
        faces.sort(key=lambda face: (face.eyes is None, -face.box.width_px, face.box.left_px, face.box.top_px))
        first = faces[0]
        least_px = _RIVAL_SHARE * first.box.width_px
        return [first] + [face for face in faces[1:] if face.eyes and face.box.width_px >= least_px]


def _find_boxes(small: GreyImage, scale: float) -> list[FaceBox]:
    """Boxes of the first cascade that finds any: they fail on different faces."""
    least = max(24, int(_LEAST_FACE_SHARE * min(small.shape)))
    for name in _FACE_CASCADES:
        found = _cascade(name).detectMultiScale(
            cv2.equalizeHist(small), scaleFactor=1.1, minNeighbors=5, minSize=(least, least)
        )
        rows = np.asarray(found).reshape(-1, 4).tolist()
        if rows:
            return [FaceBox(*(int(value / scale) for value in row)) for row in rows]
    return []


@lru_cache(maxsize=4)
def _cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))


def _find_eyes(grey: GreyImage, box: FaceBox) -> tuple[Point, Point] | None:
    """The best pair of eyes: one in each half of the face, about level, a plausible way apart."""
    face = box.cut(grey)[: int(box.height_px * _EYE_REGION_SHARE)]
    if face.size == 0:
        return None
    scale = 200 / box.width_px
    region = cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = _cascade("haarcascade_eye.xml").detectMultiScale(region, scaleFactor=1.1, minNeighbors=4, minSize=(24, 24))
    spots = [
        Point(box.left_px + (x + w / 2) / scale, box.top_px + (y + h / 2) / scale)
        for x, y, w, h in np.asarray(found).reshape(-1, 4).tolist()
    ]
    middle = box.left_px + box.width_px / 2
    pairs = [
        (left, right)
        for left in spots
        for right in spots
        if left.x_px < middle < right.x_px and _is_plausible(left, right, box)
    ]
    return min(pairs, key=lambda pair: abs(pair[0].y_px - pair[1].y_px), default=None)


def _is_plausible(left: Point, right: Point, box: FaceBox) -> bool:
    apart = right.x_px - left.x_px
    return 0.25 < apart / box.width_px < 0.65 and abs(right.y_px - left.y_px) < 0.5 * apart
