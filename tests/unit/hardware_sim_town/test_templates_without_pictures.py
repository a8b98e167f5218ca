import itertools
import math

import numpy as np
import pytest

from biometrics.matcher import compare_prepared, prepare
from biometrics.thresholds import FMR, threshold_for
from domain.fingers import ENROLMENT_ORDER, FingerPosition
from hardware_sim.fingers.finger import Finger, Skin
from hardware_sim.town.minutiae import draw_template
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


@pytest.fixture(scope="module")
def impostor_scores():
    positions = [FingerPosition(number) for number in range(1, 11)]
    prepared = [prepare(draw_template(Finger(seed, positions[seed % 10]), 0)) for seed in range(FINGERS)]
    return np.array([compare_prepared(a, b) for a, b in itertools.combinations(prepared, 2)])


@pytest.mark.parametrize("fmr", list(FMR))
def test_two_seeds_match_no_more_often_than_the_rate_says(impostor_scores, fmr):
    matches = int((impostor_scores >= threshold_for(fmr)).sum())
    most = most_matches(PAIRS, fmr.value)
    print(f"{PAIRS} pairs, FMR {fmr.value:g}: {matches} matched, {most} allowed")  # noqa: T201
    assert PAIRS >= 20_000
    assert matches <= most


def test_the_bound_finds_a_generator_that_repeats_itself(impostor_scores):
    planted = impostor_scores.copy()
    planted[:: PAIRS // 60] = 20.0  # as if 60 pairs of people had got the same finger
    matches = int((planted >= threshold_for(FMR.ONE_IN_10_000)).sum())
    print(f"60 planted, {matches} seen")  # noqa: T201
    assert matches > most_matches(PAIRS, FMR.ONE_IN_10_000.value)


def test_two_impressions_of_a_finger_match():
    fingers = [Finger(seed, FingerPosition.RIGHT_INDEX) for seed in range(40)]
    scores = [compare_prepared(*(prepare(draw_template(finger, n)) for n in (0, 1))) for finger in fingers]
    known = sum(score >= threshold_for(FMR.ONE_IN_10_000) for score in scores)
    print(f"{known} of 40 known")  # noqa: T201
    assert known >= 34


def test_worn_fingers_give_fewer_true_minutiae():
    def mean_score(wear):
        fingers = [Finger(seed, FingerPosition.RIGHT_INDEX, Skin(9, wear)) for seed in range(30)]
        return np.mean([compare_prepared(*(prepare(draw_template(finger, n)) for n in (0, 1))) for finger in fingers])

    assert mean_score(0.7) < 0.5 * mean_score(0.0)


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
