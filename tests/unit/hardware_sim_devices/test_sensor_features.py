"""The module's own feature files: both ways, cut at every byte, and with bytes behind."""

import random

import pytest

from hardware_sim.fingerprint_sensor.features import (
    MOST_POINTS,
    FeaturePoint,
    Features,
    FeaturesMalformed,
    decode_capture,
    encode_capture,
    split_template,
)
from hardware_sim.fingerprint_sensor.recognition import FMR_OF_LEVEL, ModuleRecognition

POINTS = tuple(FeaturePoint(x, 511 - x, x % 256, x % 3) for x in range(0, 440, 7))
CAPTURE = Features(88, POINTS)
# Written by hand: mark "ZS", one point, quality 5, then x 1, y 2, direction 3, kind 1.
BY_HAND = bytes.fromhex("5a530105" + "008080d0") + bytes(248)


def test_a_capture_is_read_as_it_was_written():
    assert len(POINTS) == MOST_POINTS
    assert decode_capture(encode_capture(CAPTURE)) == CAPTURE
    assert decode_capture(BY_HAND) == Features(5, (FeaturePoint(1, 2, 3, 1),))
    assert encode_capture(decode_capture(BY_HAND)) == BY_HAND


def test_a_capture_cut_at_any_byte_or_with_a_byte_behind_is_refused():
    data = encode_capture(CAPTURE)
    for size in [*range(len(data)), len(data) + 1]:
        with pytest.raises(FeaturesMalformed):
            decode_capture(data[:size].ljust(size, b"\0"))


@pytest.mark.parametrize("spoilt", ["00" * 4, "5a534105", "5a530165", "5a530105008080d1", "5a5300050000000001"])
def test_what_is_no_capture_is_refused(spoilt):
    with pytest.raises(FeaturesMalformed):
        decode_capture(bytes.fromhex(spoilt).ljust(256, b"\0"))


def test_what_does_not_fit_is_not_written():
    with pytest.raises(FeaturesMalformed):
        encode_capture(Features(1, (*POINTS, POINTS[0])))
    for point in (FeaturePoint(512, 0, 0, 0), FeaturePoint(0, -1, 0, 0), FeaturePoint(0, 0, 256, 0)):
        with pytest.raises(FeaturesMalformed):
            encode_capture(Features(1, (point,)))


def test_a_buffer_holds_one_capture_or_two():
    data = encode_capture(CAPTURE)
    assert split_template(data) == split_template(data.ljust(512, b"\0")) == (data,)
    assert split_template(data + data) == (data, data)
    with pytest.raises(FeaturesMalformed):
        split_template(data + b"\0")


def test_nonsense_from_the_host_matches_nothing():
    recognition, draw = ModuleRecognition(), random.Random(2)
    good = encode_capture(CAPTURE)
    for size in (0, 255, 256, 512, 513):
        nonsense = draw.randbytes(size)
        assert recognition.score(nonsense, good, 1) is None
        assert recognition.combine(good, nonsense) is None


def test_a_higher_security_level_asks_for_more_likeness_and_never_for_less():
    draw = random.Random(3)
    finger = tuple(FeaturePoint(draw.randrange(256), draw.randrange(288), draw.randrange(256), 1) for _ in range(40))
    whole, recognition = encode_capture(Features(50, finger)), ModuleRecognition()
    lowest = {}
    for level in FMR_OF_LEVEL:
        parts = (recognition.score(encode_capture(Features(50, finger[:size])), whole, level) for size in range(2, 40))
        accepted = [score for score in parts if score is not None]
        lowest[level] = min(accepted)
    assert list(lowest) == [1, 2, 3, 4, 5]
    assert sorted(lowest.values()) == list(lowest.values())
    assert len(set(lowest.values())) > 2
