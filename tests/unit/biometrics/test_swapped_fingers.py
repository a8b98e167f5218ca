"""A finger given under another name than before is noticed."""

from __future__ import annotations

from dataclasses import replace

from biometrics.swapped import find_swapped_fingers
from domain.fingers import FingerPosition
from tests.unit.biometrics.fingers_in_tests import another_impression, invented_finger

THUMB, LEFT_THUMB, INDEX = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB, FingerPosition.RIGHT_INDEX
KNOWN = [invented_finger(seed, position=position) for seed, position in ((1, THUMB), (2, LEFT_THUMB), (3, INDEX))]


def test_swapped_hands_and_swapped_fingers_are_told_apart() -> None:
    again = [another_impression(finger, 40 + at) for at, finger in enumerate(KNOWN)]
    thumb, left, index = again
    hands = find_swapped_fingers([replace(thumb, position=LEFT_THUMB), replace(left, position=THUMB), index], KNOWN)
    assert [(each.given_as, each.known_as, each.is_other_hand) for each in hands] == [
        (LEFT_THUMB, THUMB, True),
        (THUMB, LEFT_THUMB, True),
    ]
    (order,) = find_swapped_fingers([replace(index, position=THUMB)], KNOWN)
    assert not order.is_other_hand


def test_fingers_given_as_before_or_by_somebody_else_are_not_swapped() -> None:
    assert find_swapped_fingers([another_impression(finger, 7) for finger in KNOWN], KNOWN) == []
    assert find_swapped_fingers([invented_finger(90, position=THUMB)], KNOWN) == []
    assert find_swapped_fingers(KNOWN, []) == []


def test_a_finger_of_unknown_position_cannot_be_swapped() -> None:
    unknown = replace(another_impression(KNOWN[0], 8), position=FingerPosition.UNKNOWN)
    assert find_swapped_fingers([unknown], KNOWN) == []
