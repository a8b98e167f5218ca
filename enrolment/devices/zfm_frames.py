"""The frames of the ZFM-20 family as the host sees them: nothing that is not exactly one is taken for one.

``EF 01 | address 4 | type 1 | length 2 | payload | checksum 2``, big-endian (ZFM-20 user manual, "Communication
protocol"). The checksum is a sum: it sees neither swapped bytes nor equal and opposite errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from enrolment.devices.ports import SensorGarbage

HEADER = b"\xef\x01"
ADDRESS_BYTES = 4
_START_BYTES = len(HEADER) + ADDRESS_BYTES
_TYPE_AND_LENGTH_BYTES = 3
CHECKSUM_BYTES = 2
SHORTEST_PAYLOAD_BYTES = 1
LONGEST_PAYLOAD_BYTES = 256
_CHECKSUM_MASK = 0xFFFF


class FrameKind(IntEnum):
    """What a frame carries."""

    COMMAND = 0x01
    DATA = 0x02
    ACK = 0x07
    END_OF_DATA = 0x08


_ANSWERS = {int(kind): kind for kind in (FrameKind.DATA, FrameKind.ACK, FrameKind.END_OF_DATA)}


@dataclass(frozen=True, slots=True)
class ReceivedFrame:
    """One whole frame from the sensor; ``raw`` is every byte of it."""

    kind: FrameKind
    payload: bytes = field(repr=False)
    raw: bytes = field(repr=False)


def encode_frame(address: int, kind: FrameKind, payload: bytes) -> bytes:
    """The frame's bytes."""
    if not SHORTEST_PAYLOAD_BYTES <= len(payload) <= LONGEST_PAYLOAD_BYTES:
        raise ValueError("a payload has 1 to 256 bytes")
    length = len(payload) + CHECKSUM_BYTES
    checked = bytes([kind]) + length.to_bytes(2, "big") + payload
    return HEADER + address.to_bytes(ADDRESS_BYTES, "big") + checked + _checksum(checked)


def read_frame(take: Callable[[int], bytes], address: int) -> ReceivedFrame:
    """The next frame of that address; ``take`` gives exactly so many bytes of the line, or raises.

    Raises SensorGarbage for any other bytes, as soon as they are seen.
    """
    start = take(_START_BYTES)
    if start != HEADER + address.to_bytes(ADDRESS_BYTES, "big"):
        raise SensorGarbage("the answer does not come from this sensor")
    front = take(_TYPE_AND_LENGTH_BYTES)
    kind = _ANSWERS.get(front[0])
    payload_bytes = int.from_bytes(front[1:], "big") - CHECKSUM_BYTES
    if kind is None or not SHORTEST_PAYLOAD_BYTES <= payload_bytes <= LONGEST_PAYLOAD_BYTES:
        raise SensorGarbage("the answer gives an impossible type or length")
    body = take(payload_bytes + CHECKSUM_BYTES)
    payload = body[:payload_bytes]
    if _checksum(front + payload) != body[payload_bytes:]:
        raise SensorGarbage("the answer is damaged")
    return ReceivedFrame(kind, payload, start + front + body)


def _checksum(checked: bytes) -> bytes:
    return (sum(checked) & _CHECKSUM_MASK).to_bytes(CHECKSUM_BYTES, "big")
