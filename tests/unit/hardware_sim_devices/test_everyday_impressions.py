"""What makes impressions of one drawn finger differ, one thing at a time."""

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.engine import Engine
from biometrics.extraction.pipeline import ExtractionConfiguration, extract
from biometrics.leader.model_file import find_model, models_folder
from biometrics.matcher import compare_prepared, prepare
from biometrics.template import MinutiaKind
from biometrics.thresholds import FMR, threshold_for
from domain.fingers import FingerPosition
from hardware_sim.fingers.creases import lower_by_fresh_cuts
from hardware_sim.fingers.finger import ZFM_WINDOW, Finger, Skin
from hardware_sim.fingers.master import draw_master
from hardware_sim.fingers.pattern import Pattern, draw_pattern
from hardware_sim.fingers.placement import Placement, contact_area, draw_everyday_placement
from hardware_sim.fingers.ridges import ended
from hardware_sim.fingers.skin_surface import draw_everyday_surface, print_surface, rub
from hardware_sim.fingers.synthetic import SyntheticFingers

INDEX = FingerPosition.RIGHT_INDEX
PLACEMENTS = 600
MIDDLE = Placement(0.0, 0.0, 0.0, 1.0)


@pytest.fixture(scope="module")
def fingers(tmp_path_factory):
    return SyntheticFingers(tmp_path_factory.mktemp("masters"))


@pytest.fixture(scope="module")
def placements():
    random = np.random.default_rng(1)
    return [draw_everyday_placement(random, Finger(1, INDEX)) for _ in range(PLACEMENTS)]


def random():
    return np.random.default_rng(7)


def test_all_fingers_together_bear_the_patterns_in_natural_shares():
    """Wilson, Candela and Watson (1994): arch 3.7, tented 2.9, left loop 33.8, right loop 31.7, whorl 27.9 %."""
    chance = np.random.default_rng(3)
    drawn = [draw_pattern(chance, FingerPosition(1 + n % 10)) for n in range(20_000)]
    shares = {pattern: 100 * drawn.count(pattern) / len(drawn) for pattern in Pattern}
    assert shares[Pattern.ARCH] == pytest.approx(3.7, abs=1)
    assert shares[Pattern.TENTED_ARCH] == pytest.approx(2.9, abs=1)
    assert shares[Pattern.LEFT_LOOP] == pytest.approx(33.8, abs=3)
    assert shares[Pattern.RIGHT_LOOP] == pytest.approx(31.7, abs=3)
    assert shares[Pattern.WHORL] + shares[Pattern.DOUBLE_LOOP] == pytest.approx(27.9, abs=3)


def test_impressions_are_turned_shifted_pressed_and_leant_by_chance(placements):
    turns = [p.turn_deg for p in placements]
    assert 8 < np.std(turns) < 13
    assert 25 < max(np.abs(turns)) <= 35
    for values, spread in (
        ([p.shift_x_px + p.lean_x_px for p in placements], 15),
        ([p.shift_y_px + p.lean_y_px for p in placements], 21),
        ([p.lean_x_px for p in placements], 24),
        ([p.lean_y_px for p in placements], 32),
        ([100 * p.contact for p in placements], 10),
    ):
        assert 0.75 * spread < np.std(values) < 1.25 * spread
        assert abs(np.mean(values) - (100 if spread == 10 else 0)) < 0.25 * spread


def test_skin_is_stretched_as_much_as_between_real_impressions(placements):
    """Mates lie 2.5 to 3.1 px out of place on the real sets once turn and shift are taken away."""
    slips = [np.hypot(p.stretch.slip_x_px, p.stretch.slip_y_px) for p in placements]
    assert 2.5 < np.median(slips) < 5
    assert all(0.6 <= p.stretch.uneven_px <= 2.2 for p in placements)


def test_a_firmer_finger_touches_more_of_the_glass():
    soft, firm = (contact_area(random(), replace(MIDDLE, contact=c), ZFM_WINDOW) > 0 for c in (0.8, 1.1))
    assert firm.sum() > 1.2 * soft.sum()


def test_a_finger_on_its_side_shows_another_piece_of_itself():
    middle = contact_area(random(), MIDDLE, ZFM_WINDOW)
    on_its_side = contact_area(random(), replace(MIDDLE, lean_x_px=40.0), ZFM_WINDOW)
    x = np.arange(ZFM_WINDOW.width_px)
    touched = [(x * (area > 0).sum(axis=0)).sum() / (area > 0).sum() for area in (middle, on_its_side)]
    assert touched[1] > touched[0] + 10


def dark_share(skin, seeds=12):
    """How much of the touching skin prints dark, over a few days."""
    shares = []
    for seed in range(seeds):
        surface = draw_everyday_surface(np.random.default_rng(seed), skin)
        signal = np.sin(np.arange(288)[:, None] * 2 * np.pi / 9 + np.zeros(256)).astype(np.float32)
        touch = np.ones_like(signal)
        shares.append((print_surface(random(), signal, touch, surface) < 170).mean())
    return np.mean(shares)


def test_dry_skin_prints_thinner_ridges():
    assert dark_share(Skin(dryness=0.8)) < 0.8 * dark_share(Skin())


def test_a_cut_crosses_ridges_and_is_gone_the_next_time():
    signal = draw_master(Finger(2, INDEX))
    cut = lower_by_fresh_cuts(random(), signal, 3)
    lowered = (signal - cut) > 0.5
    assert 0.001 < lowered.mean() < 0.05
    assert (lower_by_fresh_cuts(np.random.default_rng(8), signal, 3) != cut).any()


@pytest.mark.parametrize(("wear", "least", "most"), [(0.35, 0.02, 0.35), (0.8, 0.5, 1.0)])
def test_wear_takes_ridges_away_in_patches(wear, least, most):
    signal = draw_master(Finger(2, INDEX))
    rubbed = rub(random(), signal, wear)
    power = [cv2.GaussianBlur(each * each, (0, 0), 6)[60:-60, 60:-60] for each in (signal, rubbed)]
    gone = power[1] < 0.5 * power[0]
    assert least < gone.mean() < most


def test_more_ridges_end_than_fork():
    shares = []
    for parted in (False, True):
        kinds = []
        for seed in range(2):
            even = np.clip(draw_master(Finger(seed, INDEX)), -1, 1) if parted else _without_parting(seed)
            picture = np.asarray(np.clip(127 - 110 * even, 0, 255), np.uint8)
            found = extract(picture, dpi=500, position=INDEX, configuration=ExtractionConfiguration(Engine.CLASSICAL))
            kinds += [m.kind is MinutiaKind.RIDGE_ENDING for m in found.template.minutiae]
        shares.append(np.mean(kinds))
    assert shares[1] > shares[0] + 0.05
    assert 0.5 < shares[1] < 0.85


def _without_parting(seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hardware_sim.fingers.master.ended", lambda signal: signal)
        return draw_master(Finger(seed, INDEX))


def test_nothing_parts_where_nothing_grew():
    nothing = np.zeros((40, 40), np.float32)
    assert (ended(nothing) == nothing).all()


def test_everyday_impressions_differ_and_repeat_themselves(fingers):
    pictures = [fingers.everyday_picture(Finger(3, INDEX), number).tobytes() for number in range(6)]
    assert len(set(pictures)) == 6
    assert pictures[0] == fingers.everyday_picture(Finger(3, INDEX), 0).tobytes()


@pytest.fixture(scope="module")
def everybody(fingers):
    """Three everyday pictures of one finger each of fourteen people."""
    people = [Finger(300 + seed, FingerPosition(1 + seed % 10)) for seed in range(14)]
    return [[fingers.everyday_picture(finger, number) for number in range(3)] for finger in people]


@pytest.mark.parametrize("engine", list(Engine), ids=lambda engine: engine.value)
def test_two_seeds_match_no_more_often_than_the_rate_says(everybody, engine):
    """The large counts are the benchmarks' (fingerprint_calibration); here a generator that repeats itself is found."""
    if engine is Engine.LEADER and find_model(models_folder()) is None:
        pytest.skip("the model of LEADER has not been made")
    configuration = ExtractionConfiguration(engine, threads=1)
    prepared = [
        [prepare(extract(p, dpi=500, position=INDEX, configuration=configuration).template) for p in row]
        for row in everybody
    ]
    scores = [compare_prepared(a, b) for one, two in itertools.combinations(prepared, 2) for a in one for b in two]
    matched = sum(score >= threshold_for(FMR.ONE_IN_100) for score in scores)
    print(f"{len(scores)} pairs, {matched} matched at 1 %, highest {max(scores):.2f}")  # noqa: T201
    assert len(scores) == 819
    assert matched <= 25, "eight are expected at most; more than 25 come once in a million runs"
    assert sum(score >= threshold_for(FMR.ONE_IN_10_000) for score in scores) <= 3
    genuine = [compare_prepared(row[0], row[1]) for row in prepared]
    assert sum(score >= threshold_for(FMR.ONE_IN_1_000) for score in genuine) >= 12
