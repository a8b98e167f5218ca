"""What is printed: slips for the roll, faces for the plastic."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from domain.cards import CardProfile
from kiosk.i18n.catalogue import LANGUAGES
from kiosk.printing.artist import PrintArtist
from kiosk.printing.card_canvas import px
from kiosk.printing.card_face import draw_card_face, spaced_can
from kiosk.printing.receipt_raster import WIDTH_PX, draw_receipt
from kiosk.screen_models.text import verbatim
from kiosk.screens.samples.slips import card_print, delivery_slip, denial_slip

ID1_PX = (1011, 638)  # 85.60 x 53.98 mm at 300 dpi


def _picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def _read_qr(picture: Image.Image) -> str:
    """By an independent reader."""
    grey = np.array(picture.convert("L"), dtype=np.uint8)
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(grey)
    return str(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_is_black_and_white_and_as_wide_as_the_printer(language: str) -> None:
    picture = _picture(draw_receipt(delivery_slip(), language))
    assert picture.mode == "1"
    assert picture.width == WIDTH_PX
    assert 700 < picture.height < 1600


def test_the_code_of_a_receipt_can_be_read_by_another_program() -> None:
    slip = delivery_slip()
    assert _read_qr(_picture(draw_receipt(slip, "hi"))) == slip.qr


def test_a_slip_without_a_code_is_shorter() -> None:
    slip = delivery_slip()
    with_code, without = (_picture(draw_receipt(s, "en")).height for s in (slip, replace(slip, qr="")))
    assert without < with_code - 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_very_long_reason_is_wrapped_and_never_cut(language: str) -> None:
    slip = denial_slip()
    lines = (*slip.lines, (slip.title, verbatim("a reason that goes on and on " * 12)))
    usual, long = (_picture(draw_receipt(s, language)) for s in (slip, replace(slip, lines=lines)))
    assert long.height > usual.height + 150
    margin = long.crop((0, 0, 8, long.height)).convert("L")
    assert margin.getextrema() == (255, 255)


@pytest.mark.parametrize("profile", list(CardProfile))
def test_a_card_face_has_the_size_of_a_card(profile: CardProfile) -> None:
    face = draw_card_face(card_print(profile))
    for side in (face.front_png, face.back_png):
        assert _picture(side).size == ID1_PX
    assert face.pdf.startswith(b"%PDF")
    assert face.pdf.count(b"/Type /Page\n") + face.pdf.count(b"/Type /Page ") >= 2 or face.pdf.count(b"/Page") >= 2


def test_each_kind_of_card_has_a_colour_of_its_own() -> None:
    colours = {_picture(draw_card_face(card_print(p)).front_png).getpixel((500, 12)) for p in CardProfile}
    assert len(colours) == len(CardProfile)


def test_the_contact_zone_carries_no_text() -> None:
    """ISO/IEC 7816-2, 4.1: contacts lie within 10.25-22.28 mm from the left and 19.23-28.55 mm from the top."""
    plain = card_print(CardProfile.HOUSEHOLD)
    named = plain.model_copy(update={"names": ("W" * 40, "ह" * 40)})
    box = (px(10.25), px(19.23), px(22.28), px(28.55))
    zones = [np.array(_picture(draw_card_face(f).front_png).crop(box)) for f in (plain, named)]
    assert np.array_equal(zones[0], zones[1])


def test_a_card_without_a_photo_or_with_a_broken_one_is_still_drawn() -> None:
    for portrait in (None, b"not a picture"):
        face = card_print(CardProfile.HOUSEHOLD).model_copy(update={"portrait": portrait})
        assert _picture(draw_card_face(face).front_png).size == ID1_PX


def test_the_code_on_the_back_can_be_read_by_another_program() -> None:
    face = card_print(CardProfile.HOUSEHOLD)
    assert _read_qr(_picture(draw_card_face(face).back_png)) == face.qr_text


def test_the_access_number_is_easy_to_type() -> None:
    assert spaced_can("481027") == "481 027"


def test_the_artist_answers_what_flows_ask() -> None:
    artist = PrintArtist()
    assert artist.draw_slip(delivery_slip(), "ur").startswith(b"\x89PNG")
    drawn = artist.draw_face(card_print(CardProfile.OPERATOR))
    assert drawn.document.startswith(b"%PDF")
    assert drawn.front_png.startswith(b"\x89PNG")
