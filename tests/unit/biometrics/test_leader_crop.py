"""What LEADER makes of pictures that are not as the sensor should give them."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.engine import Engine
from biometrics.extraction.pipeline import ExtractionConfiguration, extract
from biometrics.images import GreyImage, decode_grey
from biometrics.leader.model_file import find_model, models_folder
from biometrics.matcher import compare
from biometrics.template import Template
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition

from .fingers_in_tests import real_pictures


def read(image: GreyImage, margin_px: int = 0) -> Template:
    configuration = ExtractionConfiguration(Engine.LEADER, threads=1)
    framed = np.pad(image, margin_px, constant_values=255) if margin_px else image
    return extract(framed, dpi=500, position=FingerPosition.UNKNOWN, configuration=configuration).template


@pytest.fixture(scope="module")
def picture() -> GreyImage:
    if find_model(models_folder().absolute()) is None:
        pytest.skip("no model of LEADER has been made")
    return decode_grey((real_pictures() / "fvc2002_db1_b" / "101_1.png").read_bytes())


@pytest.fixture(scope="module")
def finger(picture: GreyImage) -> Template:
    return read(picture)


def test_a_picture_with_light_ridges_on_a_dark_ground_is_the_same_finger(picture: GreyImage, finger: Template) -> None:
    inverted = read(np.asarray(255 - picture, np.uint8))
    assert len(inverted.minutiae) == len(finger.minutiae)
    assert decide(compare(finger, inverted), fmr=FMR.ONE_IN_10_000)


def test_empty_ground_around_a_print_changes_nothing(picture: GreyImage, finger: Template) -> None:
    wide = read(picture, margin_px=160)
    assert abs(len(wide.minutiae) - len(finger.minutiae)) <= 1
    assert decide(compare(finger, wide), fmr=FMR.ONE_IN_10_000)


def test_nothing_is_read_from_a_blank_picture(finger: Template) -> None:
    assert finger.engine is Engine.LEADER
    blank = read(np.full((300, 300), 255, np.uint8))
    assert (blank.minutiae, blank.quality) == ((), 0)
