"""Thresholds are fitted on the strict side, and templates kept between runs are those that were read."""

import numpy as np
import pytest

from benchmarks import template_cache
from benchmarks.fingerprint_calibration import check_halves, markdown, seen_at, source_of
from benchmarks.impostor_scores import ImpostorScores
from benchmarks.minutia_statistics import Seen
from benchmarks.template_cache import TemplateCache
from benchmarks.threshold_fit import COUNTED_RATES, bounded_score, fit, rate_at, score_at
from benchmarks.verification_rates import upper_bound
from biometrics.calibration import IMPOSTOR_TAIL
from biometrics.engine import Engine
from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition


def exponential(seed, pairs, scale=0.5):
    return np.random.default_rng(seed).exponential(scale, pairs)


def group_of(scores, fingers=40):
    pairs = np.random.default_rng(0).integers(0, fingers, (len(scores), 2)).astype(np.int32)
    return ImpostorScores("leader", "real, whole", scores, pairs)


def test_the_bound_of_none_seen_is_the_rule_of_three():
    assert upper_bound(0, 1000) == pytest.approx(0.003, rel=0.01)
    assert upper_bound(10, 1000) == pytest.approx(0.01696, rel=0.001)  # Poisson tables: 16.96 for ten seen
    assert upper_bound(99, 10_000) == pytest.approx(upper_bound(100, 10_000), rel=0.02), (
        "both ways agree where they meet"
    )
    assert upper_bound(5, 5) == 1


@pytest.mark.parametrize("rate", [0.03, 0.003])
def test_a_score_is_bounded_so_that_its_rate_is_seldom_above_the_stated(rate):
    true_rates = [np.exp(-bounded_score(np.sort(exponential(seed, 8000)), rate) / 0.5) for seed in range(300)]
    assert np.mean(np.array(true_rates) > rate) < 0.1, "five in a hundred are expected"
    assert np.median(true_rates) > 0.4 * rate, "and no stricter than need be"


def test_too_few_pairs_demand_the_highest_score_there_was():
    few = np.sort(exponential(1, 100))
    assert bounded_score(few, 0.001) == few[-1]


def test_the_fitted_tail_goes_on_as_the_scores_do():
    scores = exponential(2, 200_000)
    curve = {rate: score for score, rate in fit([scores])}
    assert curve[1e-4] == pytest.approx(-0.5 * np.log(1e-4), rel=0.12)
    assert curve[1e-6] == pytest.approx(-0.5 * np.log(1e-6), rel=0.2)
    assert (scores >= curve[1e-4]).mean() <= 1e-4


def test_the_table_is_as_strict_as_the_worst_group_and_rises():
    groups = [exponential(3, 30_000, 0.4), exponential(4, 30_000, 0.5)]
    table = fit(groups)
    assert table == sorted(table)
    assert [rate for _, rate in table] == sorted((rate for _, rate in table), reverse=True)
    for rate in COUNTED_RATES:
        assert all((scores >= score_at(table, rate)).mean() <= rate for scores in groups)
    assert rate_at(table, score_at(table, 0.002)) == pytest.approx(0.002)


def test_equal_scores_at_the_bottom_are_told_once():
    table = fit([np.concatenate([np.zeros(6000), exponential(5, 4000)])])
    assert table[0] == (0.0, 1.0)
    assert len({score for score, _ in table}) == len(table)


def test_halves_share_no_finger_and_each_is_judged_by_the_other():
    group = group_of(exponential(6, 20_000))
    one, other = (set(group.of_half(half).fingers.ravel().tolist()) for half in (0, 1))
    assert one
    assert other
    assert not one & other
    rows = check_halves([group])
    assert [row["fitted_on_half"] for row in rows] == [0, 1]
    assert len(markdown(rows)) == 4


def test_a_group_that_matches_too_often_is_seen():
    table = fit([exponential(7, 20_000)])
    seen = seen_at(group_of(exponential(8, 20_000, 1.0)), table)
    assert seen["seen"]["0.001"] > 0.01


def test_the_written_table_is_the_fitted_one():
    table = fit([exponential(9, 20_000)])
    text = source_of([group_of(exponential(9, 20_000))], table, ["set_a"])
    written: dict[str, object] = {}
    exec(compile(text, "calibration.py", "exec"), written)
    assert list(written["IMPOSTOR_TAIL"]) == table
    assert all(len(line) <= 120 and line.isascii() for line in text.splitlines())


def test_the_shipped_table_rises_while_its_rates_fall():
    scores, rates = zip(*IMPOSTOR_TAIL, strict=True)
    assert list(scores) == sorted(set(scores))
    assert list(rates) == sorted(set(rates), reverse=True)
    assert {1e-2, 1e-3, 1e-4} <= set(rates)


def template(seed):
    random = np.random.default_rng(seed)
    rows = random.integers(0, 250, (int(random.integers(0, 9)), 3)).tolist()
    minutiae = tuple(Minutia(x, y, angle, MinutiaKind.BIFURCATION, 70) for x, y, angle in rows)
    return Template(256, 288, 500, FingerPosition.LEFT_RING, 40 + seed, minutiae, Engine.LEADER)


@pytest.fixture
def fingers():
    return [[Seen(template(seed), 0.5 + 0.1 * seed) for seed in row] for row in ((0, 1), (2,), (3, 4))]


def test_kept_templates_are_the_same_and_are_not_read_again(tmp_path, fingers):
    cache = TemplateCache(tmp_path / "kept")
    assert cache.get("set", Engine.LEADER, lambda: fingers) == fingers
    assert cache.get("set", Engine.LEADER, lambda: pytest.fail("read again")) == fingers
    assert cache.get("set", Engine.CLASSICAL, list) == []


def test_a_changed_extractor_makes_kept_templates_stale_unless_they_are_frozen(tmp_path, fingers, monkeypatch):
    TemplateCache(tmp_path).get("set", Engine.LEADER, lambda: fingers)
    monkeypatch.setattr(template_cache, "_digest_of_sources", lambda _places: "another")
    assert TemplateCache(tmp_path, is_frozen=True).get("set", Engine.LEADER, list) == fingers
    assert TemplateCache(tmp_path).get("set", Engine.LEADER, list) == []


def test_without_a_folder_nothing_is_kept(fingers):
    assert TemplateCache(None).get("set", Engine.LEADER, lambda: fingers) is fingers
