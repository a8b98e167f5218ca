import json

import cv2
import numpy as np
import pytest

from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import Finger, FingerCondition, NoSuchFinger
from hardware_sim.fingers.real import FingerFolderUnusable, RealFingers
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.people import finger_order

THUMB = FingerPosition.RIGHT_THUMB
GOOD = FingerCondition.GOOD


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return SyntheticFingers(tmp_path_factory.mktemp("masters"))


def make_folder(source, directory, *, fingers=10, impressions=2, scale=1.0, dpi=None):
    directory.mkdir()
    for finger in range(fingers):
        for impression in range(1, impressions + 1):
            picture = np.frombuffer(source.picture(Finger(finger, THUMB), impression, GOOD), np.uint8)
            whole = np.pad(picture.reshape(288, 256), ((40, 90), (130, 20)), constant_values=238)
            resized = cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            cv2.imwrite(str(directory / f"{101 + finger}_{impression}.png"), resized)
    if dpi:
        (directory / "set.json").write_text(json.dumps({"dpi": dpi}))
    return directory


@pytest.fixture(scope="module")
def folder(drawn, tmp_path_factory):
    return make_folder(drawn, tmp_path_factory.mktemp("prints") / "set")


ORDER = [(seed, THUMB) for seed in range(25)]


def window(source, seed, impression=0, condition=GOOD):
    return np.frombuffer(source.picture(Finger(seed, THUMB), impression, condition), np.uint8).reshape(288, 256)


def test_the_print_lies_in_the_middle_of_the_window(folder):
    dark = np.argwhere(window(RealFingers(folder, ORDER), 0) < 120).mean(axis=0)
    assert np.abs(dark - (144, 128)).max() < 25


def test_ten_fingers_serve_twenty_by_mirroring_and_the_twenty_first_is_refused(folder):
    source = RealFingers(folder, ORDER)
    assert len({window(source, seed).tobytes() for seed in range(20)}) == 20
    assert source.has(Finger(19, THUMB))
    assert not source.has(Finger(20, THUMB))
    with pytest.raises(NoSuchFinger):
        window(source, 20)


def test_there_are_enough_for_the_fingers_of_the_day(folder):
    source = RealFingers(folder, finger_order())
    assert len(finger_order()) == 20
    assert all(source.has(Finger(seed, position)) for seed, position in finger_order())


def test_impressions_start_over_when_there_are_no_more(folder):
    source = RealFingers(folder, ORDER)
    assert (window(source, 1, 0) == window(source, 1, 2)).all()
    assert (window(source, 1, 0) != window(source, 1, 1)).any()


def test_another_resolution_is_brought_to_the_sensors(drawn, folder, tmp_path):
    larger = RealFingers(make_folder(drawn, tmp_path / "large", scale=1.138, dpi=569), ORDER)
    difference = np.abs(window(larger, 2).astype(int) - window(RealFingers(folder, ORDER), 2))
    assert np.median(difference) < 20


@pytest.mark.parametrize("condition", [FingerCondition.DRY, FingerCondition.WET, FingerCondition.WORN])
def test_a_real_print_can_be_spoilt_too(folder, condition):
    source = RealFingers(folder, ORDER)
    spoilt = window(source, 3, 0, condition)
    assert (spoilt == window(source, 3, 0, condition)).all()
    assert np.abs(spoilt.astype(int) - window(source, 3)).mean() > 5


def test_too_few_fingers_are_told_at_once(drawn, tmp_path):
    with pytest.raises(FingerFolderUnusable, match="9 fingers found, 10 needed"):
        RealFingers(make_folder(drawn, tmp_path / "few", fingers=9, impressions=1), ORDER)


def test_a_file_that_is_no_picture_is_told(drawn, tmp_path):
    folder = make_folder(drawn, tmp_path / "set", impressions=1)
    (folder / "101_1.png").write_bytes(b"not a picture")
    with pytest.raises(FingerFolderUnusable, match="cannot be read"):
        window(RealFingers(folder, ORDER), 0)
