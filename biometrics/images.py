"""Pictures from outside, decoded with a pixel cap checked before any pixel is unpacked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ImageRefused

if TYPE_CHECKING:
    from PIL.Image import Image

#: Rows x columns, 0 black .. 255 white; ridges are dark.
GreyImage: TypeAlias = NDArray[np.uint8]
#: Rows x columns x 3, red first.
ColourImage: TypeAlias = NDArray[np.uint8]

MAX_PIXELS = 4_000_000
_FORMATS = ("PNG", "JPEG")
_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})


def decode_grey(encoded: bytes, max_pixels: int = MAX_PIXELS) -> GreyImage:
    """The picture as 8-bit grey.

    Raises ImageRefused for anything but a sound PNG or JPEG of at most max_pixels.
    """
    return _decode(encoded, max_pixels, "L")


def decode_rgb(encoded: bytes, max_pixels: int = MAX_PIXELS) -> ColourImage:
    """The picture as 8-bit red, green, blue. Refuses what decode_grey refuses."""
    return _decode(encoded, max_pixels, "RGB")


def _decode(encoded: bytes, max_pixels: int, mode: str) -> NDArray[np.uint8]:
    from PIL import Image as pillow

    try:
        with pillow.open(io.BytesIO(encoded), formats=_FORMATS) as image:
            _check_header(image, max_pixels)
            return np.array(image.convert(mode), dtype=np.uint8)
    except (pillow.DecompressionBombError, pillow.DecompressionBombWarning) as bomb:
        raise ImageRefused("more pixels than allowed") from bomb
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as damage:
        # Pillow reports damage in all of these types; none of their texts is safe to show.
        raise ImageRefused("not a sound PNG or JPEG") from damage


def _check_header(image: Image, max_pixels: int) -> None:
    width_px, height_px = image.size
    if width_px < 1 or height_px < 1 or width_px * height_px > max_pixels:
        raise ImageRefused("more pixels than allowed")
    if image.mode not in _MODES:
        raise ImageRefused("pixel format not supported")
    if getattr(image, "n_frames", 1) != 1:
        raise ImageRefused("animated pictures are not portraits or fingers")
