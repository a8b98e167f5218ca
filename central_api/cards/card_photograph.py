"""Photographs of members made small for the chip: the holder's portrait stays as it was taken."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

#: Four of these and the holder's portrait leave room for two fingers of each of five people on a 32 KB chip.
MEMBER_PHOTO_BYTES = 2_560
#: The largest first; below the last a face says nothing to a helper.
_WIDTHS_PX = (180, 150, 120, 96, 72)
_QUALITIES = (75, 60, 45, 35)


def shrink_photograph(jpeg: bytes, *, max_bytes: int = MEMBER_PHOTO_BYTES) -> bytes | None:
    """A JPEG of the same picture in at most so many bytes, without metadata; None when it is no picture or too much.

    A photograph that is small enough already is left as it is: each new encoding costs sharpness.
    """
    if len(jpeg) <= max_bytes:
        return jpeg
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    for width_px in (each for each in _WIDTHS_PX if each <= picture.width):
        height_px = max(1, round(picture.height * width_px / picture.width))
        small = picture.resize((width_px, height_px), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            encoded = _encode(small, quality)
            if len(encoded) <= max_bytes:
                return encoded
    return None


def _encode(picture: Image.Image, quality: int) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality, optimize=True)
    return stream.getvalue()
