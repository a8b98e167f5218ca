"""One finger against one, against many, and twice in one enrolment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.gallery import Gallery
from biometrics.iso19794 import decode_card, decode_record, encode_card, encode_record
from biometrics.matcher import compare
from biometrics.repeats import find_repeated_fingers
from biometrics.template import Template
from biometrics.thresholds import FMR, decide, fmr_of, fuse, fuse_tries, threshold_for
from domain.fingers import FingerPosition

from .fingers_in_tests import another_impression, invented_finger

EMPTY = Template(256, 288, 500, FingerPosition.RIGHT_INDEX, 0, ())
STRICT = FMR.ONE_IN_10_000


@pytest.mark.parametrize("turn_deg", [-70, -45, -30, 0, 20, 45, 70])
def test_a_turned_and_moved_finger_is_the_same_finger(turn_deg: float) -> None:
    finger = invented_finger(1)
    assert decide(compare(another_impression(finger, 5, turn_deg=turn_deg), finger), fmr=STRICT)


def test_different_fingers_do_not_match() -> None:
    fingers = [invented_finger(seed) for seed in range(20)]
    scores = [compare(a, b) for n, a in enumerate(fingers) for b in fingers[:n]]
    assert not any(decide(score, fmr=STRICT) for score in scores)


def test_resolution_does_not_matter() -> None:
    finger = invented_finger(3)
    doubled = replace(
        finger,
        width_px=512,
        height_px=576,
        dpi=1000,
        minutiae=tuple(replace(m, x_px=2 * m.x_px, y_px=2 * m.y_px) for m in finger.minutiae),
    )
    assert compare(finger, doubled) == pytest.approx(compare(finger, finger), rel=0.02)


def test_a_template_survives_the_record_and_the_card() -> None:
    finger = invented_finger(4)
    probe = another_impression(finger, 9)
    assert compare(probe, decode_record(encode_record([finger]))[0]) == compare(probe, finger)
    assert decide(compare(probe, decode_card(encode_card(finger))), fmr=STRICT)


@pytest.mark.parametrize("other", [EMPTY, invented_finger(1, 1), invented_finger(1, 2), invented_finger(1)])
def test_an_empty_finger_matches_nothing(other: Template) -> None:
    assert compare(EMPTY, other) == 0.0
    assert compare(other, EMPTY) == 0.0
    assert not decide(0.0, fmr=FMR.ONE_IN_100)


def test_two_hundred_and_fifty_five_minutiae_on_one_spot_do_no_harm() -> None:
    heap = replace(EMPTY, minutiae=(invented_finger(1).minutiae[0],) * 255)
    assert not decide(compare(heap, heap), fmr=STRICT)
    assert not decide(compare(heap, invented_finger(2)), fmr=STRICT)


def test_the_same_question_has_the_same_answer() -> None:
    finger = invented_finger(6)
    probe = another_impression(finger, 1)
    assert len({compare(probe, finger) for _ in range(5)}) == 1


def test_thresholds_rise_as_false_matches_become_rarer() -> None:
    thresholds = [threshold_for(fmr) for fmr in FMR]
    assert thresholds == sorted(thresholds)
    for fmr in FMR:
        assert fmr_of(threshold_for(fmr)) == pytest.approx(fmr.value)


def test_the_rate_of_a_score_never_rises_with_the_score() -> None:
    rates = [fmr_of(score / 4) for score in range(200)]
    assert rates == sorted(rates, reverse=True)
    assert all(0 <= rate <= 1 for rate in rates)


def test_two_weak_fingers_together_are_strong_and_a_failed_one_weakens() -> None:
    weak = threshold_for(FMR.ONE_IN_100)
    strong = threshold_for(FMR.ONE_IN_10_000)
    assert fuse([weak, weak]) > weak
    assert fuse([strong, 0.0]) < strong
    assert fuse([strong]) == pytest.approx(strong)
    assert fuse([]) == 0.0


def test_fused_scores_of_impostors_keep_the_stated_rate() -> None:
    """Two independent uniform false match rates, combined, must be uniform again."""
    steps = [(n + 0.5) / 200 for n in range(200)]
    scores = {rate: _score_of(rate) for rate in steps}
    fused = [fmr_of(fuse([scores[a], scores[b]])) for a in steps for b in steps]
    for rate in (0.1, 0.01):
        assert sum(f <= rate for f in fused) / len(fused) == pytest.approx(rate, rel=0.1)


def _score_of(rate: float) -> float:
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if fmr_of(middle) > rate else (low, middle)
    return low


def test_more_tries_ask_for_a_better_score() -> None:
    score = threshold_for(FMR.ONE_IN_1_000)
    assert fuse_tries([score]) == pytest.approx(score)
    assert fuse_tries([0.0, 0.0, score]) < score
    assert fuse_tries([]) == 0.0


def test_a_person_is_found_among_many_whatever_the_fingers_were_called() -> None:
    gallery = Gallery()
    people = {f"person-{n}": [invented_finger(10 * n + k) for k in range(2)] for n in range(20)}
    for subject, fingers in people.items():
        for finger in fingers:
            gallery.add(subject, finger)
    probes = [
        replace(another_impression(finger, 3), position=FingerPosition.LEFT_THUMB) for finger in people["person-7"]
    ]
    candidates = gallery.search(probes, 5)
    assert candidates[0].subject == "person-7"
    assert len(candidates[0].pairs) == 2
    assert candidates[0].pairs[0].reference is FingerPosition.RIGHT_INDEX
    assert gallery.search(probes, 5) == candidates
    assert gallery.search(probes, 0) == []


def test_a_removed_subject_is_not_found() -> None:
    gallery = Gallery()
    gallery.add("a", invented_finger(1))
    gallery.remove("a")
    gallery.remove("never enrolled")
    assert gallery.search([invented_finger(1)], 3) == []
    assert len(gallery) == 0


def test_an_empty_gallery_and_an_empty_question_have_empty_answers() -> None:
    gallery = Gallery()
    assert gallery.search([invented_finger(1)], 3) == []
    gallery.add("a", EMPTY)
    assert gallery.search([EMPTY], 3) == []
    assert gallery.search([], 3) == []


def test_a_finger_given_under_two_names_is_found() -> None:
    thumb = invented_finger(1, position=FingerPosition.RIGHT_THUMB)
    again = replace(another_impression(thumb, 2), position=FingerPosition.LEFT_INDEX)
    others = [invented_finger(5, position=FingerPosition.RIGHT_INDEX), another_impression(thumb, 3)]
    found = find_repeated_fingers([thumb, *others, again])
    assert {(pair.first, pair.second) for pair in found} == {(0, 3), (2, 3)}
