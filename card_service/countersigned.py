"""What an officer's card signs when a new card is to be activated: the same bytes at kiosk and registry."""

from __future__ import annotations

import hashlib

from domain.card_number import CardNumber

_PURPOSE = b"ACTIVATE"


def activation_hash(card_number: CardNumber, readback_digest: bytes) -> bytes:
    """SHA-256 over purpose, card number (ASCII) and read-back digest (32 bytes): the hash to countersign."""
    return hashlib.sha256(_PURPOSE + card_number.encode("ascii") + readback_digest).digest()
