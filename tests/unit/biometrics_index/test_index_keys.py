"""Keys: what a finger is filed under."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import TemplateUnencodable
from biometrics.index.keys import (
    DIRECTIONS,
    KEY_COUNT,
    MOST_MINUTIAE,
    Marks,
    marks_of_slots,
    probe_marks,
    reference_marks,
)
from biometrics.index.packed_template import pack, unpack
from biometrics.index.question import _MOST_WEIGHT, MOST_MARKS_PER_FINGER, MOST_VOTES
from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition
from tests.unit.biometrics.fingers_in_tests import another_impression, invented_finger


def keys_of(marks: Marks) -> set[int]:
    return set((marks // DIRECTIONS).tolist())


def test_a_template_packed_and_unpacked_is_the_same() -> None:
    corner = Minutia(255, 287, 255, MinutiaKind.BIFURCATION, 100)
    other = Minutia(0, 0, 0, MinutiaKind.OTHER, 0)
    for minutiae in ((), (corner, other), invented_finger(1).minutiae):
        template = Template(256, 288, 500, FingerPosition.LEFT_LITTLE, 73, minutiae)
        assert unpack(pack(template)) == template
    assert "minutiae" in repr(pack(invented_finger(1)))


def test_a_picture_too_large_to_pack_is_refused() -> None:
    with pytest.raises(TemplateUnencodable):
        pack(Template(20_000, 288, 500, FingerPosition.UNKNOWN, 0, ()))


def test_marks_rise_and_are_distinct_and_in_range() -> None:
    packed = pack(invented_finger(3))
    marks = reference_marks(packed.rows, packed.dpi)
    assert len(marks) > 100
    assert np.all(marks[1:] > marks[:-1])
    assert int(marks[-1]) < KEY_COUNT * DIRECTIONS


def test_the_probe_asks_every_mark_of_the_same_picture_first_hand() -> None:
    packed = pack(invented_finger(4))
    asked, borders = probe_marks(packed.rows, packed.dpi)
    own = reference_marks(packed.rows, packed.dpi)
    assert set(own.tolist()) == set(asked[borders == 0].tolist())
    assert set(borders.tolist()) == {0, 1, 2}
    assert np.all(asked[1:] > asked[:-1])


def test_a_turned_and_moved_finger_shares_far_more_keys_than_another_one() -> None:
    finger = invented_finger(5)
    own = keys_of(reference_marks(pack(finger).rows, 500))
    again = another_impression(finger, 1, turn_deg=25.0, lost=0.1)
    mate = keys_of(probe_marks(pack(again).rows, 500)[0])
    stranger = keys_of(probe_marks(pack(invented_finger(6)).rows, 500)[0])
    assert len(own & mate) > 5 * len(own & stranger)


def test_resolution_does_not_matter() -> None:
    finger = invented_finger(7)
    finer = replace(
        finger,
        width_px=2 * finger.width_px,
        height_px=2 * finger.height_px,
        dpi=1000,
        minutiae=tuple(replace(m, x_px=2 * m.x_px, y_px=2 * m.y_px) for m in finger.minutiae),
    )
    one, other = pack(finger), pack(finer)
    assert np.array_equal(reference_marks(one.rows, one.dpi), reference_marks(other.rows, other.dpi))


def test_fingers_with_hardly_a_minutia_have_no_marks() -> None:
    for count in range(3):
        packed = pack(invented_finger(8, count))
        assert len(reference_marks(packed.rows, packed.dpi)) == 0
        assert len(probe_marks(packed.rows, packed.dpi)[0]) == 0


def test_many_fingers_at_once_give_what_each_gives_alone() -> None:
    fingers = [pack(invented_finger(n, 10 + 5 * n)) for n in range(5)]
    starts = np.cumsum([0, *(len(f.rows) for f in fingers)])
    dpis = np.array([f.dpi for f in fingers], np.uint16)
    marks, first = marks_of_slots(np.concatenate([f.rows for f in fingers]), starts, dpis)
    for number, finger in enumerate(fingers):
        assert np.array_equal(marks[first[number] : first[number + 1]], reference_marks(finger.rows, finger.dpi))


def test_votes_of_a_finger_cannot_overflow() -> None:
    assert MOST_MARKS_PER_FINGER * _MOST_WEIGHT <= MOST_VOTES
    crowded = pack(invented_finger(9, 140))
    assert len(crowded.rows) > MOST_MINUTIAE
    assert len(reference_marks(crowded.rows, crowded.dpi)) <= MOST_MARKS_PER_FINGER
