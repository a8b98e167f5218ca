"""The keys that protect a chip on its way from its maker to the issuer (docs/card-commands.md, 12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from hardware_sim.card.chip import TRANSPORT_SEGMENTS
from hardware_sim.card.key_derivation import KEY_BYTES
from hardware_sim.card.memory import NonVolatileMemory

KEYS_SEGMENT = TRANSPORT_SEGMENTS + "keys"


class TransportKeyKind(IntEnum):
    """What goes before the serial in the derivation from the batch's master key."""

    ENCRYPTION = 1
    AUTHENTICATION = 2
    DATA_ENCRYPTION = 3


@dataclass(frozen=True, slots=True, repr=False)
class TransportKeys:
    """One chip's three AES-128 keys."""

    encryption: bytes
    authentication: bytes
    data_encryption: bytes

    @classmethod
    def of_chip(cls, master_key: bytes, serial: bytes) -> TransportKeys:
        """What the chip's maker puts in."""
        return cls(*(_cmac(master_key, bytes((kind,)) + serial) for kind in TransportKeyKind))

    @classmethod
    def held(cls, memory: NonVolatileMemory) -> TransportKeys | None:
        """The chip's own; None when it was given none, or has erased them."""
        raw = memory.read(KEYS_SEGMENT)
        return cls(*(raw[at : at + KEY_BYTES] for at in range(0, len(raw), KEY_BYTES))) if raw else None

    def encode(self) -> bytes:
        """As the chip's memory keeps them."""
        return self.encryption + self.authentication + self.data_encryption


def erase_transport_keys(memory: NonVolatileMemory) -> None:
    """For ever. A part of a transaction if one is open."""
    if memory.has(KEYS_SEGMENT):
        memory.put(KEYS_SEGMENT, b"")


def _cmac(key: bytes, message: bytes) -> bytes:
    cmac = CMAC(algorithms.AES(key))
    cmac.update(message)
    return cmac.finalize()
