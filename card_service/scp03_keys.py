"""Keys of one SCP03 session, derived where the master key lies (GlobalPlatform Amendment D, 4.1.5 and 6.2).

Pure: the keys themselves are used through a function, so that a token can hold them. A desk never calls this; it is
given the session's keys (``scp03.SessionKeySource``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

KEY_BYTES = 16
CHALLENGE_BYTES = 8
_LABEL_ZEROS = bytes(11)
_SEPARATOR, _FIRST_BLOCK = b"\0", b"\1"
_BITS_PER_BYTE = 8

#: Full AES-CMAC (16 bytes) of a message under one key.
Cmac = Callable[[bytes], bytes]


class TransportKeyKind(IntEnum):
    """What goes before the chip's serial when its keys are derived from the master key of its batch."""

    ENC = 1
    MAC = 2
    DEK = 3


class DerivationConstant(IntEnum):
    """What a derivation is for (Amendment D, table 4-1)."""

    CARD_CRYPTOGRAM = 0x00
    HOST_CRYPTOGRAM = 0x01
    CARD_CHALLENGE = 0x02
    S_ENC = 0x04
    S_MAC = 0x06
    S_RMAC = 0x07


@dataclass(frozen=True)
class Scp03SessionKeys:
    """Three AES-128 keys that are worth nothing after the session. Never logged, never shown."""

    enc: bytes
    mac: bytes
    rmac: bytes

    def __post_init__(self) -> None:
        if any(len(key) != KEY_BYTES for key in (self.enc, self.mac, self.rmac)):
            raise ValueError("A key of AES-128 has 16 bytes")

    def __repr__(self) -> str:
        return "Scp03SessionKeys(…)"


def transport_key_message(kind: TransportKeyKind, chip_serial: bytes) -> bytes:
    """The message whose AES-CMAC under the master key of the batch is that chip's key."""
    return bytes((kind,)) + chip_serial


def derive_session_keys(enc: Cmac, mac: Cmac, *, host_challenge: bytes, card_challenge: bytes) -> Scp03SessionKeys:
    """The keys of the session with these challenges (8 bytes each); ``enc`` and ``mac`` use the chip's static keys."""
    if (len(host_challenge), len(card_challenge)) != (CHALLENGE_BYTES, CHALLENGE_BYTES):
        raise ValueError("A challenge has 8 bytes")
    context = host_challenge + card_challenge
    return Scp03SessionKeys(
        enc=derive(enc, DerivationConstant.S_ENC, context, KEY_BYTES),
        mac=derive(mac, DerivationConstant.S_MAC, context, KEY_BYTES),
        rmac=derive(mac, DerivationConstant.S_RMAC, context, KEY_BYTES),
    )


def derive(cmac: Cmac, constant: DerivationConstant, context: bytes, length: int) -> bytes:
    """KDF in counter mode (NIST SP 800-108) with AES-CMAC; up to 16 bytes, so one block."""
    bits = (length * _BITS_PER_BYTE).to_bytes(2, "big")
    return cmac(_LABEL_ZEROS + bytes((constant,)) + _SEPARATOR + bits + _FIRST_BLOCK + context)[:length]
