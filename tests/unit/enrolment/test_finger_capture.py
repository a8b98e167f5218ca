"""Two impressions that match make a finger; tries are counted; nobody is asked for ever."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fingers import ENROLMENT_ORDER, FingerPosition
from domain.ids import OperatorId, PersonId, ProgrammeCode
from domain.messages.enrolment import (
    ExceptionLasting,
    FingerExcepted,
    FingerException,
    PersonCapture,
    WeakFingerReason,
)
from domain.people import BirthDate, Person, PersonName, Sex
from enrolment.capture_rules import CaptureRules, read_rules
from enrolment.finger_capture import CapturePhase, FingerCapture, Impression, TakenFinger
from enrolment.hand_plan import TEN_FINGERS, CaptureInProgress, HandPlan
from enrolment.portrait_capture import FRAMES_BEFORE_BY_HAND, STEADY_FRAMES, PortraitCapture, PortraitPhase

TODAY = date(2026, 3, 10)
THUMB = FingerPosition.RIGHT_THUMB
RULES = CaptureRules()


def reading(template: bytes, quality: int) -> Impression:
    return Impression(template=template, quality=quality)


GOOD, USABLE, BAD = reading(b"g", RULES.good_quality), reading(b"u", RULES.usable_quality), reading(b"", 0)


def taken(position: FingerPosition, attempts: int = 2, quality: int = 80, evidence: int = 50) -> TakenFinger:
    best = reading(b"t", quality)
    return TakenFinger(
        position=position, first=best, second=best, qualities=(quality,) * attempts, pair_evidence=evidence
    )


def excepted(position: FingerPosition, reason: FingerException = FingerException.MISSING) -> FingerExcepted:
    return FingerExcepted(position=position, reason=reason)


def test_a_good_first_and_a_matching_second_impression_are_enough() -> None:
    done = FingerCapture(THUMB).after_first(GOOD).after_second(reading(b"s", 90), is_match=True)
    assert done.phase is CapturePhase.DONE
    assert (done.attempts, done.taken().better.template) == (2, b"s")


def test_a_finger_under_the_threshold_is_taken_only_by_an_officers_word_and_the_reason_is_kept() -> None:
    capture = FingerCapture(THUMB).after_first(BAD).after_first(USABLE).after_first(BAD)
    assert capture.phase is CapturePhase.WEAK
    assert capture.first == USABLE
    assert capture.left_out().phase is CapturePhase.GIVEN_UP
    done = capture.taken_as_it_is(WeakFingerReason.OLD_SKIN).after_second(USABLE, is_match=True, evidence=44)
    (record,) = HandPlan().after(done.taken()).records()
    assert record.taken_weak is WeakFingerReason.OLD_SKIN
    assert (record.qualities, record.attempts, record.pair_evidence) == ((0, 15, 0, 15), 4, 44)


def test_a_weak_finger_taken_by_word_must_still_match_itself() -> None:
    capture = FingerCapture(THUMB, rules=CaptureRules(tries=1)).after_first(USABLE)
    capture = capture.taken_as_it_is(WeakFingerReason.SCARRED).after_second(GOOD, is_match=False)
    assert capture.phase is CapturePhase.GIVEN_UP


@pytest.mark.parametrize("tries", range(1, 11))
def test_the_tries_are_counted_to_the_setting_and_kept(tries: int) -> None:
    capture = FingerCapture(THUMB, rules=CaptureRules(tries=tries))
    for number in range(1, tries + 1):
        assert (capture.phase, capture.attempt) == (CapturePhase.FIRST, number)
        capture = capture.after_first(BAD)
    assert capture.phase is CapturePhase.GIVEN_UP
    assert capture.attempts == tries


def test_three_unusable_impressions_give_the_finger_up() -> None:
    assert FingerCapture(THUMB).after_first(BAD).after_first(BAD).after_first(BAD).phase is CapturePhase.GIVEN_UP


def test_a_second_impression_that_never_matches_gives_the_finger_up() -> None:
    capture = FingerCapture(THUMB).after_first(GOOD)
    for _ in range(3):
        assert capture.phase is CapturePhase.SECOND
        capture = capture.after_second(GOOD, is_match=False)
    assert capture.phase is CapturePhase.GIVEN_UP


@given(st.integers(1, 10), st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=20, max_size=20))
def test_nobody_is_asked_more_often_than_twice_the_tries(tries: int, readings: list[tuple[int, bool]]) -> None:
    capture = FingerCapture(THUMB, rules=CaptureRules(tries=tries))
    for quality, is_match in readings:
        impression = reading(b"x", quality)
        if capture.phase is CapturePhase.WEAK:
            capture = capture.taken_as_it_is(WeakFingerReason.DRY_OR_WET)
        if capture.phase is CapturePhase.FIRST:
            capture = capture.after_first(impression)
        elif capture.phase is CapturePhase.SECOND:
            capture = capture.after_second(impression, is_match=is_match)
    if capture.phase is CapturePhase.WEAK:
        capture = capture.left_out()
    assert capture.phase in (CapturePhase.DONE, CapturePhase.GIVEN_UP)
    assert capture.attempts <= 2 * tries


def test_thumbs_and_indexes_come_first_and_others_only_when_they_are_missing() -> None:
    plan, asked = HandPlan(), []
    while (position := plan.next_finger(most=4)) is not None:
        asked.append(position)
        plan = plan.after(excepted(position) if len(asked) <= 3 else taken(position))
    assert tuple(asked[:4]) == ENROLMENT_ORDER
    assert asked[4] is FingerPosition.RIGHT_MIDDLE
    assert len(plan.done) == 2


def test_ten_fingers_are_taken_where_the_setting_asks_for_ten() -> None:
    plan = HandPlan()
    while (position := plan.next_finger(most=10)) is not None:
        plan = plan.after(taken(position))
    assert {record.position for record in plan.records()} == set(TEN_FINGERS)


def test_a_person_without_any_usable_finger_is_not_asked_for_ever() -> None:
    plan, asked = HandPlan(), 0
    while (position := plan.next_finger(most=4)) is not None:
        plan, asked = plan.after(excepted(position, FingerException.WORN)), asked + 1
    assert asked == 10
    assert plan.records() == ()
    assert len(plan.exception_names()) == 10


@given(st.permutations(TEN_FINGERS))
def test_any_order_gives_the_same_hand(order: list[FingerPosition]) -> None:
    plan = HandPlan()
    for position in order:
        plan = plan.after(taken(position))
    assert plan.next_finger(most=10) is None
    assert [record.position for record in plan.records()] == sorted(TEN_FINGERS)


def test_a_finger_put_off_is_asked_for_when_the_others_are_done() -> None:
    plan = HandPlan().putting_off(THUMB)
    assert plan.next_finger(most=4) is FingerPosition.LEFT_THUMB
    for position in ENROLMENT_ORDER[1:]:
        plan = plan.after(taken(position))
    assert plan.next_finger(most=4) is THUMB
    assert plan.after(taken(THUMB)).put_off == ()


def test_a_finger_taken_later_takes_the_place_of_its_exception() -> None:
    plan = HandPlan().after(excepted(THUMB)).after(taken(THUMB))
    assert (len(plan.done), plan.excepted) == (1, ())


def test_a_hand_broken_off_is_the_same_after_a_restart_and_shows_no_template() -> None:
    lasting = FingerExcepted(
        position=THUMB, reason=FingerException.BANDAGED, lasting=ExceptionLasting.TEMPORARY, attempts=3
    )
    plan = HandPlan().after(taken(FingerPosition.LEFT_INDEX)).after(lasting).putting_off(FingerPosition.LEFT_THUMB)
    kept = CaptureInProgress(photograph=PersonCapture(person_id=PersonId("p"), portrait=None), plan=plan)
    again = CaptureInProgress.model_validate_json(kept.model_dump_json())
    assert again == kept
    assert "template=b't'" not in repr(again)


def test_missing_and_hurt_fingers_are_signed_for_and_declined_ones_are_not() -> None:
    plan = HandPlan().after(excepted(THUMB)).after(excepted(FingerPosition.LEFT_THUMB, FingerException.DECLINED))
    assert [each.position for each in plan.to_be_signed] == [THUMB]
    capture = plan.signed(b"jpeg", OperatorId("second")).added_to(PersonCapture(person_id=PersonId("p"), portrait=None))
    assert (capture.exception_photo, capture.exceptions_signed_by) == (b"jpeg", "second")
    assert len(capture.excepted) == 2


def test_the_finger_whose_two_impressions_match_best_is_ranked_first_and_tries_count_against_it() -> None:
    plan = (
        HandPlan()
        .after(taken(THUMB, attempts=6, evidence=60))
        .after(taken(FingerPosition.LEFT_INDEX, quality=60, evidence=60))
        .after(taken(FingerPosition.LEFT_THUMB, quality=60, evidence=30))
    )
    assert [record.position for record in plan.records()] == [
        FingerPosition.LEFT_INDEX,
        FingerPosition.LEFT_THUMB,
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
    assert RULES.fingers_wanted(person, on=TODAY) == fingers


def test_settings_are_read_within_their_limits_and_the_strictest_programme_decides() -> None:
    assert read_rules({}) == RULES
    rules = read_rules(
        {
            "fingers.tries": 99,
            "fingers.adults": 10,
            "fingers.children": -1,
            "fingers.quality": 30,
            "fingers.quality.RICE": 55,
            "fingers.quality.FEES": True,
        },
        [ProgrammeCode("RICE"), ProgrammeCode("FEES")],
    )
    assert (rules.tries, rules.adult_fingers, rules.child_fingers, rules.good_quality) == (10, 10, 1, 55)
    assert read_rules({"fingers.tries": "many", "fingers.quality": 1}).good_quality == RULES.usable_quality


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
