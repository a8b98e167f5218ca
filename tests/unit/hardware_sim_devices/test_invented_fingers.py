import itertools

import numpy as np
import pytest

from biometrics.extraction.pipeline import extract
from biometrics.matcher import compare
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import Finger, FingerCondition, Skin
from hardware_sim.fingers.master import draw_master
from hardware_sim.fingers.orientation import Pattern, draw_pattern
from hardware_sim.fingers.synthetic import SyntheticFingers

THUMB = FingerPosition.RIGHT_THUMB
GOOD = FingerCondition.GOOD


@pytest.fixture(scope="module")
def fingers(tmp_path_factory):
    return SyntheticFingers(tmp_path_factory.mktemp("masters"))


def grey(picture):
    return np.frombuffer(picture, np.uint8).reshape(288, 256)


def template(fingers, finger, impression, condition=GOOD):
    image = grey(fingers.picture(finger, impression, condition))
    return extract(image, dpi=500, position=finger.position).template


def test_a_finger_is_the_same_whenever_and_wherever_it_is_drawn(fingers, tmp_path):
    again = SyntheticFingers(tmp_path)
    for condition in FingerCondition:
        picture = fingers.picture(Finger(3, THUMB), 1, condition)
        assert picture == again.picture(Finger(3, THUMB), 1, condition)
        assert picture == again.picture(Finger(3, THUMB), 1, condition), "read back from disk"
        assert len(picture) == 256 * 288


def test_no_two_impressions_are_alike(fingers):
    pictures = {fingers.picture(Finger(3, THUMB), impression, GOOD) for impression in range(20)}
    assert len(pictures) == 20


def test_ridges_are_as_far_apart_as_the_skin_says():
    for period_px in (7.0, 9.0):
        print_of = draw_master(Finger(5, THUMB, Skin(ridge_period_px=period_px)))
        row = np.abs(np.fft.rfft2(print_of[100:228, 100:228]))
        row[0, 0] = 0
        down, across = np.unravel_index(row.argmax(), row.shape)
        frequency = np.hypot(min(down, 128 - down), across) / 128
        assert 1 / frequency == pytest.approx(period_px, rel=0.2)


def test_two_impressions_match_and_two_people_do_not(fingers):
    people = [Finger(seed, THUMB) for seed in range(100, 106)]
    first = [template(fingers, finger, 1) for finger in people]
    second = [template(fingers, finger, 2) for finger in people]
    genuine = [decide(compare(a, b), fmr=FMR.ONE_IN_10_000) for a, b in zip(first, second, strict=True)]
    pairs = list(itertools.permutations(range(len(people)), 2))
    impostors = [decide(compare(first[a], second[b]), fmr=FMR.ONE_IN_10_000) for a, b in pairs]
    print(f"{sum(genuine)} of {len(genuine)} genuine matched, {sum(impostors)} of {len(pairs)} others")  # noqa: T201
    assert all(genuine)
    assert not any(impostors)


def test_the_ten_fingers_of_one_person_are_ten_fingers(fingers):
    positions = [FingerPosition(number) for number in range(1, 11)]
    templates = [template(fingers, Finger(100, position), 1) for position in positions]
    scores = [compare(a, b) for a, b in itertools.combinations(templates, 2)]
    assert not any(decide(score, fmr=FMR.ONE_IN_10_000) for score in scores)


@pytest.mark.parametrize("condition", [FingerCondition.DRY, FingerCondition.WET])
def test_a_dry_or_wet_finger_is_still_known(fingers, condition):
    reference = template(fingers, Finger(101, THUMB), 1)
    assert decide(compare(template(fingers, Finger(101, THUMB), 2, condition), reference), fmr=FMR.ONE_IN_10_000)


def test_a_worn_finger_is_not_known_three_times_running(fingers):
    old = Finger(102, THUMB, Skin(9.4, wear=0.22))
    reference = template(fingers, old, 1)
    worn = [template(fingers, old, impression, FingerCondition.WORN) for impression in (2, 3, 4)]
    assert not any(decide(compare(probe, reference), fmr=FMR.ONE_IN_10_000) for probe in worn)


def test_a_short_touch_shows_little_of_the_finger(fingers):
    short = grey(fingers.picture(Finger(100, THUMB), 1, FingerCondition.SHORT))
    whole = grey(fingers.picture(Finger(100, THUMB), 1, GOOD))
    assert (short < 160).mean() < 0.25 * (whole < 160).mean()


def test_most_loops_open_towards_the_little_finger():
    random = np.random.default_rng(1)
    right = [draw_pattern(random, FingerPosition.RIGHT_INDEX) for _ in range(2000)]
    left = [draw_pattern(random, FingerPosition.LEFT_INDEX) for _ in range(2000)]
    assert set(right) == set(Pattern)
    assert right.count(Pattern.RIGHT_LOOP) > 4 * right.count(Pattern.LEFT_LOOP)
    assert left.count(Pattern.LEFT_LOOP) > 4 * left.count(Pattern.RIGHT_LOOP)
