"""Private keys that are made in the chip and never leave it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from card_service.apdu import SW
from hardware_sim.card.curve import BRAINPOOL_P256R1, FIELD_BYTES, P256, Curve
from hardware_sim.card.memory import NonVolatileMemory
from hardware_sim.card.status import StatusError

KEY_SEGMENTS = "key/"


class KeyUsage(IntEnum):
    """What a key may do: the tag of its control reference template (ISO/IEC 7816-4:2013, table 54)."""

    AGREEMENT = 0xA6
    SIGNATURE = 0xB6


@dataclass(frozen=True, slots=True, repr=False)
class ChipKey:
    """A private key and its one permitted use."""

    usage: KeyUsage
    scalar: int


class KeyStore:
    """Keys by directory and reference."""

    def __init__(self, memory: NonVolatileMemory, agreement_curve: Curve) -> None:
        self._memory = memory
        self._agreement_curve = agreement_curve

    def generate(self, directory: int, reference: int, usage: KeyUsage) -> bytes:
        """Make a key pair, replacing one with the same reference; returns the public point."""
        curve = self._agreement_curve if usage is KeyUsage.AGREEMENT else P256
        scalar = curve.random_scalar()
        segment = f"{KEY_SEGMENTS}{directory:04X}/{reference:02X}"
        self._memory.put(segment, bytes((usage,)) + scalar.to_bytes(FIELD_BYTES, "big"))
        return curve.public_point(scalar)

    def get(self, reference: int, usage: KeyUsage, *, current_directory: int) -> ChipKey:
        """The key with this reference and use, in the current DF first, then in the others; else 6A88."""
        names = self._memory.names(f"{KEY_SEGMENTS}{current_directory:04X}/") + self._memory.names(KEY_SEGMENTS)
        for name in names:
            raw = self._memory.read(name)
            if name.endswith(f"/{reference:02X}") and raw[:1] == bytes((usage,)):
                return ChipKey(usage, int.from_bytes(raw[1:], "big"))
        raise StatusError(SW.REFERENCE_NOT_FOUND)


def other_key(raw: bytes) -> bytes:
    """A stored key of the same use with another number, small enough for either curve."""
    scalar = min(P256.random_scalar(), BRAINPOOL_P256R1.random_scalar())
    return raw[:1] + scalar.to_bytes(FIELD_BYTES, "big")
