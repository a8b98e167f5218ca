"""How long a card session takes: the link's share from byte counts, the chip's from its scalar multiplications.

Only what the standards fix is counted: characters, block borders and the shortest waits between frames. A reader's
own delays and a chip's file handling come on top, so these figures are a floor, never a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

CARRIER_HZ = 13_560_000.0  # ISO/IEC 14443-2:2020, 7.1
_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """What one block and one byte cost on a link. ``frame_ms`` is a block without bytes, its wait included."""

    block_bytes: int
    byte_ms: float
    frame_ms: float


def _contactless(divisor: int) -> LinkTiming:
    """ISO/IEC 14443 type A. ``divisor`` is carrier cycles in one bit: 128 is 106 kbit/s."""
    bit_ms = divisor / CARRIER_HZ * _MS_PER_S
    byte_bits = 9  # eight and odd parity; ISO/IEC 14443-3:2018, 6.2.3
    border_bits = 2  # start and end of communication
    block_overhead_bytes = 3  # PCB and two of CRC; ISO/IEC 14443-4:2018, 7.1
    frame_delay_ms = 1172 / CARRIER_HZ * _MS_PER_S  # shortest, both ways; ISO/IEC 14443-3:2018, 6.2.1
    frame_bits = block_overhead_bytes * byte_bits + border_bits
    # Frames of at most 256 bytes (FSC = 256).
    return LinkTiming(256 - block_overhead_bytes, byte_bits * bit_ms, frame_bits * bit_ms + frame_delay_ms)


def _contact(baud: int) -> LinkTiming:
    """T=1 of ISO/IEC 7816-3:2006 with the largest information field."""
    unit_ms = _MS_PER_S / baud
    character_units = 11  # start, eight, parity, and the shortest guard time of T=1; 11.2
    block_overhead_characters = 4  # NAD, PCB, LEN, LRC; 11.3.1
    block_guard_units = 22  # 11.4.3
    frame_units = block_overhead_characters * character_units + block_guard_units
    return LinkTiming(254, character_units * unit_ms, frame_units * unit_ms)


class LinkSpeed(Enum):
    """The links that a card may be read through."""

    CONTACTLESS_106 = _contactless(128)
    CONTACTLESS_212 = _contactless(64)
    CONTACTLESS_424 = _contactless(32)
    CONTACTLESS_848 = _contactless(16)
    CONTACT_9600 = _contact(9_600)
    CONTACT_115200 = _contact(115_200)
    CONTACT_250000 = _contact(250_000)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and its answer in bytes as they pass the link, status word included, and the chip's work."""

    command_len: int
    answer_len: int
    scalar_multiplications: int = 0
    written_pages: int = 0


@dataclass(frozen=True, slots=True)
class ChipSpeed:
    """The chip's own pace. 30 ms a multiplication and 3 ms a page are assumed for a current chip, not measured."""

    ms_per_multiplication: float = 30.0
    ms_per_page: float = 3.0


@dataclass(frozen=True, slots=True)
class DelayModel:
    """A link and a chip of this pace: how long a card that is given them takes for real."""

    link: LinkSpeed
    chip: ChipSpeed = ChipSpeed()

    def delay_s(self, exchange: Exchange) -> float:
        """How long the exchange takes."""
        link_ms = exchange_time_ms(exchange.command_len, exchange.answer_len, self.link)
        return (link_ms + chip_time_ms(exchange, self.chip)) / _MS_PER_S


def exchange_time_ms(command_len: int, answer_len: int, link: LinkSpeed) -> float:
    """The link's share of one exchange: every block but the last of a side is acknowledged by a block without bytes."""
    timing = link.value
    blocks = _blocks(command_len, timing) + _blocks(answer_len, timing)
    acknowledgements = blocks - 2
    frames = blocks + acknowledgements
    return (command_len + answer_len) * timing.byte_ms + frames * timing.frame_ms


def floor_ms(exchanges: Sequence[Exchange], link: LinkSpeed) -> float:
    """What the bytes alone cost on this link: no protocol can be faster."""
    return sum(each.command_len + each.answer_len for each in exchanges) * link.value.byte_ms


def chip_time_ms(exchange: Exchange, chip: ChipSpeed) -> float:
    """The chip's share of one exchange."""
    arithmetic_ms = exchange.scalar_multiplications * chip.ms_per_multiplication
    return arithmetic_ms + exchange.written_pages * chip.ms_per_page


def modelled_session_ms(
    exchanges: Sequence[Exchange], link: LinkSpeed, ms_per_multiplication: float, ms_per_page: float = 0.0
) -> float:
    """The whole session on this link with a chip of this pace; memory pages count only if a time is given."""
    chip = ChipSpeed(ms_per_multiplication, ms_per_page)
    link_ms = sum(exchange_time_ms(each.command_len, each.answer_len, link) for each in exchanges)
    return link_ms + sum(chip_time_ms(each, chip) for each in exchanges)


def _blocks(length: int, timing: LinkTiming) -> int:
    return max(1, -(-length // timing.block_bytes))
