"""The live pictures of the scanner's window, as JPEG."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator

from PIL import Image

from hardware_sim.sbi_device.scanner import Scanner

#: At least three a second ("Device Stream Response").
FRAME_S = 0.1
EMPTY = Image.new("L", (256, 288), 255)


def stream_frames(scanner: Scanner, is_over: Callable[[], bool]) -> Iterator[bytes]:
    """A picture every tenth of a second until it is over."""
    while not is_over():
        yield _jpeg(scanner)
        time.sleep(FRAME_S)


def _jpeg(scanner: Scanner) -> bytes:
    placed = scanner.placed
    picture = EMPTY
    if placed is not None:
        picture = Image.frombytes("L", (placed.image.width_px, placed.image.height_px), placed.image.pixels)
    packed = io.BytesIO()
    picture.save(packed, "JPEG")
    return packed.getvalue()
