"""The module's picture: 256 x 288 pixels of 16 grey levels, two a byte."""

from __future__ import annotations

WIDTH_PX = 256
HEIGHT_PX = 288
WINDOW_DPI = 500
PICTURE_BYTES = WIDTH_PX * HEIGHT_PX // 2
#: 16 levels spread over 0..255.
GREY_STEP = 17
_HIGH = bytes((value >> 4) * GREY_STEP for value in range(256))
_LOW = bytes((value & 0x0F) * GREY_STEP for value in range(256))


def pack_greys(pixels: bytes) -> bytes:
    """The module's image buffer of an 8-bit picture: the left pixel of two in the high half of a byte."""
    if len(pixels) != WIDTH_PX * HEIGHT_PX:
        raise ValueError("the window is 256 x 288 pixels")
    return bytes(left & 0xF0 | right >> 4 for left, right in zip(pixels[0::2], pixels[1::2], strict=True))


def unpack_greys(packed: bytes) -> bytes:
    """The 8-bit picture of an image buffer."""
    if len(packed) != PICTURE_BYTES:
        raise ValueError("a picture has 36,864 bytes")
    pixels = bytearray(2 * PICTURE_BYTES)
    pixels[0::2] = packed.translate(_HIGH)
    pixels[1::2] = packed.translate(_LOW)
    return bytes(pixels)
