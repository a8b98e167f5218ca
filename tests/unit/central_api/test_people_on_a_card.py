"""What of a person goes on a card: the fingers that fit, and a picture that a card can hold."""

from __future__ import annotations

import random

import pytest

from biometrics.iso19794 import decode_record, encode_record
from biometrics.template import Minutia, MinutiaKind, Template
from card_service.data_groups.dg2 import MAX_PORTRAIT_BYTES, jpeg_size_px
from card_service.layout import template_file
from central_api.cards.people_on_card import _fits_on_card, _templates_for_card, make_neutral_portrait
from central_api.households.service import OpenFinger
from domain.fingers import ENROLMENT_ORDER, FingerPosition
from tests.unit.card_service_issuer.samples import SMALL_JPEG


def make_finger(position: FingerPosition, minutiae: int, dpi: int = 500) -> OpenFinger:
    dice = random.Random(int(position))
    points = tuple(
        Minutia(dice.randrange(250), dice.randrange(280), dice.randrange(256), MinutiaKind.RIDGE_ENDING, 60)
        for _ in range(minutiae)
    )
    template = Template(256, 288, dpi, FingerPosition.UNKNOWN, 70, points)
    return OpenFinger(position, encode_record([template]), 70, 1)


def test_up_to_four_fingers_keep_their_rank_and_are_told_apart() -> None:
    fingers = [make_finger(position, 40) for position in (*ENROLMENT_ORDER, FingerPosition.LEFT_RING)]
    kept = _templates_for_card(fingers)
    assert [template.position for template in kept] == list(ENROLMENT_ORDER)
    assert [each.position for each in decode_record(encode_record(kept))] == list(ENROLMENT_ORDER)


def test_fingers_that_do_not_fit_into_the_file_are_left_out_from_the_last() -> None:
    kept = _templates_for_card([make_finger(position, 255) for position in ENROLMENT_ORDER])
    assert len(kept) == 2
    assert len(encode_record(kept)) <= template_file(1).size_bytes


def test_fingers_of_different_resolutions_do_not_stop_a_card() -> None:
    kept = _templates_for_card([make_finger(ENROLMENT_ORDER[0], 30), make_finger(ENROLMENT_ORDER[1], 30, dpi=300)])
    assert len(kept) == 1


@pytest.mark.parametrize(
    ("portrait", "fits"),
    [(SMALL_JPEG, True), (b"", False), (b"no picture", False), (SMALL_JPEG + bytes(MAX_PORTRAIT_BYTES), False)],
)
def test_only_a_small_jpeg_goes_on_a_card(portrait: bytes, fits: bool) -> None:
    assert _fits_on_card(portrait) is fits


def test_the_neutral_portrait_is_a_small_jpeg() -> None:
    portrait = make_neutral_portrait()
    assert jpeg_size_px(portrait) == (96, 120)
    assert len(portrait) < 1_500
