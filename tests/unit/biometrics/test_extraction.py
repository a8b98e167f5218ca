"""From a picture to minutiae."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.extraction.pipeline import CLASSICAL_ENGINE, CaptureHint
from biometrics.extraction.pipeline import extract as extract_with
from biometrics.images import GreyImage, decode_grey
from biometrics.matcher import compare
from biometrics.template import MinutiaKind
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition

from .fingers_in_tests import real_pictures

#: This page is about the classical engine, whatever model lies about.
extract = partial(extract_with, configuration=CLASSICAL_ENGINE)
SIDE_PX = 256
INDEX = FingerPosition.RIGHT_INDEX


def ridges(added_line: bool = False, period_px: float = 9.0) -> GreyImage:
    """Vertical ridges; with added_line, one more of them below the middle: a minutia at the centre."""
    y, x = np.mgrid[0:SIDE_PX, 0:SIDE_PX] - SIDE_PX / 2.0
    phase = 2 * np.pi * x / period_px
    if added_line:
        phase = phase + np.arctan2(y, x)
    return np.asarray(128 + 100 * np.cos(phase), np.uint8)


def test_plain_ridges_have_no_minutiae() -> None:
    assert extract(ridges(), dpi=500, position=INDEX).template.minutiae == ()


def test_one_added_ridge_is_one_minutia_where_it_begins() -> None:
    template = extract(ridges(added_line=True), dpi=500, position=INDEX).template
    (minutia,) = template.minutiae
    assert abs(minutia.x_px - 128) <= 6
    assert abs(minutia.y_px - 128) <= 8
    assert min(abs(minutia.angle_256 - 64), abs(minutia.angle_256 - 192)) <= 10


def test_a_picture_upside_down_has_its_minutiae_turned_by_half_a_turn() -> None:
    picture = ridges(added_line=True)
    (upright,) = extract(picture, dpi=500, position=INDEX).template.minutiae
    (turned,) = extract(np.ascontiguousarray(picture[::-1, ::-1]), dpi=500, position=INDEX).template.minutiae
    difference = (turned.angle_256 - upright.angle_256) % 256
    assert abs(difference - 128) <= 6
    assert turned.kind == upright.kind


def test_ridges_and_valleys_exchanged_turn_an_ending_into_a_fork_that_points_the_same_way() -> None:
    (ending,) = extract(ridges(added_line=True), dpi=500, position=INDEX).template.minutiae
    (fork,) = extract(np.asarray(255 - ridges(added_line=True)), dpi=500, position=INDEX).template.minutiae
    assert {ending.kind, fork.kind} == {MinutiaKind.RIDGE_ENDING, MinutiaKind.BIFURCATION}
    assert abs((ending.angle_256 - fork.angle_256 + 128) % 256 - 128) <= 10


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((288, 256), np.uint8),
        np.full((288, 256), 255, np.uint8),
        np.full((1, 1), 7, np.uint8),
        np.full((3, 900), 7, np.uint8),
        np.random.default_rng(1).integers(0, 3, (288, 256)).astype(np.uint8),
    ],
    ids=["black", "white", "one pixel", "a strip", "dark noise"],
)
def test_a_picture_of_nothing_gives_an_empty_template_and_a_hint(picture: NDArray[np.uint8]) -> None:
    extraction = extract(picture, dpi=500, position=INDEX)
    assert extraction.template.minutiae == ()
    assert extraction.quality == 0
    assert CaptureHint.GOOD not in extraction.hints
    assert extraction.hints


def test_noise_of_any_kind_is_never_good() -> None:
    trials, rng = 20, np.random.default_rng(2)
    for trial in range(trials):
        picture = rng.integers(0, 256, (96 + 16 * trial, 256), dtype=np.uint8)
        assert extract(picture, dpi=500, position=INDEX).quality < 60
    print(f"{trials} pictures of noise, 0 called good")  # noqa: T201


def test_a_finger_to_one_side_is_asked_to_move_to_the_other() -> None:
    picture = np.full((288, 256), 230, np.uint8)
    picture[190:, :110] = ridges()[:98, :110]
    hints = extract(picture, dpi=500, position=INDEX).hints
    assert CaptureHint.MOVE_UP in hints
    assert CaptureHint.MOVE_RIGHT in hints


def test_the_stages_can_be_watched_by_name() -> None:
    seen: list[str] = []
    extract(ridges(), dpi=500, position=INDEX, trace=lambda stage, _picture: seen.append(stage))
    assert seen[0] == "mask"
    assert seen[-3:] == ["ridges", "lines", "evidence"]


def test_coordinates_are_those_of_the_picture_whatever_its_resolution() -> None:
    large = np.kron(ridges(added_line=True), np.ones((2, 2), np.uint8))
    template = extract(large, dpi=1000, position=INDEX).template
    (minutia,) = template.minutiae
    assert (template.width_px, template.dpi) == (512, 1000)
    assert math.hypot(minutia.x_px - 256, minutia.y_px - 256) <= 20


def test_real_fingers_match_themselves_and_not_each_other() -> None:
    folder = real_pictures() / "fvc2002_db1_b"
    one, again, other = (
        extract(decode_grey((folder / f"{name}.png").read_bytes()), dpi=500, position=INDEX)
        for name in ("101_1", "101_2", "102_1")
    )
    assert one.hints == (CaptureHint.GOOD,)
    assert decide(compare(one.template, again.template), fmr=FMR.ONE_IN_10_000)
    assert not decide(compare(one.template, other.template), fmr=FMR.ONE_IN_100)
