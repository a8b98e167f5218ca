"""Pictures from outside."""

from __future__ import annotations

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from biometrics.errors import ImageRefused
from biometrics.images import decode_grey, decode_rgb


def _encoded(kind: str, mode: str = "L", size: tuple[int, int] = (40, 30)) -> bytes:
    pixels = np.arange(size[0] * size[1], dtype=np.uint8).reshape(size[1], size[0])
    target = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(target, kind)
    return target.getvalue()


def _png_that_claims(width_px: int, height_px: int) -> bytes:
    """A PNG of a few bytes whose header promises any number of pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_png_comes_back_pixel_for_pixel() -> None:
    picture = decode_grey(_encoded("PNG"))
    assert picture.shape == (30, 40)
    assert picture.dtype == np.uint8
    assert picture[1, 0] == 40


def test_a_jpeg_is_read_in_grey_and_in_colour() -> None:
    assert decode_grey(_encoded("JPEG", "RGB")).shape == (30, 40)
    assert decode_rgb(_encoded("JPEG", "RGB")).shape == (30, 40, 3)


@pytest.mark.parametrize("size", [(100_000, 100_000), (2**31 - 1, 1), (2001, 2000)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(ImageRefused):
        decode_grey(_png_that_claims(*size))


def test_a_lower_cap_is_kept() -> None:
    with pytest.raises(ImageRefused):
        decode_grey(_encoded("PNG"), max_pixels=40 * 30 - 1)
    assert decode_grey(_encoded("PNG"), max_pixels=40 * 30).size == 1200


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(ImageRefused):
        decode_grey(_encoded(kind))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_cut_short_is_refused(kind: str) -> None:
    encoded = _encoded(kind, size=(64, 64))
    for length in range(0, len(encoded) // 2, 7):
        with pytest.raises(ImageRefused):
            decode_grey(encoded[:length])


def test_no_damaged_picture_does_anything_but_decode_or_refuse() -> None:
    trials, refused, rng = 2_000, 0, random.Random(3)
    originals = [_encoded("PNG"), _encoded("JPEG", "RGB")]
    for trial in range(trials):
        damaged = bytearray(originals[trial % 2])
        for _ in range(rng.randint(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            decode_grey(bytes(damaged), max_pixels=100_000)
        except ImageRefused:
            refused += 1
    print(f"{trials} damaged pictures, {refused} refused, 0 other outcomes")  # noqa: T201
    assert refused > 0
