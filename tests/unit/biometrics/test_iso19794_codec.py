"""ISO/IEC 19794-2:2005, both ways and under attack."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from biometrics.errors import TemplateMalformed, TemplateUnencodable
from biometrics.iso19794 import MAX_MINUTIAE, decode_card, decode_record, encode_card, encode_record
from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition

from .fingers_in_tests import invented_finger

VECTORS = Path(__file__).parents[2] / "vectors"
FINGER = invented_finger(1)
SECOND = invented_finger(2, 20, FingerPosition.LEFT_THUMB)
RECORD = encode_record([FINGER, SECOND])
_COUNT_AT = 24 + 3
_FIRST_MINUTIA_AT = 28


def _altered(encoded: bytes, at: int, value: int) -> bytes:
    return encoded[:at] + bytes([value]) + encoded[at + 1 :]


def test_a_record_comes_back_as_it_went() -> None:
    assert decode_record(RECORD) == (FINGER, SECOND)


def test_a_known_record_has_the_bytes_of_the_standard() -> None:
    minutiae = (
        Minutia(10, 20, 64, MinutiaKind.RIDGE_ENDING, 77),
        Minutia(255, 287, 255, MinutiaKind.BIFURCATION, 0),
    )
    template = Template(256, 288, 500, FingerPosition.LEFT_INDEX, 90, minutiae)
    vector = bytes.fromhex((VECTORS / "iso19794_2_record.hex").read_text())
    assert encode_record([template]) == vector
    assert decode_record(vector) == (template,)


def _accepted_cuts(decode: Callable[[bytes], object]) -> int:
    """How many of all possible cuts a decoder takes for whole."""
    accepted = 0
    for length in range(len(RECORD)):
        with contextlib.suppress(TemplateMalformed):
            decode(RECORD[:length])
            accepted += 1
    return accepted


def test_a_record_cut_at_any_byte_is_refused() -> None:
    assert _accepted_cuts(decode_record) == 0
    print(f"{len(RECORD)} cuts, 0 accepted")  # noqa: T201


def test_a_planted_decoder_that_forgives_a_missing_end_is_found_by_the_cuts() -> None:
    planted = _accepted_cuts(lambda cut: decode_record(cut + RECORD[len(cut) :][-2:]))
    assert planted == 2


def test_trailing_bytes_are_refused() -> None:
    with pytest.raises(TemplateMalformed):
        decode_record(RECORD + b"\0")


@pytest.mark.parametrize("length", [0, 1, len(RECORD) - 1, len(RECORD) + 1, 0xFFFFFFFF])
def test_a_lying_record_length_is_refused(length: int) -> None:
    with pytest.raises(TemplateMalformed):
        decode_record(RECORD[:8] + length.to_bytes(4, "big") + RECORD[12:])


@pytest.mark.parametrize("count", [0, 1, 34, 36, 255])
def test_a_lying_minutia_count_is_refused(count: int) -> None:
    with pytest.raises(TemplateMalformed):
        decode_record(_altered(RECORD, _COUNT_AT, count))


@pytest.mark.parametrize("views", [0, 1, 3, 255])
def test_a_lying_view_count_is_refused(views: int) -> None:
    with pytest.raises(TemplateMalformed):
        decode_record(_altered(RECORD, 22, views))


@pytest.mark.parametrize("count", [0, 1, MAX_MINUTIAE])
def test_every_possible_number_of_minutiae_fits(count: int) -> None:
    minutiae = tuple(Minutia(n, n, n, MinutiaKind.OTHER, 50) for n in range(count))
    template = replace(FINGER, minutiae=minutiae)
    assert decode_record(encode_record([template])) == (template,)


def test_more_minutiae_than_a_byte_counts_are_not_written() -> None:
    minutiae = tuple(Minutia(1, 1, 0, MinutiaKind.OTHER, 50) for _ in range(MAX_MINUTIAE + 1))
    with pytest.raises(TemplateUnencodable):
        encode_record([replace(FINGER, minutiae=minutiae)])


def test_a_record_without_views_is_not_written() -> None:
    with pytest.raises(TemplateUnencodable):
        encode_record([])


def test_different_resolutions_do_not_share_a_record() -> None:
    with pytest.raises(TemplateUnencodable):
        encode_record([FINGER, replace(SECOND, dpi=569)])


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, 0x47),  # format identifier
        (5, 0x33),  # version
        (23, 1),  # reserved byte
        (24, 11),  # finger position
        (26, 101),  # finger quality
        (_FIRST_MINUTIA_AT, 0xC0),  # reserved minutia type
        (_FIRST_MINUTIA_AT + 2, 0x40),  # reserved bits before y
        (_FIRST_MINUTIA_AT + 2, 0x3F),  # y outside the picture
        (_FIRST_MINUTIA_AT + 5, 101),  # minutia quality
    ],
)
def test_an_impossible_value_is_refused(at: int, value: int) -> None:
    with pytest.raises(TemplateMalformed):
        decode_record(_altered(RECORD, at, value))


def test_another_makers_record_with_extended_data_is_read() -> None:
    record = encode_record([FINGER])
    foreign = record[:-2] + (6).to_bytes(2, "big") + b"\x01\x01\x00\x06\xab\xcd"
    foreign = foreign[:8] + len(foreign).to_bytes(4, "big") + foreign[12:]
    assert decode_record(foreign) == (FINGER,)


@pytest.mark.parametrize("length", [0, 3, 5, 7, 0xFFFF])
def test_extended_data_that_lies_about_its_length_is_refused(length: int) -> None:
    record = encode_record([FINGER])
    foreign = record[:-2] + (6).to_bytes(2, "big") + b"\x01\x01" + length.to_bytes(2, "big") + b"\xab\xcd"
    foreign = foreign[:8] + len(foreign).to_bytes(4, "big") + foreign[12:]
    with pytest.raises(TemplateMalformed):
        decode_record(foreign)


def test_no_altered_record_does_anything_but_decode_or_refuse() -> None:
    trials, refused, rng = 20_000, 0, random.Random(7)
    for _ in range(trials):
        altered = bytearray(RECORD)
        for _ in range(rng.randint(1, 4)):
            altered[rng.randrange(len(altered))] = rng.randrange(256)
        try:
            views = decode_record(bytes(altered))
        except TemplateMalformed:
            refused += 1
        else:
            assert views
    print(f"{trials} altered records, {refused} refused, 0 other outcomes")  # noqa: T201
    assert 0 < refused < trials


def test_a_card_template_keeps_place_within_a_tenth_of_a_millimetre_and_direction_within_three_degrees() -> None:
    decoded = decode_card(encode_card(FINGER), FINGER.position)
    assert len(decoded.minutiae) == len(FINGER.minutiae)
    remaining = list(decoded.minutiae)
    for minutia in FINGER.minutiae:
        near = min(remaining, key=lambda m: abs(m.x_px - minutia.x_px) + abs(m.y_px - minutia.y_px))
        turn = (near.angle_256 - minutia.angle_256 + 128) % 256 - 128
        assert abs(near.x_px - minutia.x_px) <= 2
        assert abs(near.y_px - minutia.y_px) <= 2
        assert abs(turn) <= 2
        assert near.kind == minutia.kind


def test_a_card_template_decoded_and_written_again_is_the_same() -> None:
    encoded = encode_card(FINGER)
    assert encode_card(decode_card(encoded)) == encoded
    assert len(encoded) == 3 * len(FINGER.minutiae)


def test_a_card_template_cut_inside_a_minutia_is_refused() -> None:
    encoded = encode_card(FINGER)
    for length in range(len(encoded)):
        if length % 3:
            with pytest.raises(TemplateMalformed):
                decode_card(encoded[:length])
        else:  # the form has no length of its own: the card's data object around it must state one
            assert len(decode_card(encoded[:length]).minutiae) == length // 3


def test_a_reserved_type_and_too_many_minutiae_are_refused_on_a_card() -> None:
    with pytest.raises(TemplateMalformed):
        decode_card(b"\x01\x01\xc0")
    with pytest.raises(TemplateMalformed):
        decode_card(bytes(3 * (MAX_MINUTIAE + 1)))


@pytest.mark.parametrize("count", [0, MAX_MINUTIAE])
def test_an_empty_and_a_full_card_template_are_read(count: int) -> None:
    assert len(decode_card(bytes(3 * count)).minutiae) == count


def test_a_full_card_drops_the_weakest_minutiae() -> None:
    kept = decode_card(encode_card(FINGER, max_minutiae=10))
    weakest_kept = sorted(m.quality for m in FINGER.minutiae)[-10]
    strong = {(m.x_px, m.y_px) for m in FINGER.minutiae if m.quality > weakest_kept}
    assert len(kept.minutiae) == 10
    for x, y in strong:
        assert any(abs(m.x_px - x) <= 2 and abs(m.y_px - y) <= 2 for m in kept.minutiae)


def test_a_minutia_beyond_the_cards_frame_is_not_written() -> None:
    far = Template(600, 600, 500, FingerPosition.UNKNOWN, 0, (Minutia(599, 1, 0, MinutiaKind.OTHER, 0),))
    with pytest.raises(TemplateUnencodable):
        encode_card(far)


def test_a_template_does_not_show_its_minutiae_when_printed() -> None:
    assert repr(FINGER) == "Template(RIGHT_INDEX, 35 minutiae, quality 80)"
