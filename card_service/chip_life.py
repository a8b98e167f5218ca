"""The life of a chip as the chip tells it, before any channel (docs/card-commands.md, 1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from card_service.errors import CardMisbehaved
from card_service.layout import DO_LIFE_STATE
from card_service.session import CardSession

_STATE_BYTES = 1
SERIAL_BYTES = 8


class LifeState(IntEnum):
    """Where the chip stands in its life; there is no way back from OPERATIONAL."""

    BLANK = 0x00
    PERSONALISING = 0x01
    OPERATIONAL = 0x05


@dataclass(frozen=True)
class ChipLife:
    """``serial`` (8 bytes) is told only before the chip is OPERATIONAL: later it would let cards be tracked."""

    state: LifeState
    serial: bytes | None


def read_chip_life(session: CardSession) -> ChipLife:
    """State and serial; CardMisbehaved when the answer is neither of the two forms."""
    raw = session.get_data(DO_LIFE_STATE)
    try:
        state = LifeState(raw[0])
    except (IndexError, ValueError) as error:
        raise CardMisbehaved("The chip is in no known state of life") from error
    serial = raw[_STATE_BYTES:]
    if len(serial) != (0 if state is LifeState.OPERATIONAL else SERIAL_BYTES):
        raise CardMisbehaved("The chip's serial number has a wrong length")
    return ChipLife(state, serial or None)
