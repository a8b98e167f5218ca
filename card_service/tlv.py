"""BER-TLV data objects with DER lengths, decoded strictly (ISO/IEC 7816-4:2013, 5.2.2; X.690, 10.1).

One level is decoded at a time: there is no recursion, so a hostile card cannot exhaust the stack, and the
size is capped before anything is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from domain.errors import ProjectError

MAX_TLV_BYTES = 65_536
MAX_DEPTH = 16
MAX_TAG_BYTES = 3

_CONSTRUCTED = 0x20
_LONG_TAG = 0x1F
_MORE_TAG_BYTES = 0x80
_LONG_LENGTH = 0x80
_MAX_LENGTH_BYTES = 3


class TlvError(ProjectError):
    """Bytes that are no strict BER-TLV, or a data object that is absent."""

    code = "card.tlv_malformed"
    message_key = "error.card_unreadable"


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object: the tag as it stands in the bytes (``0x7F49``), and its value."""

    tag: int
    value: bytes

    @property
    def is_constructed(self) -> bool:
        """Whether the value is itself a sequence of data objects."""
        return bool(_tag_bytes(self.tag)[0] & _CONSTRUCTED)

    def encode(self) -> bytes:
        """Tag, length and value."""
        return encode_tlv(self.tag, self.value)

    def children(self) -> tuple[Tlv, ...]:
        """The data objects inside; a primitive object has none to give and is refused."""
        if not self.is_constructed:
            raise TlvError("A primitive data object has no children")
        return decode_tlvs(self.value)


@dataclass(frozen=True, slots=True)
class TlvHeader:
    """Tag and length as they stand at the beginning of a file: enough to know how much to read."""

    tag: int
    header_bytes: int
    value_bytes: int

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole object."""
        return self.header_bytes + self.value_bytes


def encode_tlv(tag: int, value: bytes) -> bytes:
    """Tag, shortest length, value."""
    if len(value) > MAX_TLV_BYTES:
        raise TlvError("The value is larger than any file of a card")
    return _tag_bytes(tag) + _length_bytes(len(value)) + value


def decode_tlv_header(data: bytes) -> TlvHeader:
    """Tag and length at the start of ``data``; the value may be cut off or followed by other bytes."""
    tag, offset = _read_tag(data)
    length, offset = _read_length(data, offset)
    return TlvHeader(tag, offset, length)


def decode_tlv_one(data: bytes) -> Tlv:
    """The single data object that fills ``data`` exactly."""
    objects = decode_tlvs(data)
    if len(objects) != 1:
        raise TlvError(f"Exactly one data object expected, {len(objects)} found")
    return objects[0]


def decode_tlvs(data: bytes) -> tuple[Tlv, ...]:
    """All data objects of one level; refuses truncation, trailing bytes and lengths longer than needed."""
    if len(data) > MAX_TLV_BYTES:
        raise TlvError("Larger than 65,536 bytes")
    objects, offset, size = [], 0, len(data)
    while offset < size:
        # Most objects have one byte of tag and one of length; a chip's every command decodes several.
        tag = data[offset]
        if tag and tag & _LONG_TAG != _LONG_TAG and offset + 1 < size and data[offset + 1] < _LONG_LENGTH:
            start, end = offset + 2, offset + 2 + data[offset + 1]
            if end > size:
                raise TlvError("The value is cut off")
            objects.append(Tlv(tag, data[start:end]))
            offset = end
            continue
        header = decode_tlv_header(data[offset : offset + MAX_TAG_BYTES + _MAX_LENGTH_BYTES + 1])
        start, end = offset + header.header_bytes, offset + header.total_bytes
        if end > size:
            raise TlvError("The value is cut off")
        objects.append(Tlv(header.tag, data[start:end]))
        offset = end
    return tuple(objects)


def find_tlv(objects: Iterable[Tlv], tag: int) -> Tlv | None:
    """The object with this tag, or None; the same tag twice is refused."""
    found = [each for each in objects if each.tag == tag]
    if len(found) > 1:
        raise TlvError(f"Tag {tag:X} occurs twice")
    return found[0] if found else None


def get_value(data: bytes, *path: int) -> bytes:
    """The value reached by entering one tag after the other, from the objects in ``data``."""
    if not 1 <= len(path) <= MAX_DEPTH:
        raise TlvError("A path has 1 to 16 tags")
    for tag in path:
        found = find_tlv(decode_tlvs(data), tag)
        if found is None:
            raise TlvError(f"Tag {tag:X} is missing")
        data = found.value
    return data


@lru_cache(maxsize=256)
def _tag_bytes(tag: int) -> bytes:
    raw = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big") if tag > 0 else b""
    if not raw or _read_tag(raw) != (tag, len(raw)):
        raise TlvError("Not a BER tag")
    return raw


def _length_bytes(length: int) -> bytes:
    if length < _LONG_LENGTH:
        return bytes((length,))
    body = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((_LONG_LENGTH | len(body),)) + body


def _read_tag(data: bytes) -> tuple[int, int]:
    """Tag and the offset behind it; 5F0E (ICAO 9303-10) is allowed though X.690 would shorten it."""
    if not data or data[0] == 0:
        raise TlvError("No tag")
    end = 1
    if data[0] & _LONG_TAG == _LONG_TAG:
        while True:
            if end >= len(data) or end >= MAX_TAG_BYTES:
                raise TlvError("The tag is cut off or too long")
            end += 1
            if not data[end - 1] & _MORE_TAG_BYTES:
                break
        if data[1] == _MORE_TAG_BYTES:
            raise TlvError("The tag has a leading zero")
    return int.from_bytes(data[:end], "big"), end


def _read_length(data: bytes, offset: int) -> tuple[int, int]:
    if offset >= len(data):
        raise TlvError("The length is missing")
    first = data[offset]
    if first < _LONG_LENGTH:
        return first, offset + 1
    count = first - _LONG_LENGTH
    body = data[offset + 1 : offset + 1 + count]
    if not 1 <= count <= _MAX_LENGTH_BYTES or len(body) != count:
        raise TlvError("The length is indefinite, too long or cut off")
    length = int.from_bytes(body, "big")
    if length < _LONG_LENGTH or body[0] == 0:
        raise TlvError("The length is not in its shortest form")
    return length, offset + 1 + count
