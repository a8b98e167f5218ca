"""What the chip says of itself before any command: the answer to reset, and EF.ATR/INFO."""

from __future__ import annotations

from functools import reduce
from operator import xor

from card_service.tlv import encode_tlv
from hardware_sim.card.file_header import (
    TAG_ACCESS_RULE,
    TAG_DESCRIPTOR,
    TAG_FCP,
    TAG_FILE_ID,
    TAG_SHORT_ID,
    TAG_SIZE,
)
from hardware_sim.card.file_system import ATR_INFO_FILE_ID, MASTER_FILE_ID, content_segment, header_segment
from hardware_sim.card.profile import ChipProfile, ChipProtocol

_T0_START = bytes.fromhex("3B0A")  # no interface bytes: T=0, no check byte (ISO/IEC 7816-3:2006, 8.2)
_T1_START = bytes.fromhex("3B8A8131FE45")  # T=1, IFSC 254 (ISO/IEC 7816-3:2006, 8.2)
_CONTACTLESS_START = bytes.fromhex("3B8A8001")  # PC/SC part 3, 3.1.3.2.3.1: ATR made from an ATS
# Compact TLV (ISO/IEC 7816-4:2013, 12.1.1): capabilities, then card issuer's data.
_CATEGORY, _CAPABILITIES, _ISSUER_DATA = b"\x80", bytes.fromhex("739601"), b"\x54"
_CHAINING, _EXTENDED_LENGTH = 0x80, 0x40  # third table of software functions

# EF.ATR/INFO (ISO/IEC 7816-4:2013, 12.7.1)
ATR_INFO_SHORT_ID = 0x1D
TAG_EXTENDED_LENGTH = 0x7F66
TAG_INTEGER = 0x02
_READ_ALWAYS = bytes.fromhex("000000FF0000FF0000")
_TRANSPARENT = b"\x01"


def answer_to_reset(profile: ChipProfile, *, is_contact: bool) -> bytes:
    """The ATR; without contacts the one that a reader makes from the chip's historical bytes."""
    historical = _historical_bytes(profile)
    if is_contact and profile.protocol is ChipProtocol.T0:
        return _T0_START + historical
    body = (_T1_START if is_contact else _CONTACTLESS_START) + historical
    return body + bytes((reduce(xor, body[1:]),))


def atr_info_segments(profile: ChipProfile) -> dict[str, bytes]:
    """EF.ATR/INFO as the chip's maker writes it; nothing for a chip without extended length."""
    if not profile.announces_extended_length:
        return {}
    lengths = (profile.longest_command_bytes, profile.longest_answer_bytes)
    numbers = b"".join(encode_tlv(TAG_INTEGER, length.to_bytes(2, "big")) for length in lengths)
    content = encode_tlv(TAG_EXTENDED_LENGTH, numbers)
    control = (
        encode_tlv(TAG_DESCRIPTOR, _TRANSPARENT)
        + encode_tlv(TAG_FILE_ID, ATR_INFO_FILE_ID.to_bytes(2, "big"))
        + encode_tlv(TAG_SIZE, len(content).to_bytes(2, "big"))
        + encode_tlv(TAG_SHORT_ID, bytes((ATR_INFO_SHORT_ID,)))
        + encode_tlv(TAG_ACCESS_RULE, _READ_ALWAYS)
    )
    place = (MASTER_FILE_ID, ATR_INFO_FILE_ID)
    return {header_segment(*place): encode_tlv(TAG_FCP, control), content_segment(*place): content}


def _historical_bytes(profile: ChipProfile) -> bytes:
    functions = _CHAINING | (_EXTENDED_LENGTH if profile.announces_extended_length else 0)
    return _CATEGORY + _CAPABILITIES + bytes((functions,)) + _ISSUER_DATA + profile.functions.encode("ascii")
