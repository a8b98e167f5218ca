"""What lies in EF.EntA and EF.EntB: a version, the limits that the chip itself enforces, and the signed statement."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from card_service.errors import CardError
from card_service.layout import STATEMENT_SLOT_BYTES
from card_service.tlv import TlvError, decode_tlv_header, decode_tlvs, encode_tlv

_TAG_VERSION, _TAG_LIMITS, _TAG_STATEMENT = 0xC0, 0xC1, 0xC2
_TAGS = (_TAG_VERSION, _TAG_LIMITS, _TAG_STATEMENT)
_VERSION = struct.Struct(">I")
_LIMIT = struct.Struct(">III")
_UINT32_MAX = 0xFFFF_FFFF


class StatementSlotMalformed(CardError):
    """Bytes that are no statement slot, or a statement too large for one."""

    code = "card.statement_slot_malformed"
    message_key = "error.card_unreadable"


@dataclass(frozen=True)
class Limit:
    """At most ``units`` of a programme in a period, as the chip enforces it."""

    scheme: int
    period: int
    units: int


@dataclass(frozen=True)
class StatementSlot:
    """``statement`` is a COSE_Sign1 whose lines must say the same as ``limits`` (verification.py compares)."""

    version: int
    limits: tuple[Limit, ...]
    statement: bytes


def encode_slot(slot: StatementSlot) -> bytes:
    """The data of PUT DATA 0201; StatementSlotMalformed when they do not fit into a slot."""
    numbers = [slot.version, *(number for each in slot.limits for number in _numbers(each))]
    if not all(0 <= number <= _UINT32_MAX for number in numbers):
        raise StatementSlotMalformed("A number does not fit into four bytes")
    limits = b"".join(_LIMIT.pack(*_numbers(each)) for each in slot.limits)
    values = (_VERSION.pack(slot.version), limits, slot.statement)
    content = b"".join(encode_tlv(tag, value) for tag, value in zip(_TAGS, values, strict=True))
    if len(content) > STATEMENT_SLOT_BYTES:
        raise StatementSlotMalformed("The statement is larger than a slot of the card")
    return content


def decode_slot(content: bytes) -> StatementSlot:
    """The slot in exactly these bytes."""
    try:
        objects = decode_tlvs(content)
    except TlvError as error:
        raise StatementSlotMalformed("A statement slot is malformed") from error
    if tuple(each.tag for each in objects) != _TAGS:
        raise StatementSlotMalformed("A statement slot has three objects in their order")
    version, limits, statement = (each.value for each in objects)
    if len(version) != _VERSION.size or len(limits) % _LIMIT.size:
        raise StatementSlotMalformed("A field of a statement slot has a wrong length")
    rows = tuple(Limit(*row) for row in _LIMIT.iter_unpack(limits))
    return StatementSlot(_VERSION.unpack(version)[0], rows, statement)


def is_whole_slot(beginning: bytes) -> bool:
    """Whether the beginning of a slot's file holds all of its statement, or shows that there is none."""
    end = 0
    for _ in _TAGS:
        try:
            end += decode_tlv_header(beginning[end:]).total_bytes
        except TlvError:
            return not any(beginning)
    return end <= len(beginning)


def decode_slot_file(content: bytes) -> StatementSlot | None:
    """The slot in a whole file, whose unused bytes are zero; None when the file holds nothing yet."""
    if not any(content):
        return None
    end = 0
    for _ in _TAGS:
        try:
            end += decode_tlv_header(content[end:]).total_bytes
        except TlvError as error:
            raise StatementSlotMalformed("A statement slot is malformed") from error
    if any(content[end:]):
        raise StatementSlotMalformed("Bytes behind the statement")
    return decode_slot(content[:end])


def _numbers(limit: Limit) -> tuple[int, int, int]:
    return limit.scheme, limit.period, limit.units
