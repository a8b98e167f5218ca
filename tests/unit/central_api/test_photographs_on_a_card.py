"""Members' photographs are made small, so that a family of five fits a 32 KB chip."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from benchmarks.card_storage import CARD_32_KB, bytes_on_card
from card_service.data_groups.dg2 import jpeg_size_px
from central_api.cards.card_photograph import MEMBER_PHOTO_BYTES, shrink_photograph
from hardware_sim.faces import draw_portrait
from hardware_sim.people import CAST
from tests.unit.card_service_issuer.samples import SMALL_JPEG


def portrait(part_index: int) -> bytes:
    """Somebody of the cast, as large as a portrait comes from enrolment."""
    face = CAST[part_index].face
    drawn = Image.fromarray(draw_portrait(face))
    width_px = drawn.height * 3 // 4
    left_px = (drawn.width - width_px) // 2
    picture = drawn.crop((left_px, 0, left_px + width_px, drawn.height)).resize((300, 400))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    return stream.getvalue()


@pytest.mark.parametrize("part_index", range(3))
def test_a_members_photograph_becomes_small_and_stays_a_picture(part_index: int) -> None:
    taken = portrait(part_index)
    small = shrink_photograph(taken)
    assert small is not None
    assert len(taken) > MEMBER_PHOTO_BYTES >= len(small)
    width_px, height_px = jpeg_size_px(small)
    assert width_px >= 96
    assert abs(height_px / width_px - 4 / 3) < 0.02
    print(f"photograph of {len(taken)} bytes: {len(small)} bytes, {width_px} x {height_px} px")  # noqa: T201


def test_what_is_small_already_is_left_alone_and_what_is_no_picture_is_left_out() -> None:
    assert shrink_photograph(SMALL_JPEG) == SMALL_JPEG
    assert shrink_photograph(b"no picture" * 400) is None
    taken = portrait(0)
    for at in range(0, len(taken), len(taken) // 40):
        cut = taken[:at]
        assert cut == shrink_photograph(cut) or len(shrink_photograph(cut) or b"") <= MEMBER_PHOTO_BYTES


def test_a_picture_that_cannot_be_made_small_enough_is_left_out() -> None:
    dice = random.Random(7)
    noise = Image.frombytes("RGB", (600, 800), dice.randbytes(600 * 800 * 3))
    stream = io.BytesIO()
    noise.save(stream, "JPEG", quality=95)
    assert shrink_photograph(stream.getvalue(), max_bytes=300) is None


def test_a_family_of_five_with_two_fingers_each_fits_a_card_of_32_kb() -> None:
    sizes = bytes_on_card()
    for family, found in sizes.items():
        print(f"{family}: {found['bytes_small_photos']} bytes ({found['bytes']} with large photographs)")  # noqa: T201
    assert sizes["5 members, 2 fingers"]["bytes_small_photos"] <= CARD_32_KB < sizes["5 members, 2 fingers"]["bytes"]
