"""What is measured on a portrait, each 0..100, after formulas of ISO/IEC 29794-5 and its reference implementation OFIQ.

Approximations from a face box and eyes only, not conformant: the standard works on landmarks of a trained network.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.face_detection import DetectedFace, FaceBox
from biometrics.images import ColourImage, GreyImage

_FACE_SIDE_PX = 128
#: Height of the head (crown to chin) against a Haar box, which reaches from the brow to the chin.
_HEAD_PER_BOX = 1.35
#: OFIQ, HeadSize: best when the head is 0.45 of the picture's height.
BEST_HEAD_SHARE = 0.45
#: OFIQ, InterEyeDistance: sigmoid in pixels.
_EYES_CENTRE_PX, _EYES_WIDTH_PX = 70.0, 20.0
#: Sharpness: variance of the Laplacian against the variance of the picture, so that the dark are not called blurred.
_SHARP_CENTRE, _SHARP_WIDTH = 0.009, 0.003
_UNDER_GREY, _OVER_GREY = 26, 247
#: Half the score is lost at this standard deviation of the background (OFIQ has a gradient measure here).
_BACKGROUND_CENTRE, _BACKGROUND_WIDTH = 35.0, 9.0
_ROLL_LIMIT_DEG = 25.0


def single_face(faces: int) -> int:
    """100 for one face, 0 for none or several."""
    return 100 if faces == 1 else 0


def sharpness(face: GreyImage) -> int:
    """How much fine detail the face holds for its contrast."""
    scaled = cv2.resize(face, (_FACE_SIDE_PX, _FACE_SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    detail = float(cv2.Laplacian(cv2.GaussianBlur(scaled, (0, 0), 0.7), cv2.CV_32F).var())
    return _sigmoid(detail / (float(scaled.var()) + 25.0), _SHARP_CENTRE, _SHARP_WIDTH)


def luminance(face: GreyImage) -> int:
    """100 while the mean lies in the middle of the range, falling to 0 at black and white."""
    mean = float(face.mean()) / 255
    return _percent(min(1.0, mean / 0.3, (1 - mean) / 0.2))


def under_exposure(face: GreyImage) -> int:
    """100 when nothing is black, less for each part of the face that is."""
    return _percent(1 - 2.5 * float((face < _UNDER_GREY).mean()))


def over_exposure(face: GreyImage) -> int:
    """100 when nothing is burnt out, less for each part of the face that is."""
    return _percent(1 - 5 * float((face > _OVER_GREY).mean()))


def head_share(face: DetectedFace, height_px: int) -> float:
    """How much of the picture's height the head takes."""
    return _HEAD_PER_BOX * face.box.height_px / height_px


def head_size(face: DetectedFace, height_px: int) -> int:
    """100 when the head takes 0.45 of the picture's height."""
    share = head_share(face, height_px)
    return _percent(1 - abs(share - BEST_HEAD_SHARE) / BEST_HEAD_SHARE)


def inter_eye_distance(face: DetectedFace) -> int:
    """Whether the eyes are enough pixels apart for a face comparison; 0 when they were not found."""
    if face.eyes is None:
        return 0
    left, right = face.eyes
    return _sigmoid(math.hypot(right.x_px - left.x_px, right.y_px - left.y_px), _EYES_CENTRE_PX, _EYES_WIDTH_PX)


def head_roll(face: DetectedFace) -> int:
    """100 when the eyes are level, 0 at 25 degrees or when they were not found."""
    if face.eyes is None:
        return 0
    left, right = face.eyes
    roll_deg = abs(math.degrees(math.atan2(right.y_px - left.y_px, right.x_px - left.x_px)))
    return _percent(1 - roll_deg / _ROLL_LIMIT_DEG)


def background_uniformity(rgb: ColourImage, box: FaceBox) -> int:
    """How plain the picture is beside the head, above the shoulders."""
    beside = _beside_head(rgb, box)
    if beside.size == 0:
        return 0
    deviation = float(np.sqrt(beside.reshape(-1, 3).astype(np.float32).var(axis=0).mean()))
    return 100 - _sigmoid(deviation, _BACKGROUND_CENTRE, _BACKGROUND_WIDTH)


def _beside_head(rgb: ColourImage, box: FaceBox) -> NDArray[np.uint8]:
    left_px = max(0, box.left_px - box.width_px // 3)
    right_px = min(rgb.shape[1], box.left_px + box.width_px + box.width_px // 3)
    bottom_px = box.top_px + box.height_px // 2
    sides = (rgb[:bottom_px, :left_px].reshape(-1, 3), rgb[:bottom_px, right_px:].reshape(-1, 3))
    return np.concatenate(sides)


def _sigmoid(value: float, centre: float, width: float) -> int:
    return _percent(1 / (1 + math.exp(min(60.0, (centre - value) / width))))


def _percent(share: float) -> int:
    return round(100 * min(1.0, max(0.0, share)))
