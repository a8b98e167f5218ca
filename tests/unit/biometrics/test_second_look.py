"""Two fingers laid over each other: skin that stretches, minutiae that are missing, and what the score weighs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.score_fit import Pairs, fit
from biometrics.evidence import NOTHING, Evidence, score_of
from biometrics.matcher import compare, find_evidence, prepare
from biometrics.pair_graph import find_group
from biometrics.template import Minutia, Template
from biometrics.thresholds import FMR, decide

from .fingers_in_tests import another_impression, invented_finger

STRICT = FMR.ONE_IN_10_000
LIKELY = Evidence(support=10.0, pairs=20, closeness=14.0, overlap=28.0)


def _stretched(finger: Template, reach_px: float) -> Template:
    """Skin pushed apart by a wave of that height over the whole print."""

    def moved(m: Minutia) -> Minutia:
        x = m.x_px + reach_px * math.sin(m.y_px / 45)
        y = m.y_px + reach_px * math.cos(m.x_px / 50)
        return replace(m, x_px=round(min(max(x, 0), 255)), y_px=round(min(max(y, 0), 287)))

    return replace(finger, minutiae=tuple(map(moved, finger.minutiae)))


def _pairs_at_first(one: Template, other: Template) -> int:
    a, b = prepare(one), prepare(other)
    first, _, _ = find_group(
        a.x, a.y, a.angle_rad, a.neighbours, a.counts, b.x, b.y, b.angle_rad, b.neighbours, b.counts
    )
    return int(first.size)


def test_stretched_skin_is_followed() -> None:
    found, found_at_first = [], []
    for seed in range(10):
        finger = invented_finger(seed, 30)
        probe = _stretched(another_impression(finger, seed, lost=0.15), 16)
        found.append(find_evidence(prepare(probe), prepare(finger)).pairs)
        found_at_first.append(_pairs_at_first(probe, finger))
        assert decide(compare(probe, finger), fmr=STRICT)
    assert sum(found) > 1.1 * sum(found_at_first)


def test_what_is_found_fits_into_both_fingers() -> None:
    for seed in range(6):
        one, other = invented_finger(seed, 25), invented_finger(seed + 50, 35)
        for probe in (another_impression(one, 1), other):
            evidence = find_evidence(prepare(probe), prepare(one))
            assert 0 <= evidence.closeness <= evidence.pairs <= min(len(probe.minutiae), len(one.minutiae))
            assert evidence.pairs <= evidence.overlap <= max(len(probe.minutiae), len(one.minutiae)) or (
                evidence == NOTHING
            )


def test_a_part_of_a_finger_is_judged_by_that_part() -> None:
    finger = invented_finger(7, 40)
    left_half = replace(finger, minutiae=tuple(m for m in finger.minutiae if m.x_px < 130))
    evidence = find_evidence(prepare(left_half), prepare(finger))
    assert evidence.pairs == len(left_half.minutiae)
    assert evidence.overlap < len(left_half.minutiae) + 4
    assert decide(compare(left_half, finger), fmr=STRICT)


def test_it_does_not_matter_which_finger_comes_first() -> None:
    for seed in range(8):
        one = invented_finger(seed, 24 + seed)
        for other in (replace(another_impression(one, 3), minutiae=one.minutiae[:-2]), invented_finger(seed + 20, 40)):
            assert compare(one, other) == compare(other, one)


def test_minutiae_that_should_have_matched_speak_against() -> None:
    finger = invented_finger(9, 30)
    probe = another_impression(finger, 2)
    strangers = tuple(m for m in invented_finger(77, 40).minutiae if 60 < m.x_px < 190 and 60 < m.y_px < 220)
    crowded = replace(probe, minutiae=probe.minutiae + strangers)
    assert len(strangers) >= 6
    assert compare(crowded, finger) < compare(probe, finger)


@pytest.mark.parametrize(
    "better",
    [
        replace(LIKELY, support=12.0),
        replace(LIKELY, closeness=16.0),
        replace(LIKELY, pairs=22),
        replace(LIKELY, overlap=26.0),
    ],
)
def test_each_measure_moves_the_score_the_right_way(better: Evidence) -> None:
    assert score_of(better) > score_of(LIKELY) > 0


def test_nothing_found_is_worth_nothing() -> None:
    assert score_of(NOTHING) == 0.0
    assert 0 < score_of(Evidence(0.5, 3, 0.4, 40.0)) < 0.2


def test_the_fit_finds_weights_that_were_planted() -> None:
    rng = np.random.default_rng(5)
    measures = rng.normal(size=(6000, 4))
    planted = np.array([2.0, 1.0, -1.0, 0.5])
    is_genuine = rng.random(6000) < 1 / (1 + np.exp(-measures @ planted))
    weights, beginning = fit(Pairs(measures, is_genuine, np.ones(6000)))
    assert weights == pytest.approx(planted, abs=0.35)
    odds = (measures @ weights)[~is_genuine]
    assert float((odds >= beginning + 1).mean()) == pytest.approx(0.1, abs=0.01)
