"""A portrait in as few bytes as its quality allows: JPEG or JPEG 2000, whichever is smaller at equal quality.

DG2 allows both (ISO/IEC 19794-5:2005, image data type; ICAO 9303-10). What a reader can show decides which are offered.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import cv2
import numpy as np

from biometrics.errors import PortraitTooLarge
from biometrics.images import ColourImage

WIDTHS_PX = (240, 210, 180, 150, 120, 96)
_QUALITIES = (85, 75, 65, 55, 45, 35)
_STEPS = 7
# ISO/IEC 15444-1: the box that holds the codestream (I.5.4), and markers of the codestream's header (A.2).
_CODESTREAM_BOX, _BOX_LENGTH, _TO_THE_END = b"jp2c", struct.Struct(">I"), bytes(4)
_START_OF_CODESTREAM, _START_OF_TILE, _COMMENT = b"\xff\x4f", b"\xff\x90", b"\xff\x64"
_LEAST_RATE, _MOST_RATE = 8, 400


class PortraitFormat(IntEnum):
    """The number is the image data type in DG2 (ISO/IEC 19794-5:2005, table 7)."""

    JPEG = 0
    JPEG2000 = 1


@dataclass(frozen=True, slots=True)
class EncodedPortrait:
    """A portrait in a file format; ``psnr_db`` is how near it comes to the picture of its own size."""

    data: bytes = field(repr=False)
    format: PortraitFormat
    width_px: int
    height_px: int
    psnr_db: float


def encode_portrait(
    rgb: ColourImage, *, max_bytes: int, formats: Sequence[PortraitFormat] = (PortraitFormat.JPEG,)
) -> EncodedPortrait:
    """The largest size that fits at a fair quality, in the smallest of the formats. Raises PortraitTooLarge.

    The JPEG that fits sets the quality to reach; JPEG 2000 is taken where it reaches the same with fewer bytes.
    """
    for width_px in WIDTHS_PX:
        size = (width_px, round(width_px * rgb.shape[0] / rgb.shape[1]))
        small = np.asarray(
            cv2.cvtColor(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR), np.uint8
        )
        jpeg = _best_jpeg(small, max_bytes)
        if jpeg is None:
            continue
        offered = [jpeg] if PortraitFormat.JPEG in formats else []
        if PortraitFormat.JPEG2000 in formats:
            other = _jpeg2000_as_good_as(small, jpeg.psnr_db, max_bytes)
            offered += [] if other is None else [other]
        if offered:
            return min(offered, key=lambda each: len(each.data))
    raise PortraitTooLarge


def _best_jpeg(small: ColourImage, max_bytes: int) -> EncodedPortrait | None:
    for quality in _QUALITIES:
        options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        _, encoded = cv2.imencode(".jpg", small, options)
        if encoded.size <= max_bytes:
            return _encoded(small, encoded.tobytes(), PortraitFormat.JPEG)
    return None


def _jpeg2000_as_good_as(small: ColourImage, psnr_db: float, max_bytes: int) -> EncodedPortrait | None:
    """The smallest that comes as near to the picture, by halving the range of rates; None when none does."""
    low, high = _LEAST_RATE, _MOST_RATE
    best: EncodedPortrait | None = None
    for _ in range(_STEPS):
        rate = (low + high) // 2
        _, encoded = cv2.imencode(".jp2", small, [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, rate])
        found = _encoded(small, _without_comment(encoded.tobytes()), PortraitFormat.JPEG2000)
        if found.psnr_db >= psnr_db:
            high = rate
            if len(found.data) <= max_bytes and (best is None or len(found.data) < len(best.data)):
                best = found
        else:
            low = rate
    return best


def _without_comment(jp2: bytes) -> bytes:
    """The same picture without the comment of whoever wrote it (ISO/IEC 15444-1, A.9.2): nothing but pixels."""
    box = jp2.index(_CODESTREAM_BOX) - _BOX_LENGTH.size
    at = box + _BOX_LENGTH.size + len(_CODESTREAM_BOX) + len(_START_OF_CODESTREAM)
    kept = bytearray(jp2)
    while kept[at : at + 2] != _START_OF_TILE:
        size = 2 + int.from_bytes(kept[at + 2 : at + 4], "big")
        if kept[at : at + 2] == _COMMENT:
            del kept[at : at + size]
        else:
            at += size
    if kept[box : box + _BOX_LENGTH.size] != _TO_THE_END:
        kept[box : box + _BOX_LENGTH.size] = _BOX_LENGTH.pack(len(kept) - box)
    return bytes(kept)


def _encoded(small: ColourImage, data: bytes, kind: PortraitFormat) -> EncodedPortrait:
    back = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    height_px, width_px = small.shape[:2]
    assert back is not None, "what was just encoded is read back"
    return EncodedPortrait(data, kind, width_px, height_px, float(cv2.PSNR(small, back)))
