"""Two impressions that match make a finger; tries are counted; nobody is asked for ever."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fingers import ENROLMENT_ORDER, FingerPosition
from domain.ids import PersonId
from domain.messages.enrolment import FingerException
from domain.people import BirthDate, Person, PersonName, Sex
from enrolment.finger_capture import (
    GOOD_QUALITY,
    USABLE_QUALITY,
    CapturePhase,
    FingerCapture,
    HandPlan,
    Impression,
    fingers_wanted,
)
from enrolment.portrait_capture import FRAMES_BEFORE_BY_HAND, STEADY_FRAMES, PortraitCapture, PortraitPhase

TODAY = date(2026, 3, 10)
THUMB = FingerPosition.RIGHT_THUMB
GOOD, USABLE, BAD = Impression(b"g", GOOD_QUALITY), Impression(b"u", USABLE_QUALITY), Impression(b"", 0)


def taken(position: FingerPosition, attempts: int = 2, quality: int = 80) -> FingerCapture:
    best = Impression(b"t", quality)
    return FingerCapture(position, CapturePhase.DONE, attempts, 1, best, best)


def test_a_good_first_and_a_matching_second_impression_are_enough() -> None:
    done = FingerCapture(THUMB).after_first(GOOD).after_second(Impression(b"s", 90), is_match=True)
    assert done.phase is CapturePhase.DONE
    assert (done.attempts, done.better.template) == (2, b"s")


def test_the_best_of_three_weak_first_impressions_is_taken() -> None:
    capture = FingerCapture(THUMB).after_first(BAD).after_first(USABLE).after_first(BAD)
    assert capture.phase is CapturePhase.SECOND
    assert capture.first == USABLE


def test_three_unusable_impressions_give_the_finger_up() -> None:
    assert FingerCapture(THUMB).after_first(BAD).after_first(BAD).after_first(BAD).phase is CapturePhase.GIVEN_UP


def test_a_second_impression_that_never_matches_gives_the_finger_up() -> None:
    capture = FingerCapture(THUMB).after_first(GOOD)
    for _ in range(3):
        assert capture.phase is CapturePhase.SECOND
        capture = capture.after_second(GOOD, is_match=False)
    assert capture.phase is CapturePhase.GIVEN_UP


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=6, max_size=6))
def test_nobody_is_asked_more_than_six_times_for_one_finger(readings: list[tuple[int, bool]]) -> None:
    capture = FingerCapture(THUMB)
    for quality, is_match in readings:
        impression = Impression(b"x", quality)
        if capture.phase is CapturePhase.FIRST:
            capture = capture.after_first(impression)
        elif capture.phase is CapturePhase.SECOND:
            capture = capture.after_second(impression, is_match=is_match)
    assert capture.phase in (CapturePhase.DONE, CapturePhase.GIVEN_UP)
    assert capture.attempts <= 6


def test_thumbs_and_indexes_come_first_and_others_only_when_they_are_missing() -> None:
    plan, asked = HandPlan(), []
    while (position := plan.next_finger()) is not None:
        asked.append(position)
        plan = plan.after(position, FingerException.MISSING if len(asked) <= 3 else taken(position))
    assert tuple(asked[:4]) == ENROLMENT_ORDER
    assert asked[4] is FingerPosition.RIGHT_MIDDLE
    assert len(plan.done) == 2


def test_a_person_without_any_usable_finger_is_not_asked_for_ever() -> None:
    plan, asked = HandPlan(), 0
    while (position := plan.next_finger()) is not None:
        plan, asked = plan.after(position, FingerException.WORN), asked + 1
    assert asked == 8
    assert plan.records() == ()
    assert len(plan.exception_names()) == 8


def test_the_finger_that_was_easiest_is_ranked_first() -> None:
    plan = HandPlan((taken(THUMB, 5), taken(FingerPosition.LEFT_INDEX, 2, 60), taken(FingerPosition.LEFT_THUMB, 2, 70)))
    assert [record.position for record in plan.records()] == [
        FingerPosition.LEFT_THUMB,
        FingerPosition.LEFT_INDEX,
        THUMB,
    ]
    assert [record.rank for record in plan.records()] == [1, 2, 3]


@pytest.mark.parametrize(("born", "fingers"), [(2022, 0), (2021, 0), (2020, 2), (2012, 2), (2010, 4), (1950, 4)])
def test_age_decides_how_many_fingers_are_taken(born: int, fingers: int) -> None:
    person = Person(
        id=PersonId("p"),
        name=PersonName(latin="A", local="अ"),
        sex=Sex.MALE,
        born=BirthDate(on=date(born, 6, 1)),
    )
    assert fingers_wanted(person, on=TODAY) == fingers


def test_the_photo_takes_itself_after_steady_frames_only() -> None:
    capture = PortraitCapture()
    for good in (True, False, True):
        capture = capture.after_frame({"Sharpness": good}, is_acceptable=good, has_face=True)
        assert capture.phase is PortraitPhase.LOOKING
    capture = capture.after_frame({"Sharpness": True}, is_acceptable=True, has_face=True)
    assert capture.phase is PortraitPhase.TAKE_NOW
    assert STEADY_FRAMES == 2


def test_the_officer_may_take_it_by_hand_when_there_is_a_face_and_some_time_went_by() -> None:
    capture = PortraitCapture()
    for _ in range(FRAMES_BEFORE_BY_HAND):
        assert not capture.may_take_by_hand
        capture = capture.after_frame({}, is_acceptable=False, has_face=True)
    assert capture.may_take_by_hand
    assert not capture.after_frame({}, is_acceptable=False, has_face=False).may_take_by_hand
