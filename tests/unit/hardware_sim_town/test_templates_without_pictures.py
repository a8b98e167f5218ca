import itertools
import math

import numpy as np
import pytest

from biometrics.engine import Engine
from biometrics.matcher import compare_prepared, prepare
from biometrics.thresholds import FMR, fmr_of, threshold_for
from domain.fingers import ENROLMENT_ORDER, FingerPosition
from hardware_sim.fingers.finger import Finger, Skin
from hardware_sim.fingers.master import MASTER_HEIGHT_PX, MASTER_WIDTH_PX
from hardware_sim.fingers.master import VERSION as MASTER_VERSION
from hardware_sim.fingers.noise import seeded
from hardware_sim.fingers.orientation import flow
from hardware_sim.fingers.pattern import draw_pattern
from hardware_sim.town.minutiae import CELL_PX, draw_minutiae, draw_template, fanning_of
from hardware_sim.town.seen_minutiae import touching_share
from hardware_sim.town.town import Town

FINGERS = 201
PAIRS = FINGERS * (FINGERS - 1) // 2
FALSE_ALARM = 1e-6
"""How seldom this test may fail though all is well."""


def most_matches(pairs, fmr):
    """The number of false matches that is exceeded with a chance below FALSE_ALARM when each pair has that chance."""
    mean, term, total, count = pairs * fmr, math.exp(-pairs * fmr), math.exp(-pairs * fmr), 0
    while 1 - total > FALSE_ALARM:
        count += 1
        term *= mean / count
        total += term
    return count


@pytest.fixture(scope="module", params=list(Engine), ids=lambda engine: engine.value)
def impostor_scores(request):
    positions = [FingerPosition(number) for number in range(1, 11)]
    fingers = [Finger(seed, positions[seed % 10]) for seed in range(FINGERS)]
    prepared = [prepare(draw_template(finger, 0, request.param)) for finger in fingers]
    return np.array([compare_prepared(a, b) for a, b in itertools.combinations(prepared, 2)])


@pytest.mark.parametrize("fmr", list(FMR))
def test_two_seeds_match_no_more_often_than_the_rate_says(impostor_scores, fmr):
    matches = int((impostor_scores >= threshold_for(fmr)).sum())
    most = most_matches(PAIRS, fmr.value)
    print(f"{PAIRS} pairs, FMR {fmr.value:g}: {matches} matched, {most} allowed")  # noqa: T201
    assert PAIRS >= 20_000
    assert matches <= most


def test_two_people_are_as_alike_as_real_people_are(impostor_scores):
    """Fingers too easily told apart would flatter every search in a town."""
    usual, alike, most_alike = np.quantile(impostor_scores, (0.9, 0.99, 0.999))
    print(f"90 %: {usual:.2f}, 99 %: {alike:.2f}, 99.9 %: {most_alike:.2f}")  # noqa: T201
    assert 0.05 < fmr_of(usual) < 0.35
    assert 0.007 < fmr_of(alike) < 0.05, "the table is strict: real ones reach what it states for 1.2 to 2 %"
    assert 0.0008 < fmr_of(most_alike) < 0.008


def test_the_bound_finds_a_generator_that_repeats_itself(impostor_scores):
    planted = impostor_scores.copy()
    planted[:: PAIRS // 60] = 20.0  # as if 60 pairs of people had got the same finger
    matches = int((planted >= threshold_for(FMR.ONE_IN_10_000)).sum())
    print(f"60 planted, {matches} seen")  # noqa: T201
    assert matches > most_matches(PAIRS, FMR.ONE_IN_10_000.value)


def genuine_scores(skin, fingers, engine):
    drawn = [Finger(seed, FingerPosition.RIGHT_INDEX, skin) for seed in range(fingers)]
    return np.array(
        [compare_prepared(*(prepare(draw_template(finger, n, engine)) for n in (0, 1))) for finger in drawn]
    )


@pytest.mark.parametrize("engine", list(Engine), ids=lambda engine: engine.value)
def test_two_impressions_of_a_finger_match(engine):
    scores = genuine_scores(Skin(), 60, engine)
    known = int((scores >= threshold_for(FMR.ONE_IN_10_000)).sum())
    print(f"{known} of 60 known, median {np.median(scores):.0f}")  # noqa: T201
    assert known >= 51
    assert np.median(scores) < 110, "real ones: 35 to 90; impressions all alike would flatter"


def test_leader_loses_fewer_minutiae_than_the_classical_engine():
    medians = [np.median(genuine_scores(Skin(), 40, engine)) for engine in (Engine.CLASSICAL, Engine.LEADER)]
    assert medians[0] < medians[1]


@pytest.mark.parametrize("worse", [Skin(9, wear=0.7), Skin(9, dryness=0.9)], ids=["worn", "dry"])
def test_spoilt_skin_gives_fewer_true_minutiae(worse):
    good, spoilt = (genuine_scores(skin, 40, Engine.LEADER).mean() for skin in (Skin(9), worse))
    assert spoilt < (0.5 if worse.wear else 0.9) * good


def test_ridges_begin_where_they_fan_out_and_end_where_they_close():
    for seed in range(8):
        finger = Finger(seed, FingerPosition(1 + seed))
        random = seeded("master", MASTER_VERSION, seed, int(finger.position))
        direction = flow(random, draw_pattern(random, finger.position), MASTER_HEIGHT_PX, MASTER_WIDTH_PX, CELL_PX)
        fanning = fanning_of(direction)
        x, y, way, _ = draw_minutiae(finger).T
        rows, columns = (
            np.minimum(at // CELL_PX, most - 1).astype(int) for at, most in zip((y, x), fanning.shape, strict=True)
        )
        fans = fanning[rows, columns]
        strongly = np.abs(fans) > 0.01
        begins = np.cos(way - direction[rows, columns]) > 0
        assert (begins[strongly] == (fans[strongly] > 0)).mean() > 0.85


def test_a_template_names_its_engine_and_holds_endings_and_forks():
    classical, leader = (draw_template(Finger(5, FingerPosition.RIGHT_INDEX), 0, engine) for engine in Engine)
    assert (classical.engine, leader.engine) == (Engine.CLASSICAL, Engine.LEADER)
    kinds = [
        {m.kind for m in draw_template(Finger(5, FingerPosition.RIGHT_INDEX), n, Engine.CLASSICAL).minutiae}
        for n in range(3)
    ]
    assert all(len(each) == 2 for each in kinds)


def test_what_a_window_shows_is_partly_another_piece_of_the_finger():
    finger = Finger(4, FingerPosition.RIGHT_MIDDLE)
    shares = [touching_share(finger, n) for n in range(20)]
    assert 0.35 < min(shares) < max(shares) <= 1
    assert max(shares) - min(shares) > 0.1


def test_a_template_repeats_itself_and_impressions_differ():
    finger = Finger(3, FingerPosition.LEFT_THUMB)
    assert draw_template(finger, 1) == draw_template(finger, 1)
    assert draw_template(finger, 1).minutiae != draw_template(finger, 2).minutiae


def test_minutiae_are_as_dense_and_as_evenly_spread_as_on_real_skin():
    counts, apart = [], []
    for seed in range(60):
        template = draw_template(Finger(seed, FingerPosition.RIGHT_INDEX), 0)
        points = np.array([(m.x_px, m.y_px) for m in template.minutiae], float)
        distances = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        np.fill_diagonal(distances, np.inf)
        counts.append(len(points))
        apart += distances.min(axis=1).tolist()
    assert 28 < np.mean(counts) < 45, "real: 30 to 40 in such a window"
    assert 18 < np.median(apart) < 25, "real: 21 to 23 px"
    assert 9 < np.quantile(apart, 0.1) < 14, "real: 11 to 12 px"


def test_a_person_gives_the_fingers_that_are_there():
    town = Town(7, 3000)
    lacking = next(p for p in town if p.missing_fingers and p.age_years > 5)
    one = next(iter(lacking.missing_fingers))
    assert one not in {t.position for t in town.templates(lacking, (one, *ENROLMENT_ORDER))}
    child = next(p for p in town if p.age_years < 5)
    assert town.templates(child) == ()
    grown = next(p for p in town if p.age_years > 20 and not p.missing_fingers)
    assert [t.position for t in town.templates(grown)] == list(ENROLMENT_ORDER)
