"""The measures by which invented fingers are held against real ones (benchmarks)."""

import numpy as np
import pytest

from benchmarks.minutia_statistics import Seen, minutia_statistics
from benchmarks.synthetic_realism import describe, draw_without_pictures, table
from benchmarks.worn_fingers import Visit, WorkGroup, group_of, people_of, result_of
from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition


def template_of(places, angles=None):
    angles = angles or [0] * len(places)
    minutiae = tuple(
        Minutia(int(x), int(y), angle, MinutiaKind.RIDGE_ENDING, 80)
        for (x, y), angle in zip(places, angles, strict=True)
    )
    return Template(500, 500, 500, FingerPosition.UNKNOWN, 80, minutiae)


def test_minutiae_thrown_at_random_have_an_evenness_of_one():
    random = np.random.default_rng(1)
    rows = [[Seen(template_of(random.uniform(0, 499, (400, 2))), 1.0)] for _ in range(10)]
    measured = minutia_statistics(rows)
    assert measured.evenness == pytest.approx(1.0, abs=0.05)
    assert measured.per_cm2 == pytest.approx(400 / 2.54**2, rel=0.01)
    assert measured.ending_share == 1


def test_a_grid_is_even_and_its_alternating_neighbours_are_opposite():
    places = [(20 + 20 * i, 20 + 40 * j) for i in range(10) for j in range(10)]
    angles = [128 * (i % 2) for i in range(10) for _ in range(10)]
    measured = minutia_statistics([[Seen(template_of(places, angles), 1.0)]])
    assert measured.apart_px == (20, 20, 20)
    assert measured.opposite_share == 1


def test_the_towns_templates_are_described_and_shown():
    figures = describe(draw_without_pictures(5, 2))
    assert (figures["genuine"], figures["impostor"]) == (5, 40)
    assert "| none | town | 5 / 40 |" in table({"none": {"town": figures}})[-1]


def test_the_groups_are_made_of_the_people_they_are_named_after():
    for group in WorkGroup:
        people = list(people_of(group, 5))
        assert len(people) == 5
        assert all(group_of(person) is group for person in people)


def test_every_person_is_counted_at_the_step_that_accepted_them():
    visits = [Visit(0.1, 1, False), Visit(0.2, 3, False), Visit(0.3, None, True), Visit(0.4, None, False)]
    result = result_of(visits)
    steps = (result.refused_at_first_try, result.refused_after_three, result.refused_after_second_finger)
    assert steps == (0.75, 0.5, 0.25)
