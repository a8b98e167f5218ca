import itertools

import numpy as np
import pytest

from biometrics.extraction.pipeline import extract
from biometrics.matcher import compare
from biometrics.thresholds import FMR, decide
from domain.fingers import FingerPosition
from hardware_sim.fingers.finger import (
    DESK_WINDOW,
    SMALL_WINDOW,
    TALL_WINDOW,
    ZFM_WINDOW,
    Finger,
    FingerCondition,
    Skin,
)
from hardware_sim.fingers.master import draw_master
from hardware_sim.fingers.pattern import Pattern, draw_pattern
from hardware_sim.fingers.skin_stretch import Stretch, displacement
from hardware_sim.fingers.spacing import draw_spacing
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.people import CAST

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


def drawn_patterns(position, fingers=2000):
    random = np.random.default_rng(int(position))
    return [draw_pattern(random, position) for _ in range(fingers)]


def test_most_loops_open_towards_the_little_finger():
    right = [pattern for number in range(1, 6) for pattern in drawn_patterns(FingerPosition(number))]
    left = [pattern for number in range(6, 11) for pattern in drawn_patterns(FingerPosition(number))]
    assert set(right) == set(left) == set(Pattern)
    assert right.count(Pattern.RIGHT_LOOP) > 4 * right.count(Pattern.LEFT_LOOP)
    assert left.count(Pattern.LEFT_LOOP) > 4 * left.count(Pattern.RIGHT_LOOP)


def test_each_finger_has_the_patterns_of_its_kind():
    index, little = drawn_patterns(FingerPosition.RIGHT_INDEX), drawn_patterns(FingerPosition.RIGHT_LITTLE)
    ring = drawn_patterns(FingerPosition.LEFT_RING)
    assert index.count(Pattern.LEFT_LOOP) > 0.15 * len(index), "radial loops are found on the index"
    assert little.count(Pattern.RIGHT_LOOP) > 0.8 * len(little)
    assert ring.count(Pattern.WHORL) > 2 * little.count(Pattern.WHORL)
    assert index.count(Pattern.ARCH) + index.count(Pattern.TENTED_ARCH) > 0.09 * len(index)


@pytest.mark.parametrize("window", [ZFM_WINDOW, DESK_WINDOW, TALL_WINDOW, SMALL_WINDOW])
def test_an_everyday_impression_fills_any_window_and_repeats_itself(fingers, window):
    picture = fingers.everyday_picture(Finger(3, THUMB), 1, window)
    assert picture.shape == (window.height_px, window.width_px)
    assert (picture == fingers.everyday_picture(Finger(3, THUMB), 1, window)).all()
    assert (picture != fingers.everyday_picture(Finger(3, THUMB), 2, window)).any()


def test_a_cut_finger_is_still_known(fingers):
    reference = template(fingers, Finger(101, THUMB), 1)
    cut = template(fingers, Finger(101, THUMB), 2, FingerCondition.CUT)
    assert decide(compare(cut, reference), fmr=FMR.ONE_IN_10_000)


def test_what_is_stuck_to_the_glass_is_not_stretched():
    rows, columns = np.mgrid[-100:100, -100:100].astype(np.float32)
    moved_x, moved_y = displacement(np.random.default_rng(1), Stretch(12, 0, 5, uneven_px=0), columns, rows)
    assert abs(moved_x[100, 100]) == abs(moved_y[100, 100]) == 0
    assert moved_x[0, 0] > 6, "the far corner went on with the finger"


def test_gaps_widen_where_ridges_fan_out():
    rows, columns = np.mgrid[0:256, 0:256].astype(np.float32)
    fan = np.arctan2(400 - rows, columns - 128).astype(np.float32)
    factors = [draw_spacing(np.random.default_rng(seed), fan) for seed in range(20)]
    assert np.mean([factor[:40].mean() for factor in factors]) > 1.1 * np.mean([f[-40:].mean() for f in factors])


def test_every_finger_of_the_cast_is_known_again(fingers):
    cast = [person.finger(position) for person in CAST for position in person.fingers]
    scores = [compare(template(fingers, finger, 1), template(fingers, finger, 2)) for finger in cast]
    print(f"{len(scores)} fingers, lowest score {min(scores):.1f}")  # noqa: T201
    assert all(decide(score, fmr=FMR.ONE_IN_10_000) for score in scores)
