"""The issuer's end of secured personalisation: the keys of one session, from a master key that stays in the token.

GlobalPlatform Amendment D; docs/card-commands.md, 12. The desk never holds more than the keys of the session it opened.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from card_service.scp03_keys import (
    CHALLENGE_BYTES,
    Cmac,
    DerivationConstant,
    Scp03SessionKeys,
    TransportKeyKind,
    derive,
    derive_session_keys,
    transport_key_message,
)

SERIAL_BYTES = 8
SEQUENCE_BYTES = 3
CRYPTOGRAM_BYTES = 8
#: Key version 30, SCP03, i = 70: pseudo-random card challenge, answers with MAC and encryption.
KEY_INFO = bytes.fromhex("300370")


class OpeningRefusal(StrEnum):
    """Why a chip gets no session."""

    MALFORMED = "malformed"
    #: Not SCP03 with our key version: another maker's chip, or one that lost its transport keys.
    KEY_INFO_UNKNOWN = "key_info_unknown"
    #: No batch that we hold the master key of made this cryptogram.
    CHIP_UNKNOWN = "chip_unknown"


@runtime_checkable
class TransportKeys(Protocol):
    """Where the master keys of the batches lie."""

    def transport_batches(self) -> list[str]:
        """Names of the batches whose key is held."""
        ...

    def transport_key_cmac(self, batch: str, data: bytes) -> bytes:
        """AES-CMAC, 16 bytes, with that batch's master key."""
        ...


@dataclass(frozen=True, slots=True)
class ChipOpening:
    """What INITIALIZE UPDATE was asked with and answered."""

    serial: bytes
    key_info: bytes
    host_challenge: bytes
    card_challenge: bytes
    sequence: int
    card_cryptogram: bytes

    @property
    def is_well_formed(self) -> bool:
        lengths = (len(self.serial), len(self.host_challenge), len(self.card_challenge), len(self.card_cryptogram))
        right = (SERIAL_BYTES, CHALLENGE_BYTES, CHALLENGE_BYTES, CRYPTOGRAM_BYTES)
        return lengths == right and 0 <= self.sequence < 1 << 8 * SEQUENCE_BYTES


def open_session(keys: TransportKeys, opening: ChipOpening) -> Scp03SessionKeys | OpeningRefusal:
    """The session's keys for a chip that proved to hold the keys of one of our batches, or why there are none."""
    if not opening.is_well_formed:
        return OpeningRefusal.MALFORMED
    if opening.key_info != KEY_INFO:
        return OpeningRefusal.KEY_INFO_UNKNOWN
    for batch in keys.transport_batches():
        enc, mac = (_static(keys, batch, kind, opening.serial) for kind in (TransportKeyKind.ENC, TransportKeyKind.MAC))
        session = derive_session_keys(
            enc, mac, host_challenge=opening.host_challenge, card_challenge=opening.card_challenge
        )
        if hmac.compare_digest(card_cryptogram(session, opening), opening.card_cryptogram):
            return session
    return OpeningRefusal.CHIP_UNKNOWN


def card_cryptogram(session: Scp03SessionKeys, opening: ChipOpening) -> bytes:
    """What the chip must have answered (Amendment D, 6.2.2.2)."""
    context = opening.host_challenge + opening.card_challenge
    return derive(_cmac_of(session.mac), DerivationConstant.CARD_CRYPTOGRAM, context, CRYPTOGRAM_BYTES)


def _static(keys: TransportKeys, batch: str, kind: TransportKeyKind, serial: bytes) -> Cmac:
    """The use of one chip's own key; of the batch's key nothing but this comes out of the token."""
    return _cmac_of(keys.transport_key_cmac(batch, transport_key_message(kind, serial)))


def _cmac_of(key: bytes) -> Cmac:
    def use(message: bytes) -> bytes:
        mac = CMAC(AES(key))
        mac.update(message)
        return mac.finalize()

    return use
