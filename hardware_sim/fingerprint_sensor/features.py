"""The module's own feature files: what its two buffers, its flash and instructions 0x08 and 0x09 carry.

Proprietary, as the makers' are: no other program can make minutiae of a standard out of one. One capture is 256 bytes:
mark, number of minutiae, quality, then four bytes a minutia (x 9 bits, y 9 bits, direction 8 bits, kind 2 bits, 4 bits
unused), the rest zero. A template is two captures of one finger, 512 bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MARK = b"ZS"
CAPTURE_BYTES = 256
TEMPLATE_BYTES = 2 * CAPTURE_BYTES
_HEADER = struct.Struct(">2sBB")
_POINT = struct.Struct(">I")
MOST_POINTS = (CAPTURE_BYTES - _HEADER.size) // _POINT.size
MOST_QUALITY = 100
_X_SHIFT, _Y_SHIFT, _ANGLE_SHIFT, _KIND_SHIFT = 23, 14, 6, 4
_COORDINATE_MASK, _ANGLE_MASK, _KIND_MASK, _UNUSED_MASK = 0x1FF, 0xFF, 0x03, 0x0F


class FeaturesMalformed(ValueError):
    """These bytes are no feature file of this module."""


@dataclass(frozen=True, slots=True)
class FeaturePoint:
    """One minutia as the module keeps it; ``angle_256`` counts 1/256 turns."""

    x_px: int
    y_px: int
    angle_256: int
    kind: int


@dataclass(frozen=True, slots=True)
class Features:
    """One capture of a finger; never shown in a traceback."""

    quality: int
    points: tuple[FeaturePoint, ...]

    def __repr__(self) -> str:
        return f"Features({len(self.points)} points)"


def encode_capture(features: Features) -> bytes:
    """The 256 bytes of one capture. Raises FeaturesMalformed for what does not fit."""
    if len(features.points) > MOST_POINTS or not 0 <= features.quality <= MOST_QUALITY:
        raise FeaturesMalformed("more than one capture holds")
    body = b"".join(_POINT.pack(_packed(point)) for point in features.points)
    return (_HEADER.pack(MARK, len(features.points), features.quality) + body).ljust(CAPTURE_BYTES, b"\0")


def decode_capture(data: bytes) -> Features:
    """The capture in exactly these 256 bytes. Raises FeaturesMalformed."""
    if len(data) != CAPTURE_BYTES:
        raise FeaturesMalformed("a capture is 256 bytes")
    mark, count, quality = _HEADER.unpack_from(data)
    end = _HEADER.size + count * _POINT.size
    if mark != MARK or count > MOST_POINTS or quality > MOST_QUALITY or any(data[end:]):
        raise FeaturesMalformed("not a capture of this module")
    points = tuple(_unpacked(value) for (value,) in _POINT.iter_unpack(data[_HEADER.size : end]))
    return Features(quality, points)


def split_template(data: bytes) -> tuple[bytes, ...]:
    """The captures in a buffer: one, or the two of a template. Raises FeaturesMalformed for any other length.

    A single capture comes back from the host with zeros behind it: buffers are sent whole.
    """
    if len(data) == TEMPLATE_BYTES and not any(data[CAPTURE_BYTES:]):
        data = data[:CAPTURE_BYTES]
    if len(data) not in (CAPTURE_BYTES, TEMPLATE_BYTES):
        raise FeaturesMalformed("a buffer holds one capture or two")
    return tuple(data[start : start + CAPTURE_BYTES] for start in range(0, len(data), CAPTURE_BYTES))


def _packed(point: FeaturePoint) -> int:
    if max(point.x_px, point.y_px) > _COORDINATE_MASK or min(point.x_px, point.y_px) < 0:
        raise FeaturesMalformed("a minutia outside the window")
    if not (0 <= point.angle_256 <= _ANGLE_MASK and 0 <= point.kind <= _KIND_MASK):
        raise FeaturesMalformed("an impossible minutia")
    return point.x_px << _X_SHIFT | point.y_px << _Y_SHIFT | point.angle_256 << _ANGLE_SHIFT | point.kind << _KIND_SHIFT


def _unpacked(value: int) -> FeaturePoint:
    if value & _UNUSED_MASK:
        raise FeaturesMalformed("unused bits are set")
    return FeaturePoint(
        value >> _X_SHIFT & _COORDINATE_MASK,
        value >> _Y_SHIFT & _COORDINATE_MASK,
        value >> _ANGLE_SHIFT & _ANGLE_MASK,
        value >> _KIND_SHIFT & _KIND_MASK,
    )
