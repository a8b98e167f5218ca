"""EF.ATR/INFO: how long commands and answers may be with extended length (ISO/IEC 7816-4:2013, 12.7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.errors import CardMisbehaved
from card_service.tlv import TlvError, decode_tlvs, encode_tlv, find_tlv

_TAG_EXTENDED_LENGTH, _TAG_INTEGER = 0x7F66, 0x02
_MAX_INTEGER_BYTES = 3
_SHORTEST_EXTENDED = 261  # a short command has at most so many bytes


@dataclass(frozen=True, slots=True)
class BufferSizes:
    """The longest command and answer that the card takes and gives, in bytes of the whole APDU."""

    command_bytes: int
    answer_bytes: int


#: What an SPC-1 card announces: any reader carries it, and no file needs more.
OUR_BUFFERS = BufferSizes(command_bytes=32_767, answer_bytes=32_767)


def encode_atr_info(sizes: BufferSizes) -> bytes:
    """The content of EF.ATR/INFO."""
    numbers = b"".join(
        encode_tlv(_TAG_INTEGER, _to_integer(each)) for each in (sizes.command_bytes, sizes.answer_bytes)
    )
    return encode_tlv(_TAG_EXTENDED_LENGTH, numbers)


def decode_atr_info(content: bytes) -> BufferSizes | None:
    """The sizes in that file among whatever else it says; None when it says nothing of extended length.

    CardMisbehaved when it is malformed: then nothing of it is believed.
    """
    try:
        announced = find_tlv(decode_tlvs(content), _TAG_EXTENDED_LENGTH)
        if announced is None:
            return None
        numbers = [(each.tag, each.value) for each in announced.children()]
    except TlvError as error:
        raise CardMisbehaved("EF.ATR/INFO is malformed") from error
    if [tag for tag, _ in numbers] != [_TAG_INTEGER, _TAG_INTEGER]:
        raise CardMisbehaved("EF.ATR/INFO names other things than two lengths")
    sizes = BufferSizes(*(_from_integer(value) for _, value in numbers))
    return sizes if min(sizes.command_bytes, sizes.answer_bytes) > _SHORTEST_EXTENDED else None


def _to_integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _from_integer(value: bytes) -> int:
    if not 1 <= len(value) <= _MAX_INTEGER_BYTES:
        raise CardMisbehaved("A length of EF.ATR/INFO has 1 to 3 bytes")
    return int.from_bytes(value, "big")
