"""A face model is used only when it is the approved one, and says one of three things; tiny networks, made here."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from biometrics.face_matching import JudgedByOfficer, NotCompared, SFaceMatcher, open_face_matcher
from biometrics.face_model import (
    FaceModelMissing,
    FaceModelNotApproved,
    FaceModelNotAvailable,
    FaceModelUnusable,
    ModelFile,
)
from biometrics.images import ColourImage, decode_rgb
from biometrics.portrait import check_portrait, crop_portrait
from domain.verification import FaceJudge, Verdict
from hardware_sim.faces import draw_portrait
from hardware_sim.people import FATHER, MOTHER
from tests.unit.biometrics.face_networks import GREEN, face_model, sface, write, yunet

GARBAGE = b"not a network" * 40
#: The tiny network finds faces of the same drawing above, of different drawings below.
THRESHOLD = 0.96


def live(picture: ColourImage, seed: int = 1) -> ColourImage:
    """The same face before the camera: other light, and noise."""
    noise = np.random.default_rng(seed).normal(0, 5, picture.shape)
    return np.clip(picture * 0.93 + noise, 0, 255).astype(np.uint8)


def on_card(picture: ColourImage) -> ColourImage:
    """As it comes back from a card."""
    return decode_rgb(crop_portrait(picture, check_portrait(picture)))


def wall(*faces: tuple[int, int]) -> ColourImage:
    """A grey wall with green squares that the tiny detector takes for faces."""
    picture = np.full((480, 640, 3), 120, np.uint8)
    for x, y in faces:
        picture[y : y + 32, x : x + 32] = GREEN
    return picture


def test_without_a_model_the_face_is_judged_by_an_officer_and_recorded_as_such() -> None:
    matcher = open_face_matcher(None)
    assert isinstance(matcher, JudgedByOfficer)
    said = matcher.compare(wall(), wall())
    assert (said.verdict, said.judge, said.cosine) == (Verdict.COULD_NOT_CHECK, FaceJudge.OFFICER, None)
    assert said.not_compared is NotCompared.NO_MODEL


def test_a_model_says_verified_of_one_face_and_failed_of_two(tmp_path: Path) -> None:
    matcher = open_face_matcher(face_model(tmp_path, threshold=THRESHOLD))
    mother, father = draw_portrait(MOTHER.face), draw_portrait(FATHER.face)
    same = matcher.compare(live(mother), on_card(mother))
    other = matcher.compare(live(father), on_card(mother))
    assert (same.verdict, same.judge) == (Verdict.VERIFIED, FaceJudge.MODEL_AND_OFFICER)
    assert (other.verdict, other.judge) == (Verdict.FAILED, FaceJudge.MODEL_AND_OFFICER)
    assert same.cosine is not None
    assert other.cosine is not None
    assert other.cosine < THRESHOLD <= same.cosine


def test_the_threshold_is_the_programmes(tmp_path: Path) -> None:
    mother = draw_portrait(MOTHER.face)
    model = face_model(tmp_path, threshold=THRESHOLD)
    score = SFaceMatcher(model).compare(live(mother), on_card(mother)).cosine
    assert score is not None
    strict = SFaceMatcher(replace(model, threshold=score + 0.001)).compare(live(mother), on_card(mother))
    assert strict.verdict is Verdict.FAILED


@pytest.mark.parametrize("has_detector", [False, True])
def test_nobody_before_the_camera_is_no_failure_of_anybody(tmp_path: Path, *, has_detector: bool) -> None:
    matcher = open_face_matcher(face_model(tmp_path, has_detector=has_detector))
    reference = wall((256, 192)) if has_detector else on_card(draw_portrait(MOTHER.face))
    said = matcher.compare(wall(), reference)
    assert (said.verdict, said.not_compared) == (Verdict.COULD_NOT_CHECK, NotCompared.NO_FACE_NOW)
    assert said.cosine is None
    said = matcher.compare(reference, wall())
    assert (said.verdict, said.not_compared) == (Verdict.COULD_NOT_CHECK, NotCompared.NO_FACE_ON_CARD)


def test_a_detector_in_the_form_of_yunet_finds_faces_and_two_of_them_are_one_too_many(tmp_path: Path) -> None:
    matcher = open_face_matcher(face_model(tmp_path, has_detector=True))
    one, two = wall((256, 192)), wall((256, 192), (512, 320))
    assert matcher.compare(one, one).verdict is Verdict.VERIFIED
    said = matcher.compare(two, one)
    assert (said.verdict, said.not_compared) == (Verdict.COULD_NOT_CHECK, NotCompared.SEVERAL_FACES_NOW)


@pytest.mark.parametrize(
    ("content", "sha256", "expected"),
    [
        (None, "0" * 64, FaceModelMissing),
        (GARBAGE, "0" * 64, FaceModelNotApproved),
        (b"", hashlib.sha256(b"").hexdigest(), FaceModelUnusable),
        (GARBAGE, hashlib.sha256(GARBAGE).hexdigest(), FaceModelUnusable),
        (sface(64), hashlib.sha256(sface(64)).hexdigest(), FaceModelUnusable),
        (yunet(), hashlib.sha256(yunet()).hexdigest(), FaceModelUnusable),
    ],
    ids=["missing", "another file", "empty", "garbage", "64 numbers", "a detector"],
)
def test_a_file_that_is_not_the_approved_recogniser_is_named_and_not_used(
    tmp_path: Path, content: bytes | None, sha256: str, expected: type[FaceModelNotAvailable]
) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(expected) as refused:
        open_face_matcher(replace(face_model(tmp_path), recogniser=ModelFile(path, sha256)))
    assert str(tmp_path) not in str(refused.value)


def test_a_detector_that_is_none_or_another_file_is_refused_too(tmp_path: Path) -> None:
    model = face_model(tmp_path)
    with pytest.raises(FaceModelUnusable):
        open_face_matcher(replace(model, detector=write(tmp_path, "d.onnx", sface())))
    with pytest.raises(FaceModelNotApproved):
        open_face_matcher(replace(model, detector=replace(write(tmp_path, "d.onnx", yunet()), sha256="1" * 64)))


def test_one_changed_byte_of_the_model_is_noticed(tmp_path: Path) -> None:
    model = face_model(tmp_path)
    content = bytearray(model.recogniser.path.read_bytes())
    content[len(content) // 2] ^= 1
    model.recogniser.path.write_bytes(content)
    with pytest.raises(FaceModelNotApproved):
        open_face_matcher(model)
