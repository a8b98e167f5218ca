"""The frames of the ZFM-20 family, as the module sees them (ZFM-20 user manual, "Communication protocol").

``EF 01 | address 4 | type 1 | length 2 | payload | checksum 2``, big-endian. The length counts payload and checksum;
the checksum is the sum of type, length bytes and payload, modulo 65536.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

HEADER = b"\xef\x01"
BROADCAST_ADDRESS = 0xFFFFFFFF
FIXED_BYTES = 9
CHECKSUM_BYTES = 2
MAX_PAYLOAD_BYTES = 256
CHECKSUM_MASK = 0xFFFF


class FrameType(IntEnum):
    """What a frame carries."""

    COMMAND = 0x01
    DATA = 0x02
    ACK = 0x07
    END_OF_DATA = 0x08


class FrameError(ValueError):
    """These bytes are no frame."""


@dataclass(frozen=True)
class Frame:
    """One frame on the line."""

    address: int
    type: FrameType
    payload: bytes

    def encode(self) -> bytes:
        """The frame's bytes."""
        if len(self.payload) > MAX_PAYLOAD_BYTES:
            raise FrameError("payload too long")
        length = len(self.payload) + CHECKSUM_BYTES
        checked = struct.pack(">BH", self.type, length) + self.payload
        return HEADER + struct.pack(">I", self.address) + checked + struct.pack(">H", checksum(checked))


def checksum(checked: bytes) -> int:
    """The additive 16-bit checksum over type, length and payload."""
    return sum(checked) & CHECKSUM_MASK


def decode(data: bytes) -> Frame:
    """The one frame that these bytes are; FrameError on anything else, trailing bytes included."""
    frame, used = take(data)
    if frame is None or used != len(data):
        raise FrameError("not exactly one frame")
    return frame


def take(data: bytes) -> tuple[Frame | None, int]:
    """The first whole frame in the bytes and how many bytes it took; (None, 0) when more bytes are needed.

    Raises FrameError when the bytes cannot become a frame.
    """
    if not HEADER.startswith(data[: len(HEADER)]):
        raise FrameError("no header")
    if len(data) < FIXED_BYTES:
        return None, 0
    address, frame_type, length = struct.unpack(">IBH", data[len(HEADER) : FIXED_BYTES])
    if not CHECKSUM_BYTES <= length <= MAX_PAYLOAD_BYTES + CHECKSUM_BYTES:
        raise FrameError("impossible length")
    end = FIXED_BYTES + length
    if len(data) < end:
        return None, 0
    body_end = end - CHECKSUM_BYTES
    if checksum(data[6:body_end]) != int.from_bytes(data[body_end:end], "big"):
        raise FrameError("wrong checksum")
    try:
        kind = FrameType(frame_type)
    except ValueError as error:
        raise FrameError("unknown frame type") from error
    return Frame(address, kind, data[FIXED_BYTES:body_end]), end
