"""Portraits take as few bytes as their quality allows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from biometrics.errors import PortraitTooLarge
from biometrics.images import ColourImage
from biometrics.portrait_encoding import PortraitFormat, encode_portrait

BOTH = (PortraitFormat.JPEG, PortraitFormat.JPEG2000)


def picture(seed: int = 1, noise: float = 8.0) -> ColourImage:
    """Soft shapes and a little noise, three by four."""
    rng = np.random.default_rng(seed)
    base = cv2.resize(rng.integers(0, 255, (8, 6, 3), np.uint8), (480, 640), interpolation=cv2.INTER_CUBIC)
    return np.clip(base + rng.normal(0, noise, base.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("max_bytes", [2_500, 5_000, 5_120, 12_000])
@pytest.mark.parametrize("formats", [(PortraitFormat.JPEG,), BOTH])
def test_a_portrait_fits_the_card_in_every_format(max_bytes: int, formats: tuple[PortraitFormat, ...]) -> None:
    for seed in range(4):
        found = encode_portrait(picture(seed), max_bytes=max_bytes, formats=formats)
        assert len(found.data) <= max_bytes
        assert found.format in formats
        assert found.width_px * 4 == found.height_px * 3


def test_the_other_format_is_taken_only_where_it_is_smaller_at_the_same_quality() -> None:
    for seed in range(6):
        alone = encode_portrait(picture(seed), max_bytes=5_000)
        best = encode_portrait(picture(seed), max_bytes=5_000, formats=BOTH)
        assert best.width_px == alone.width_px
        assert best.psnr_db >= alone.psnr_db
        assert len(best.data) <= len(alone.data)


def test_each_format_can_be_shown_again() -> None:
    for formats in ((PortraitFormat.JPEG,), (PortraitFormat.JPEG2000,)):
        found = encode_portrait(picture(), max_bytes=5_000, formats=formats)
        back = cv2.imdecode(np.frombuffer(found.data, np.uint8), cv2.IMREAD_COLOR)
        assert back is not None
        assert back.shape[:2] == (found.height_px, found.width_px)
        assert found.format is formats[0]


def test_a_picture_that_no_size_brings_down_is_refused() -> None:
    with pytest.raises(PortraitTooLarge):
        encode_portrait(picture(noise=80), max_bytes=300)
