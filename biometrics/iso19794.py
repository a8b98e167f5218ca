"""ISO/IEC 19794-2:2005 templates.

The record format and the compact card format, read and written strictly.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Sequence

from biometrics.engine import Engine
from biometrics.errors import TemplateMalformed, TemplateUnencodable
from biometrics.template import ANGLE_STEPS, MAX_QUALITY, Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition

# ISO/IEC 19794-2:2005, 7.3 (record header): identifier, version, length, capture device, size,
# resolution, views.
_RECORD_HEADER = struct.Struct(">4s4sIHHHHHBB")
_FORMAT_IDENTIFIER = b"FMR\0"
_FORMAT_VERSION = b" 20\0"
_CAPTURE_DEVICE_UNKNOWN = 0
# 7.4 (view header): finger position, view number and impression type, finger quality, number of minutiae.
_VIEW_HEADER = struct.Struct(">BBBB")
_LIVE_SCAN_PLAIN = 0
_IMPRESSION_TYPES = 16
# 7.5 (minutia): type and x, reserved and y, angle, quality.
_MINUTIA = struct.Struct(">HHBB")
_TYPE_SHIFT = 14
_COORDINATE_MASK = (1 << _TYPE_SHIFT) - 1
_EXTENDED_LENGTH = struct.Struct(">H")
_EXTENDED_BLOCK_HEADER = struct.Struct(">HH")
# 7.6.1 (extended data): types from 0x0100 on are each maker's own, so ours says whose it is.
_OUR_BLOCK_TYPE = 0x5357
_OUR_BLOCK = struct.Struct(">4sBB")
_OUR_MARK = b"SWE1"
_ENGINE_CODES = {None: 0, Engine.CLASSICAL: 1, Engine.LEADER: 2}
_ENGINES = {code: engine for engine, code in _ENGINE_CODES.items()}
_NFIQ2_UNKNOWN = 255
#: ISO/IEC 19794-1 writes "no quality could be computed" so; some makers do it in minutiae too.
_QUALITY_NOT_COMPUTED = (254, 255)
# Clause 8 (compact card format): three bytes a minutia, x and y in 0.1 mm, two bits of type and six of angle.
_COMPACT_MINUTIA = struct.Struct(">BBB")
_COMPACT_UNITS_PER_INCH = 254
_COMPACT_ANGLE_SHIFT = 6
_COMPACT_ANGLE_STEPS = 1 << _COMPACT_ANGLE_SHIFT
_COMPACT_ANGLE_MASK = _COMPACT_ANGLE_STEPS - 1
_COMPACT_DPI = 500
_BYTE_MAX = 0xFF
#: One byte counts minutiae and views.
MAX_MINUTIAE = 255
MAX_VIEWS = 255
_VIEWS_PER_FINGER = 16
_CM_PER_INCH = 2.54


def encode_record(templates: Sequence[Template]) -> bytes:
    """One ISO record with a view per template; the header carries the largest picture size.

    Raises TemplateUnencodable when there is nothing to write, resolutions differ, or a count or coordinate
    does not fit. Resolution is stored in pixels per centimetre, so dpi comes back within 2.
    """
    if not 1 <= len(templates) <= MAX_VIEWS:
        raise TemplateUnencodable("a record holds 1 to 255 views")
    if len({t.dpi for t in templates}) != 1:
        raise TemplateUnencodable("all views of a record share one resolution")
    views = b"".join(_encode_view(t, number) for t, number in zip(templates, _view_numbers(templates), strict=True))
    per_cm = round(templates[0].dpi / _CM_PER_INCH)
    width_px, height_px = max(t.width_px for t in templates), max(t.height_px for t in templates)
    if max(width_px, height_px) > _COORDINATE_MASK or not 1 <= per_cm <= _COORDINATE_MASK:
        raise TemplateUnencodable("picture size or resolution does not fit")
    header = _RECORD_HEADER.pack(
        _FORMAT_IDENTIFIER,
        _FORMAT_VERSION,
        _RECORD_HEADER.size + len(views),
        _CAPTURE_DEVICE_UNKNOWN,
        width_px,
        height_px,
        per_cm,
        per_cm,
        len(templates),
        0,
    )
    return header + views


def _view_numbers(templates: Sequence[Template]) -> list[int]:
    """Views of one finger are numbered from 0 (7.4.2.2)."""
    seen: Counter[FingerPosition] = Counter()
    numbers = []
    for template in templates:
        numbers.append(seen[template.position])
        seen[template.position] += 1
    if max(numbers) >= _VIEWS_PER_FINGER:
        raise TemplateUnencodable("a record holds at most 16 views of one finger")
    return numbers


def _encode_view(template: Template, number: int) -> bytes:
    if len(template.minutiae) > MAX_MINUTIAE:
        raise TemplateUnencodable("a view holds at most 255 minutiae")
    header = _VIEW_HEADER.pack(
        template.position, number << 4 | _LIVE_SCAN_PLAIN, template.quality, len(template.minutiae)
    )
    minutiae = b"".join(
        _MINUTIA.pack(m.kind << _TYPE_SHIFT | m.x_px, m.y_px, m.angle_256, m.quality) for m in template.minutiae
    )
    return header + minutiae + _encode_extended_data(template)


def _encode_extended_data(template: Template) -> bytes:
    """The engine and the NFIQ 2 value in a block of ours; nothing where neither is known."""
    if template.engine is None and template.nfiq2 is None:
        return _EXTENDED_LENGTH.pack(0)
    nfiq2 = _NFIQ2_UNKNOWN if template.nfiq2 is None else template.nfiq2
    block = _OUR_BLOCK.pack(_OUR_MARK, _ENGINE_CODES[template.engine], nfiq2)
    header = _EXTENDED_BLOCK_HEADER.pack(_OUR_BLOCK_TYPE, _EXTENDED_BLOCK_HEADER.size + len(block))
    return _EXTENDED_LENGTH.pack(len(header) + len(block)) + header + block


class _Reader:
    """Walks through the bytes and refuses to look past their end."""

    def __init__(self, encoded: bytes) -> None:
        self._bytes = encoded
        self._at = 0

    def take(self, layout: struct.Struct) -> tuple[int, ...]:
        return layout.unpack(self.take_bytes(layout.size))

    def take_bytes(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._bytes):
            raise TemplateMalformed("ends too early")
        chunk = self._bytes[self._at : end]
        self._at = end
        return chunk

    @property
    def left(self) -> int:
        return len(self._bytes) - self._at


def decode_record(encoded: bytes) -> tuple[Template, ...]:
    """The views of an ISO record, ours or another maker's; others' extended data is checked and left aside.

    Raises TemplateMalformed for a wrong identifier, version, length, count or coordinate, and for
    trailing bytes.
    """
    reader = _Reader(encoded)
    identifier, version, length, _device, width_px, height_px, x_per_cm, y_per_cm, views, reserved = (
        _RECORD_HEADER.unpack(reader.take_bytes(_RECORD_HEADER.size))
    )
    if identifier != _FORMAT_IDENTIFIER or version != _FORMAT_VERSION:
        raise TemplateMalformed("not a finger minutiae record of 2005")
    if length != len(encoded):
        raise TemplateMalformed("stated length is not the length")
    if not width_px or not height_px or not x_per_cm or x_per_cm != y_per_cm or reserved:
        raise TemplateMalformed("impossible picture size, resolution or reserved byte")
    if not views:
        raise TemplateMalformed("a record without a view")
    dpi = round(x_per_cm * _CM_PER_INCH)
    templates = tuple(_decode_view(reader, width_px, height_px, dpi) for _ in range(views))
    if reader.left:
        raise TemplateMalformed("trailing bytes")
    return templates


def _decode_view(reader: _Reader, width_px: int, height_px: int, dpi: int) -> Template:
    position, _view_and_impression, quality, count = reader.take(_VIEW_HEADER)
    if position > max(FingerPosition):
        raise TemplateMalformed("no such finger")
    minutiae = tuple(_decode_minutia(reader, width_px, height_px) for _ in range(count))
    engine, nfiq2 = _decode_extended_data(reader)
    return Template(
        width_px, height_px, dpi, FingerPosition(position), _quality(quality), minutiae, engine=engine, nfiq2=nfiq2
    )


def _decode_minutia(reader: _Reader, width_px: int, height_px: int) -> Minutia:
    kind_and_x, reserved_and_y, angle_256, quality = reader.take(_MINUTIA)
    kind, x_px = kind_and_x >> _TYPE_SHIFT, kind_and_x & _COORDINATE_MASK
    if kind > max(MinutiaKind) or reserved_and_y >> _TYPE_SHIFT:
        raise TemplateMalformed("reserved bits are set")
    if x_px >= width_px or reserved_and_y >= height_px:
        raise TemplateMalformed("minutia outside the picture")
    return Minutia(x_px, reserved_and_y, angle_256, MinutiaKind(kind), _quality(quality))


def _quality(stored: int) -> int:
    if stored in _QUALITY_NOT_COMPUTED:
        return 0
    if stored > MAX_QUALITY:
        raise TemplateMalformed("quality above 100")
    return stored


def _decode_extended_data(reader: _Reader) -> tuple[Engine | None, int | None]:
    """The engine and NFIQ 2 value of our own block; other makers' blocks are checked and left aside.

    Each block states its own length, and together they must fill the stated length.
    """
    (left,) = reader.take(_EXTENDED_LENGTH)
    known: tuple[Engine | None, int | None] = (None, None)
    while left:
        kind, length = reader.take(_EXTENDED_BLOCK_HEADER)
        if length < _EXTENDED_BLOCK_HEADER.size or length > left:
            raise TemplateMalformed("extended data lies about its length")
        content = reader.take_bytes(length - _EXTENDED_BLOCK_HEADER.size)
        if kind == _OUR_BLOCK_TYPE and content.startswith(_OUR_MARK):
            known = _decode_our_block(content)
        left -= length
    return known


def _decode_our_block(content: bytes) -> tuple[Engine | None, int | None]:
    if len(content) != _OUR_BLOCK.size:
        raise TemplateMalformed("our block has another length")
    _mark, engine, nfiq2 = _OUR_BLOCK.unpack(content)
    if engine not in _ENGINES or (nfiq2 > MAX_QUALITY and nfiq2 != _NFIQ2_UNKNOWN):
        raise TemplateMalformed("our block holds an unknown engine or an impossible NFIQ 2 value")
    return _ENGINES[engine], None if nfiq2 == _NFIQ2_UNKNOWN else nfiq2


def encode_card(template: Template, max_minutiae: int = MAX_MINUTIAE) -> bytes:
    """The compact card form: three bytes a minutia, sorted by y then x; position and picture size are not
    in it.

    Where there are more than max_minutiae, the weakest go first and, among equals, those farthest from
    the centre of mass. Raises TemplateUnencodable for a minutia beyond 25.5 mm.
    """
    kept = _strongest(template.minutiae, min(max_minutiae, MAX_MINUTIAE))
    rows = sorted((_compact(m, template.dpi) for m in kept), key=lambda row: (row[1], row[0], row[2]))
    return b"".join(_COMPACT_MINUTIA.pack(*row) for row in rows)


def _strongest(minutiae: Sequence[Minutia], limit: int) -> Sequence[Minutia]:
    if len(minutiae) <= limit:
        return minutiae
    centre_x = sum(m.x_px for m in minutiae) / len(minutiae)
    centre_y = sum(m.y_px for m in minutiae) / len(minutiae)
    by_strength = sorted(minutiae, key=lambda m: (-m.quality, math.hypot(m.x_px - centre_x, m.y_px - centre_y)))
    return by_strength[:limit]


def _compact(minutia: Minutia, dpi: int) -> tuple[int, int, int]:
    x = round(minutia.x_px * _COMPACT_UNITS_PER_INCH / dpi)
    y = round(minutia.y_px * _COMPACT_UNITS_PER_INCH / dpi)
    if max(x, y) > _BYTE_MAX:
        raise TemplateUnencodable("minutia beyond the 25.5 mm of the compact card form")
    angle = round(minutia.angle_256 * _COMPACT_ANGLE_STEPS / ANGLE_STEPS) % _COMPACT_ANGLE_STEPS
    return x, y, minutia.kind << _COMPACT_ANGLE_SHIFT | angle


def decode_card(encoded: bytes, position: FingerPosition = FingerPosition.UNKNOWN) -> Template:
    """The minutiae of a compact card template, on a 500 dpi picture just large enough for them.

    The form carries neither finger nor qualities: the caller says the finger, and qualities are 0 (not
    known). Raises TemplateMalformed when the bytes are no whole number of minutiae, more than 255, or use
    a reserved type.
    """
    if len(encoded) % _COMPACT_MINUTIA.size or len(encoded) > MAX_MINUTIAE * _COMPACT_MINUTIA.size:
        raise TemplateMalformed("not a whole number of minutiae")
    minutiae = tuple(_from_compact(*row) for row in _COMPACT_MINUTIA.iter_unpack(encoded))
    width_px = max((m.x_px for m in minutiae), default=0) + 1
    height_px = max((m.y_px for m in minutiae), default=0) + 1
    return Template(width_px, height_px, _COMPACT_DPI, position, 0, minutiae)


def _from_compact(x: int, y: int, kind_and_angle: int) -> Minutia:
    kind = kind_and_angle >> _COMPACT_ANGLE_SHIFT
    if kind > max(MinutiaKind):
        raise TemplateMalformed("reserved minutia type")
    angle_256 = (kind_and_angle & _COMPACT_ANGLE_MASK) * ANGLE_STEPS // _COMPACT_ANGLE_STEPS
    scale = _COMPACT_DPI / _COMPACT_UNITS_PER_INCH
    return Minutia(round(x * scale), round(y * scale), angle_256, MinutiaKind(kind), 0)
