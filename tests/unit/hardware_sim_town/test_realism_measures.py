"""The measures by which invented fingers are held against real ones (benchmarks)."""

import numpy as np
import pytest

from benchmarks.mated_minutiae import mated_statistics
from benchmarks.measured_fingers import DrawnSkin, MeasuredFingers, sitters
from benchmarks.minutia_statistics import Seen, minutia_statistics
from benchmarks.synthetic_realism import describe, tables
from benchmarks.template_cache import TemplateCache
from benchmarks.worn_fingers import Visit, WorkGroup, group_of, people_of, receive, result_of
from biometrics.engine import Engine
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


def test_minutiae_of_one_direction_lie_along_it():
    places = [(20 + 20 * i, 40) for i in range(10)]
    alike, crossed = ([64 + 128 * (i % 2) for i in range(10)], [64 * (i % 2) for i in range(10)])
    along = [minutia_statistics([[Seen(template_of(places, angles), 1.0)]]).along for angles in (alike, crossed)]
    assert along == pytest.approx([1, 0])


def test_the_towns_templates_are_described_and_shown():
    source = MeasuredFingers(TemplateCache(None), impressions=2)
    figures = describe(source.town(6, DrawnSkin.TOWN, Engine.LEADER))
    assert (figures["genuine"], figures["impostor"]) == (6, 60)
    assert any(line.startswith("| leader | town | 6 / 60 |") for line in tables({"leader": {"town": figures}}))


def test_worn_and_unworn_sets_hold_different_people():
    worn, unworn = ({person.number for person, _ in sitters(50, skin)} for skin in DrawnSkin)
    assert len(worn) == len(unworn) == 50
    assert not worn & unworn


def test_mates_of_a_turned_and_shifted_impression_are_found_again():
    random = np.random.default_rng(2)
    places = random.uniform(120, 380, (40, 2))
    angles = random.integers(0, 256, 40).tolist()
    turned = (places - 250) @ np.array([[0, -1], [1, 0]]) + (240, 265)  # a quarter turn to the left
    again = [(angle + 64) % 256 for angle in angles]
    one = Seen(template_of(places, angles), 1.0)
    other = Seen(template_of(turned[:36], again[:36]), 1.0)
    found = mated_statistics([[one, other]])
    assert found.aligned_share == 1
    assert 0.9 < found.found_again < 1
    assert found.out_of_place_px < 1
    assert found.same_kind == 1


def test_other_fingers_have_few_mates():
    random = np.random.default_rng(3)
    rows = [
        Seen(template_of(random.uniform(120, 380, (40, 2)), random.integers(0, 256, 40).tolist()), 1.0) for _ in "ab"
    ]
    found = mated_statistics([rows])
    assert found.aligned_share == 0


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


def test_a_person_is_received_with_the_thumb_that_agrees_with_itself():
    random = np.random.default_rng(4)
    places, angles = random.uniform(50, 450, (40, 2)), random.integers(0, 256, 40).tolist()
    good = Seen(template_of(places, angles), 1.0)
    others = [
        Seen(template_of(random.uniform(50, 450, (30, 2)), random.integers(0, 256, 30).tolist()), 1.0) for _ in range(5)
    ]
    assert receive(0.1, [others, [good] * 5]).accepted_at_try == 1
    late = [good, good, others[0], others[1], good]
    assert receive(0.1, [others, late]).accepted_at_try == 3
    assert receive(0.9, [others, others]) == Visit(0.9, None, False)
