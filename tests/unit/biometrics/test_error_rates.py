"""The figures of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.verification_rates import Comparisons, DetCurve, intervals_of, rates_of


def test_scores_that_do_not_overlap_have_no_errors() -> None:
    rates = rates_of(np.array([5.0, 6.0]), np.array([1.0, 2.0, 3.0]))
    assert set(rates.values()) == {0.0}


def test_equal_scores_are_as_good_as_tossing_a_coin() -> None:
    scores = np.arange(1000.0)
    assert DetCurve.of(scores, scores).eer == pytest.approx(0.5, abs=0.01)


def test_a_known_overlap_gives_its_rates() -> None:
    genuine, impostor = np.array([1.0] + [9.0] * 9), np.array([2.0] + [0.0] * 99)
    curve = DetCurve.of(genuine, impostor)
    assert curve.fnmr_at(0.01) == 0.0
    assert curve.fnmr_at(0.005) == pytest.approx(0.1)


def test_intervals_hold_the_rate_and_survive_very_few_fingers() -> None:
    comparisons = Comparisons(
        np.array([9.0, 9.0, 1.0, 9.0]), np.array([0, 0, 1, 1]), np.array([0.0, 2.0]), np.array([[0, 1], [0, 1]])
    )
    low, high = intervals_of(comparisons)["eer"]
    assert 0 <= low <= rates_of(comparisons.genuine, comparisons.impostor)["eer"] <= high <= 1
