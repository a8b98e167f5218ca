"""Portraits, with a detector that is told where the face is, so that no picture of a person is needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageFilter

from biometrics.errors import NoFaceToCrop, PortraitTooLarge
from biometrics.face_detection import DetectedFace, FaceBox, Point
from biometrics.images import ColourImage, GreyImage
from biometrics.portrait import PortraitReport, check_portrait, crop_portrait, crop_portrait_as
from biometrics.portrait_encoding import PortraitFormat
from kiosk.flows.enrol_portrait import PORTRAIT_LINES
from kiosk.i18n.catalogue import load_catalogue

BOX = FaceBox(230, 130, 180, 180)
EYES = (Point(280, 200), Point(360, 200))


@dataclass(frozen=True)
class ToldDetector:
    """A fake: finds what it was told."""

    faces: tuple[DetectedFace, ...]

    def find_faces(self, grey: GreyImage) -> Sequence[DetectedFace]:
        return self.faces


def _picture(brightness: float = 1.0) -> ColourImage:
    """A plain wall and a face-coloured square with some fine detail in it."""
    picture = np.full((480, 640, 3), 205.0)
    y, x = np.mgrid[0:180, 0:180]
    detail = 125 + 40 * np.sin(x / 25.0) * np.cos(y / 30.0) + 12 * ((x // 3 + y // 3) % 2)
    picture[130:310, 230:410] = detail[..., None] * np.array([1.1, 0.9, 0.8])
    return np.clip(picture * brightness, 0, 255).astype(np.uint8)


def _report(picture: ColourImage, *faces: DetectedFace) -> PortraitReport:
    return check_portrait(picture, ToldDetector(faces))


def _failed(report: PortraitReport) -> set[str]:
    return {check.name for check in report.checks if not check.passed}


FACE = DetectedFace(BOX, EYES)


def test_a_good_portrait_passes_every_check() -> None:
    report = _report(_picture(), FACE)
    assert _failed(report) == set()
    assert report.acceptable
    assert report.face_box == BOX


def test_every_check_is_there_by_its_name_even_without_a_face() -> None:
    report = _report(_picture())
    assert [check.name for check in report.checks] == [
        "SingleFacePresent",
        "Sharpness",
        "LuminanceMean",
        "UnderExposurePrevention",
        "OverExposurePrevention",
        "HeadSize",
        "InterEyeDistance",
        "HeadPoseRoll",
        "BackgroundUniformity",
    ]
    assert not report.acceptable
    assert all(check.score == 0 and check.hint_key for check in report.checks)


def test_two_faces_are_one_too_many() -> None:
    second = DetectedFace(FaceBox(20, 130, 170, 170), (Point(70, 200), Point(140, 200)))
    assert "SingleFacePresent" in _failed(_report(_picture(), FACE, second))


@pytest.mark.parametrize(
    ("brightness", "check"),
    [(0.12, "UnderExposurePrevention"), (0.12, "LuminanceMean"), (2.6, "OverExposurePrevention")],
)
def test_a_wrong_exposure_is_named(brightness: float, check: str) -> None:
    assert check in _failed(_report(_picture(brightness), FACE))


def test_a_blurred_face_is_not_sharp() -> None:
    picture = _picture()
    blurred = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(6)))
    assert "Sharpness" in _failed(_report(blurred, FACE))


def test_a_tilted_head_is_named() -> None:
    tilted = DetectedFace(BOX, (Point(280, 180), Point(360, 225)))
    assert _failed(_report(_picture(), tilted)) == {"HeadPoseRoll"}


def test_a_face_too_far_away_is_named() -> None:
    far = DetectedFace(FaceBox(300, 200, 40, 40), (Point(312, 215), Point(328, 215)))
    assert {"HeadSize", "InterEyeDistance"} <= _failed(_report(_picture(), far))


def test_a_face_too_near_is_told_to_step_back_and_a_far_one_to_come_closer() -> None:
    near = DetectedFace(FaceBox(120, 10, 400, 440), (Point(220, 200), Point(420, 200)))
    far = DetectedFace(FaceBox(300, 200, 40, 40), (Point(312, 215), Point(328, 215)))
    hints = [
        next(check.hint_key for check in _report(_picture(), face).checks if check.name == "HeadSize")
        for face in (near, far)
    ]
    assert hints == ["portrait.hint.HeadSize.too_near", "portrait.hint.HeadSize"]


@pytest.mark.parametrize("language", ["en", "hi", "ur"])
def test_every_check_has_one_plain_instruction_in_every_language_and_its_place_on_the_screen(language: str) -> None:
    known = load_catalogue(language)
    near = DetectedFace(FaceBox(120, 10, 400, 440), (Point(220, 200), Point(420, 200)))
    for report in (_report(_picture()), _report(_picture(), near)):
        assert all(len(known[check.hint_key].split()) >= 2 for check in report.checks)
        shown = [name for line in PORTRAIT_LINES.values() for name in line]
        assert sorted(shown) == sorted(check.name for check in report.checks)
    assert all(f"portrait.line.{line}" in known for line in PORTRAIT_LINES)


def test_hidden_eyes_are_not_passed_over() -> None:
    assert {"InterEyeDistance", "HeadPoseRoll"} <= _failed(_report(_picture(), DetectedFace(BOX, None)))


def test_a_busy_background_is_named_but_does_not_refuse() -> None:
    picture = _picture()
    picture[:, :150] = np.random.default_rng(1).integers(0, 256, (480, 150, 3))
    report = _report(picture, FACE)
    assert _failed(report) == {"BackgroundUniformity"}
    assert report.acceptable


@pytest.mark.parametrize("max_bytes", [1500, 3000, 5000])
def test_the_crop_is_three_by_four_and_fits_the_card(max_bytes: int) -> None:
    picture = _picture()
    jpeg = crop_portrait(picture, _report(picture, FACE), max_bytes=max_bytes)
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        assert image.width * 4 == image.height * 3
        assert not image.getexif()
        assert "comment" not in image.info
    assert len(jpeg) <= max_bytes


@pytest.mark.parametrize("max_bytes", [2500, 5000])
def test_the_crop_comes_as_jpeg_or_jpeg_2000_within_the_cards_size_and_without_a_word_beside_the_pixels(
    max_bytes: int,
) -> None:
    picture = _picture()
    found = {
        each: crop_portrait_as(picture, _report(picture, FACE), max_bytes=max_bytes, formats=(each,))
        for each in PortraitFormat
    }
    for each, portrait in found.items():
        with Image.open(io.BytesIO(portrait.data)) as image:
            assert image.format == each.name
            assert image.width * 4 == image.height * 3
            assert "comment" not in image.info
        assert len(portrait.data) <= max_bytes
    best = crop_portrait_as(picture, _report(picture, FACE), max_bytes=max_bytes, formats=tuple(PortraitFormat))
    plain = found[PortraitFormat.JPEG]
    assert (best.width_px, len(best.data) <= len(plain.data)) == (plain.width_px, True)


def test_a_face_at_the_edge_is_cropped_all_the_same() -> None:
    picture = _picture()
    edge = DetectedFace(FaceBox(0, 0, 200, 200), None)
    assert crop_portrait(picture, _report(picture, edge))


def test_a_crop_without_a_face_or_without_room_is_refused() -> None:
    picture = _picture()
    with pytest.raises(NoFaceToCrop):
        crop_portrait(picture, _report(picture))
    with pytest.raises(PortraitTooLarge):
        crop_portrait(picture, _report(picture, FACE), max_bytes=100)


def test_the_cascades_find_no_face_on_a_wall() -> None:
    report = check_portrait(np.full((480, 640, 3), 180, np.uint8))
    assert report.face_box is None
    assert not report.acceptable
