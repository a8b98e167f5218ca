"""One finger's picture as an ISO/IEC 19794-4:2011 record: what certified scanners give.

Written and read strictly: one representation of one finger, 8 bits a pixel, not packed, as plain pixels, PNG or
lossless JPEG 2000. WSQ and lossy pictures, certification and extended data blocks are refused: nobody at the desk
needs them.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from PIL import Image

from domain.errors import ProjectError
from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerImage

# Table 2, general header: format, version, length, representations, certification flag, fingers.
_GENERAL = struct.Struct(">4s4sIHBB")
_FORMAT = b"FIR\0"
_VERSION = b"020\0"
# Table 4, representation header, up to the quality blocks: length, date and time, technology, vendor, type, blocks.
_CAPTURE = struct.Struct(">IHBBBBBHBHHB")
_QUALITY = struct.Struct(">BHH")
# Table 4, the rest: position, number, unit, four sampling rates, depth, compression, impression, width, height.
_PICTURE = struct.Struct(">BBBHHHHBBBHH")
_DATA_LENGTH = struct.Struct(">I")
_UNKNOWN_YEAR = 0xFFFF
_NO_DATE = (_UNKNOWN_YEAR, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFFFF)
_QUALITY_UNKNOWN = 255
_MOST_QUALITY = 100
# Who computed a quality: ISO/IEC JTC 1/SC 37 itself, and its numbers for the unified score of NFIQ 2 in both editions
# of ISO/IEC 29794-4 (2017: revisions 0 to 2; 2024: revisions 0 to 3). Its other numbers are single measures of NFIQ 2.
_SC37 = 0x0101
_NFIQ2_ALGORITHMS = frozenset({0x01, 0x17, 0x18, 0x21, 0x37, 0x38, 0x39})
_NFIQ2_WRITTEN = 0x39
_PER_INCH, _PER_CM = 1, 2
_CM_PER_INCH = 2.54
_DEPTH_BITS = 8
_LIVE_SCAN_PLAIN = 0
_FEWEST_DPI, _MOST_DPI = 250, 1010
#: A slap scanner's whole window: no single finger needs more, and no picture is unpacked beyond it.
MOST_PIXELS = 1600 * 1500
_US_A_MS = 1000
#: ISO/IEC 15444-1, A.4.4: the last marker of a codestream. OpenJPEG fills what is missing with something likely.
_END_OF_CODESTREAM = b"\xff\xd9"


class PictureCoding(IntEnum):
    """Table 9: how the pixels are written."""

    PLAIN = 0
    JPEG_2000_LOSSLESS = 5
    PNG = 6


_PILLOW_NAMES = {PictureCoding.JPEG_2000_LOSSLESS: "JPEG2000", PictureCoding.PNG: "PNG"}


class FingerImageRecordMalformed(ProjectError):
    """These bytes are no record that we read."""

    code = "sensor.record_malformed"
    message_key = "error.sensor_garbage"


@dataclass(frozen=True, slots=True)
class FingerImageRecord:
    """A picture, whose finger it is, its quality (0–100, None: unknown) and when it was taken (None: unknown)."""

    image: FingerImage
    position: FingerPosition
    quality: int | None = None
    captured_at: datetime | None = None


def encode_finger_image(record: FingerImageRecord, coding: PictureCoding = PictureCoding.PLAIN) -> bytes:
    """The record's bytes. Raises ValueError for what does not fit its fields."""
    image = record.image
    if image.width_px * image.height_px > MOST_PIXELS or not _FEWEST_DPI <= image.dpi <= _MOST_DPI:
        raise ValueError("picture size or resolution does not fit")
    blocks = [] if record.quality is None else [_QUALITY.pack(record.quality, 0, 0)]
    blocks += [] if image.nfiq2 is None else [_QUALITY.pack(image.nfiq2, _SC37, _NFIQ2_WRITTEN)]
    data = _packed_pixels(image, coding)
    dpi, size = image.dpi, (image.width_px, image.height_px)
    picture = _PICTURE.pack(
        record.position, 0, _PER_INCH, dpi, dpi, dpi, dpi, _DEPTH_BITS, coding, _LIVE_SCAN_PLAIN, *size
    )
    body = b"".join((*blocks, picture, _DATA_LENGTH.pack(len(data)), data))
    length = _CAPTURE.size + len(body)
    capture = _CAPTURE.pack(length, *_date_fields(record.captured_at), 0, 0, 0, len(blocks))
    return _GENERAL.pack(_FORMAT, _VERSION, _GENERAL.size + length, 1, 0, 1) + capture + body


def decode_finger_image(data: bytes) -> FingerImageRecord:
    """The record in exactly these bytes. Raises FingerImageRecordMalformed for anything else."""
    try:
        return _decoded(data)
    except (struct.error, ValueError) as error:
        raise FingerImageRecordMalformed("not a finger image record that we read") from error


def _decoded(data: bytes) -> FingerImageRecord:
    form, version, length, representations, certified, fingers = _GENERAL.unpack_from(data)
    if (form, version, representations, certified, fingers) != (_FORMAT, _VERSION, 1, 0, 1) or length != len(data):
        raise ValueError("not one finger of ISO/IEC 19794-4:2011")
    inner, *fields = _CAPTURE.unpack_from(data, _GENERAL.size)
    if inner != len(data) - _GENERAL.size:
        raise ValueError("the lengths disagree")
    date, blocks = tuple(fields[:7]), fields[-1]
    at = _GENERAL.size + _CAPTURE.size
    quality, nfiq2 = _qualities(data, at, blocks)
    at += blocks * _QUALITY.size
    position, _number, unit, _, _, across, down, depth, coding, _how, width_px, height_px = _PICTURE.unpack_from(
        data, at
    )
    at += _PICTURE.size
    (picture_bytes,) = _DATA_LENGTH.unpack_from(data, at)
    at += _DATA_LENGTH.size
    if picture_bytes != len(data) - at or depth != _DEPTH_BITS or across != down:
        raise ValueError("a picture that we do not read")
    pixels = _unpacked_pixels(data[at:], PictureCoding(coding), width_px, height_px)
    image = FingerImage(pixels, width_px, height_px, _dpi(unit, across), nfiq2)
    return FingerImageRecord(image, FingerPosition(position), quality, _date_of(date))


def _qualities(data: bytes, at: int, blocks: int) -> tuple[int | None, int | None]:
    """The best score of the makers' own algorithms, and NFIQ 2; without one of either, None."""
    makers: list[int] = []
    nfiq2: int | None = None
    for number in range(blocks):
        score, vendor, algorithm = _QUALITY.unpack_from(data, at + number * _QUALITY.size)
        if _MOST_QUALITY < score < _QUALITY_UNKNOWN:
            raise ValueError("an impossible quality")
        if score == _QUALITY_UNKNOWN:
            continue
        if vendor != _SC37:
            makers.append(score)
        elif algorithm in _NFIQ2_ALGORITHMS:
            nfiq2 = score
    return max(makers, default=nfiq2), nfiq2


def _dpi(unit: int, rate: int) -> int:
    if unit not in (_PER_INCH, _PER_CM):
        raise ValueError("an unknown unit")
    dpi = rate if unit == _PER_INCH else round(rate * _CM_PER_INCH)
    if not _FEWEST_DPI <= dpi <= _MOST_DPI:
        raise ValueError("an impossible resolution")
    return dpi


def _packed_pixels(image: FingerImage, coding: PictureCoding) -> bytes:
    if coding is PictureCoding.PLAIN:
        return image.pixels
    packed = io.BytesIO()
    picture = Image.frombytes("L", (image.width_px, image.height_px), image.pixels)
    picture.save(packed, _PILLOW_NAMES[coding])
    return packed.getvalue()


def _unpacked_pixels(data: bytes, coding: PictureCoding, width_px: int, height_px: int) -> bytes:
    if not 0 < width_px * height_px <= MOST_PIXELS:
        raise ValueError("more pixels than a finger has, or none")
    if coding is PictureCoding.PLAIN:
        if len(data) != width_px * height_px:
            raise ValueError("the pixels do not fill the picture")
        return data
    if coding is PictureCoding.JPEG_2000_LOSSLESS and not data.endswith(_END_OF_CODESTREAM):
        raise ValueError("the picture is cut off")
    try:
        with Image.open(io.BytesIO(data), formats=[_PILLOW_NAMES[coding]]) as picture:
            if picture.size != (width_px, height_px) or picture.mode != "L":
                raise ValueError("the picture is not what the header says")
            return picture.tobytes()
    except (OSError, SyntaxError, EOFError) as error:
        raise ValueError("the picture cannot be unpacked") from error


def _date_fields(instant: datetime | None) -> tuple[int, ...]:
    if instant is None:
        return _NO_DATE
    utc = instant.astimezone(UTC)
    return (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond // _US_A_MS)


def _date_of(fields: tuple[int, ...]) -> datetime | None:
    if fields[0] == _UNKNOWN_YEAR:
        return None
    *whole, milliseconds = fields
    year, month, day, hour, minute, second = whole
    return datetime(year, month, day, hour, minute, second, milliseconds * _US_A_MS, tzinfo=UTC)
