"""A QR code in a camera's picture: read in the camera's process, so that a hostile picture can only end that one."""

from __future__ import annotations

import cv2
import numpy as np

from enrolment.devices.ports import CameraFrame

#: ISO/IEC 18004, version 40 with the lowest correction: no QR code holds more characters.
MOST_CHARACTERS = 4_296
#: Larger frames are made smaller first: time and memory stay bounded whatever the camera gives.
_MOST_PIXELS = 1_920 * 1_080
#: A second look at twice the size finds small modules that the first one misses.
_SCALES = (1.0, 2.0)


def decode_qr(frame: CameraFrame) -> str | None:
    """The text of the code in the picture; None when there is none, or none that can be read."""
    pixels = np.frombuffer(frame.rgb, dtype=np.uint8).reshape(frame.height_px, frame.width_px, 3)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    for scale in _SCALES:
        text = _decode(_scaled(grey, scale))
        if text:
            return text
    return None


def _scaled(grey: np.ndarray, scale: float) -> np.ndarray:
    most = (_MOST_PIXELS / grey.size) ** 0.5
    factor = min(scale, most)
    if factor == 1.0:
        return grey
    way = cv2.INTER_AREA if factor < 1.0 else cv2.INTER_CUBIC
    return cv2.resize(grey, None, fx=factor, fy=factor, interpolation=way)


def _decode(grey: np.ndarray) -> str | None:
    try:
        text, _, _ = cv2.QRCodeDetector().detectAndDecode(grey)
    except (cv2.error, UnicodeDecodeError):
        return None  # OpenCV gives up on some pictures with an error of its own
    return text if 0 < len(text) <= MOST_CHARACTERS else None
