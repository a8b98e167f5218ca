"""Is this picture good enough for a card, and its crop for the card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from biometrics import portrait_measures as measures
from biometrics.errors import NoFaceToCrop, PortraitTooLarge
from biometrics.face_detection import DetectedFace, FaceBox, FaceDetector, HaarFaceDetector
from biometrics.images import ColourImage, GreyImage
from biometrics.portrait_encoding import EncodedPortrait, PortraitFormat, encode_portrait

__all__ = ["FaceBox", "PortraitCheck", "PortraitReport", "check_portrait", "crop_portrait", "shrink_picture"]

#: What each check must reach. Without BackgroundUniformity, which a village desk cannot always offer, a picture is
#: still accepted; the score is shown and stored all the same.
_LEAST_SCORES = {
    "SingleFacePresent": 100,
    "Sharpness": 35,
    "LuminanceMean": 55,
    "UnderExposurePrevention": 50,
    "OverExposurePrevention": 50,
    "HeadSize": 30,
    "InterEyeDistance": 20,
    "HeadPoseRoll": 50,
    "BackgroundUniformity": 40,
}
_ADVISORY = frozenset({"BackgroundUniformity"})

_PICTURE_WIDTHS_PX = (320, 240, 160, 96)
_JPEG_QUALITIES = (85, 75, 65, 55, 45, 35)
#: The crop in face boxes: wide enough for hair and ears, with room above and the neck below, 3:4.
_CROP_WIDTH_BOXES = 1.6
_ASPECT = 4 / 3
_FACE_CENTRE_FROM_TOP = 0.47


@dataclass(frozen=True, slots=True)
class PortraitCheck:
    """One check named after ISO/IEC 29794-5 (an approximation, not conformant); score 0..100, more is better."""

    name: str
    score: int
    passed: bool
    hint_key: str


@dataclass(frozen=True, slots=True)
class PortraitReport:
    """All checks of one picture; acceptable when every check that can refuse a picture passed."""

    checks: tuple[PortraitCheck, ...]
    face_box: FaceBox | None
    acceptable: bool


@lru_cache(maxsize=1)
def _default_detector() -> FaceDetector:
    return HaarFaceDetector()


def check_portrait(rgb: ColourImage, detector: FaceDetector | None = None) -> PortraitReport:
    """The picture judged on its largest face. Never raises for a bad picture: without a face all face checks are 0."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    faces = (detector or _default_detector()).find_faces(grey)
    scores = {"SingleFacePresent": measures.single_face(len(faces))}
    scores |= _face_scores(rgb, grey, faces[0]) if faces else dict.fromkeys(_LEAST_SCORES.keys() - scores.keys(), 0)
    is_near = bool(faces) and measures.head_share(faces[0], grey.shape[0]) > measures.BEST_HEAD_SHARE
    checks = tuple(_check(name, scores[name], is_near=is_near) for name in _LEAST_SCORES)
    acceptable = all(check.passed or check.name in _ADVISORY for check in checks)
    return PortraitReport(checks, faces[0].box if faces else None, acceptable)


def _face_scores(rgb: ColourImage, grey: GreyImage, face: DetectedFace) -> dict[str, int]:
    skin = face.box.cut(grey)
    return {
        "Sharpness": measures.sharpness(skin),
        "LuminanceMean": measures.luminance(skin),
        "UnderExposurePrevention": measures.under_exposure(skin),
        "OverExposurePrevention": measures.over_exposure(skin),
        "HeadSize": measures.head_size(face, grey.shape[0]),
        "InterEyeDistance": measures.inter_eye_distance(face),
        "HeadPoseRoll": measures.head_roll(face),
        "BackgroundUniformity": measures.background_uniformity(rgb, face.box),
    }


def _check(name: str, score: int, *, is_near: bool) -> PortraitCheck:
    """With what the person can do about it: a head of the wrong size comes closer or goes back."""
    hint = f"{name}.too_near" if name == "HeadSize" and is_near else name
    return PortraitCheck(name, score, score >= _LEAST_SCORES[name], f"portrait.hint.{hint}")


def crop_portrait(rgb: ColourImage, report: PortraitReport, *, max_bytes: int = 5000) -> bytes:
    """A 3:4 JPEG around the face of at most max_bytes; see crop_portrait_as."""
    return crop_portrait_as(rgb, report, max_bytes=max_bytes, formats=(PortraitFormat.JPEG,)).data


def crop_portrait_as(
    rgb: ColourImage, report: PortraitReport, *, max_bytes: int, formats: Sequence[PortraitFormat]
) -> EncodedPortrait:
    """The 3:4 crop around the face in the smallest of these formats, made from pixels alone, so without any metadata.

    Raises NoFaceToCrop when the report has no face, PortraitTooLarge when not even the smallest fits.
    """
    if report.face_box is None:
        raise NoFaceToCrop
    return encode_portrait(_crop(rgb, report.face_box), max_bytes=max_bytes, formats=formats)


def shrink_picture(rgb: ColourImage, *, max_bytes: int) -> bytes:
    """The whole picture as a JPEG of at most max_bytes, without any metadata. Raises PortraitTooLarge."""
    for width_px in _PICTURE_WIDTHS_PX:
        size = (width_px, max(1, round(width_px * rgb.shape[0] / rgb.shape[1])))
        small = cv2.cvtColor(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
        for quality in _JPEG_QUALITIES:
            options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
            _, encoded = cv2.imencode(".jpg", small, options)
            if encoded.size <= max_bytes:
                return encoded.tobytes()
    raise PortraitTooLarge


def _crop(rgb: ColourImage, box: FaceBox) -> ColourImage:
    """The 3:4 frame around the face; beyond the picture's edge its border is drawn out."""
    width = round(_CROP_WIDTH_BOXES * box.width_px)
    height = round(width * _ASPECT)
    left = round(box.left_px + box.width_px / 2 - width / 2)
    top = round(box.top_px + box.height_px / 2 - _FACE_CENTRE_FROM_TOP * height)
    beyond = (
        max(0, -top),
        max(0, top + height - rgb.shape[0]),
        max(0, -left),
        max(0, left + width - rgb.shape[1]),
    )
    framed = cv2.copyMakeBorder(rgb, *beyond, cv2.BORDER_REPLICATE)
    top, left = top + beyond[0], left + beyond[2]
    return np.asarray(framed[top : top + height, left : left + width], np.uint8)
