from datetime import date

import cv2
import numpy as np
import pytest

from hardware_sim.faces import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, draw_portrait, draw_wall
from hardware_sim.people import CAST, HOUSEHOLD, TODDLER, Part, Script, finger_order, get_person

FACES = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
EYES = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_eye.xml")


def faces_in(picture):
    grey = cv2.cvtColor(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    found = FACES.detectMultiScale(grey, 1.1, 5, minSize=(80, 80))
    return [grey[y : y + int(0.6 * height), x : x + width] for x, y, width, height in found]


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.part.value)
def test_a_detector_sees_one_face_with_two_eyes(person):
    picture = draw_portrait(person.face)
    assert picture.shape == (FRAME_HEIGHT_PX, FRAME_WIDTH_PX, 3)
    (face,) = faces_in(picture)
    assert len(EYES.detectMultiScale(face, 1.05, 3)) == 2


def test_a_detector_sees_nobody_before_the_wall():
    assert faces_in(draw_wall()) == []


def test_a_portrait_is_always_the_same_and_everybody_has_another():
    portraits = [draw_portrait(person.face).tobytes() for person in CAST[:3]]
    assert draw_portrait(CAST[0].face).tobytes() == portraits[0]
    assert len(set(portraits)) == 3


@pytest.mark.parametrize("person", CAST, ids=lambda person: person.part.value)
@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2028, 2, 29), date(2026, 12, 31)])
def test_people_keep_their_age_whatever_the_day(person, today):
    born = person.birth_date(today)
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    assert today.year - born.year - (0 if had_birthday else 1) == person.age_years


def test_everybody_has_a_name_in_three_scripts():
    ranges = {Script.LATIN: ("A", "z"), Script.DEVANAGARI: ("\u0900", "\u097f"), Script.ARABIC: ("\u0600", "\u06ff")}
    for person in CAST:
        for script, (first, last) in ranges.items():
            assert all(first <= letter <= last for letter in person.names[script].whole if letter != " ")


def test_the_household_is_the_one_of_the_story():
    assert [person.age_years for person in HOUSEHOLD] == [34, 38, 16, 9, 4]
    assert TODDLER.fingers == ()


def test_nobody_shares_a_finger():
    assert len(set(finger_order())) == len(finger_order()) == 20
    assert len({person.seed for person in CAST}) == len(CAST)


def test_the_namesake_is_hard_to_tell_by_name_and_easy_by_face():
    mother, namesake = get_person(Part.MOTHER), get_person(Part.NAMESAKE)
    assert mother.names[Script.DEVANAGARI] == namesake.names[Script.DEVANAGARI]
    assert mother.age_years == namesake.age_years
    difference = draw_portrait(mother.face).astype(np.int16) - draw_portrait(namesake.face)
    assert np.abs(difference).mean() > 10
