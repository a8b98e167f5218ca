"""What a card's answer to reset says of its abilities (ISO/IEC 7816-3:2006, 8.2; ISO/IEC 7816-4:2013, 12.1.1)."""

from __future__ import annotations

from collections.abc import Iterator

_LOW_NIBBLE = 0x0F
_TD_FOLLOWS = 0x8
_CATEGORY_COMPACT_TLV = 0x80
_CATEGORY_COMPACT_TLV_AND_STATUS = 0x00
_STATUS_BYTES = 3
_TAG_CAPABILITIES = 0x7
_CAPABILITY_TABLE_3 = 2
#: Third software function table: extended Lc and Le fields.
_EXTENDED_LENGTH = 0x40
_GLOBAL_INTERFACE_BYTES, _UNKNOWN_PROTOCOL = 0xF, -1


def has_extended_length(atr: bytes) -> bool:
    """Whether the card says that it takes extended length; False when it says nothing, or nothing well-formed."""
    for tag, value in _compact_tlvs(_historical_bytes(atr)):
        if tag == _TAG_CAPABILITIES and len(value) > _CAPABILITY_TABLE_3:
            return bool(value[_CAPABILITY_TABLE_3] & _EXTENDED_LENGTH)
    return False


def is_t0_only(atr: bytes) -> bool:
    """Whether the card offers T=0 and no other protocol. False for an answer to reset that is cut off or absent."""
    offered = _offered_protocols(atr)
    return len(atr) > 1 and offered <= {0}


def _offered_protocols(atr: bytes) -> set[int]:
    """The protocol that each TD names; T=0 without any (ISO/IEC 7816-3:2006, 8.2.3)."""
    announced, at, offered = (atr[1] >> 4 if len(atr) > 1 else 0), 2, set[int]()
    while announced & _TD_FOLLOWS:
        at += announced.bit_count()
        if at > len(atr):
            return {_UNKNOWN_PROTOCOL}
        announced = atr[at - 1] >> 4
        offered.add(atr[at - 1] & _LOW_NIBBLE)
    return (offered or {0}) - {_GLOBAL_INTERFACE_BYTES}


def _historical_bytes(atr: bytes) -> bytes:
    """Behind TS, T0 and the interface bytes that T0 and each TD announce."""
    if len(atr) < 2:
        return b""
    count, announced, at = atr[1] & _LOW_NIBBLE, atr[1] >> 4, 2
    while announced:
        at += announced.bit_count()
        has_next = announced & _TD_FOLLOWS
        announced = atr[at - 1] >> 4 if has_next and at <= len(atr) else 0
    return atr[at : at + count]


def _compact_tlvs(historical: bytes) -> Iterator[tuple[int, bytes]]:
    if historical[:1] == bytes((_CATEGORY_COMPACT_TLV_AND_STATUS,)):
        body = historical[1:-_STATUS_BYTES]
    elif historical[:1] == bytes((_CATEGORY_COMPACT_TLV,)):
        body = historical[1:]
    else:
        return
    at = 0
    while at < len(body):
        tag, length = body[at] >> 4, body[at] & _LOW_NIBBLE
        yield tag, body[at + 1 : at + 1 + length]
        at += 1 + length
