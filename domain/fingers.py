"""Finger positions, and how sure a comparison must be."""

from __future__ import annotations

from enum import IntEnum


class FingerPosition(IntEnum):
    """Which finger, numbered as in ISO/IEC 19794-2:2005, 7.4.2.1 (table 2)."""

    UNKNOWN = 0
    RIGHT_THUMB = 1
    RIGHT_INDEX = 2
    RIGHT_MIDDLE = 3
    RIGHT_RING = 4
    RIGHT_LITTLE = 5
    LEFT_THUMB = 6
    LEFT_INDEX = 7
    LEFT_MIDDLE = 8
    LEFT_RING = 9
    LEFT_LITTLE = 10

    @property
    def is_right_hand(self) -> bool:
        return FingerPosition.RIGHT_THUMB <= self <= FingerPosition.RIGHT_LITTLE


#: Fingers asked for first at enrolment, in this order: thumbs and indexes give the most area on a small window.
ENROLMENT_ORDER = (
    FingerPosition.RIGHT_THUMB,
    FingerPosition.LEFT_THUMB,
    FingerPosition.RIGHT_INDEX,
    FingerPosition.LEFT_INDEX,
)

#: Children below this age give a photograph and no finger: ridges of small children are too fine and change too fast.
YOUNGEST_FINGER_AGE_YEARS = 5
