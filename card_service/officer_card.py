"""The officer's card: the same files as any card, and a key that countersigns what its holder answers for."""

from __future__ import annotations

from card_service.apdu import CLA_PLAIN, INS_PSO, SW, CommandApdu
from card_service.authentic_card import AuthenticCard
from card_service.delivery_receipt import HASH_BYTES, verify_countersignature
from card_service.ecdsa_raw import SIGNATURE_BYTES
from card_service.errors import CardRefused, ChipNotGenuine, TerminalRefused
from card_service.quota import QuotaUsedUp
from card_service.terminal_authentication import TerminalCredential
from card_service.verified_card import VerifiedCard

__all__ = ["countersign", "verify_countersignature"]

_P1_SIGNATURE, _P2_HASH = 0x9E, 0x9A


def countersign(card: VerifiedCard | AuthenticCard, credential: TerminalCredential, hash32: bytes) -> bytes:
    """64 bytes, raw ECDSA by the officer card's key over ``"SIGN" || hash32``; checked before it is returned.

    ``credential`` needs COUNTERSIGN: TerminalRefused otherwise. QuotaUsedUp when the card signed as often as it may;
    the same hash as the last one again costs nothing.
    """
    if len(hash32) != HASH_BYTES:
        raise ValueError("A SHA-256 hash has 32 bytes")
    card.session.show_credential(credential)
    command = CommandApdu(CLA_PLAIN, INS_PSO, _P1_SIGNATURE, _P2_HASH, hash32, SIGNATURE_BYTES)
    response = card.session.send(command)
    if response.sw == SW.CONDITIONS_NOT_SATISFIED:
        raise QuotaUsedUp("The card's quota of signatures is used up")
    if response.sw == SW.SECURITY_STATUS:
        raise TerminalRefused("The card does not countersign for this terminal")
    if not response.is_ok:
        raise CardRefused(response.sw, INS_PSO)
    if not verify_countersignature(hash32, response.data, card.receipt_public_key):
        raise ChipNotGenuine("The countersignature was not made by the key of this card")
    return response.data
