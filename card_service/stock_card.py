"""A certified eMRTD from stock (profile SPC-0): it identifies its holder and signs receipts, and counts nothing.

Without a counter on the card, offline double spending is bounded by the desk's caps only (docs/card-commands.md, 13).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from card_service.apdu import CLA_PLAIN, INS_INTERNAL_AUTHENTICATE, CommandApdu
from card_service.data_groups import Dg1
from card_service.ecdsa_raw import SIGNATURE_BYTES, is_signed_by
from card_service.errors import CardRefused, ChipNotGenuine
from card_service.session import CardSession
from domain.card_number import CardNumber

CHALLENGE_BYTES = 8
_RECEIPT_PREFIX = b"RCP0"


class SpcProfile(StrEnum):
    """What a card can do; follows from the signed list of its data groups, never from what the card says."""

    #: Ours: entitlements, ledger with a counter, templates of a family.
    SPC_1 = "spc-1"
    #: From stock: identity and receipts only.
    SPC_0 = "spc-0"


@dataclass(frozen=True)
class StockCard:
    """Signed by us, not altered, not a copy. ``receipt_public_key`` is the point of DG15, or None without one."""

    session: CardSession
    hashes: Mapping[int, bytes]
    holder: Dg1
    receipt_public_key: bytes | None

    @property
    def card_number(self) -> CardNumber:
        """As signed in DG1."""
        return self.holder.card_number


def make_stock_receipt(card: StockCard, record: bytes) -> bytes:
    """64 bytes: the chip's signature that it was present at this record. Checked before it is returned.

    Raises CardRefused (also when the card has no key for it), ChipNotGenuine, CardGone.
    """
    challenge = receipt_challenge(record)
    return sign_actively(card.session, challenge, card.receipt_public_key or b"")


def verify_stock_receipt(record: bytes, receipt: bytes, receipt_public_key: bytes) -> bool:
    """Whether the chip with that key (DG15, 65-byte point) was present at this record."""
    return is_signed_by(receipt_public_key, receipt, receipt_challenge(record))


def receipt_challenge(record: bytes) -> bytes:
    """What the chip signs for a record: the first 8 bytes of SHA-256 over ``"RCP0"`` and the record."""
    return hashlib.sha256(_RECEIPT_PREFIX + record).digest()[:CHALLENGE_BYTES]


def prove_actively(session: CardSession, public_key: bytes) -> None:
    """Active authentication (ICAO 9303-11, 6.1) with a fresh challenge; ChipNotGenuine when the key is not there."""
    sign_actively(session, secrets.token_bytes(CHALLENGE_BYTES), public_key)


def sign_actively(session: CardSession, challenge: bytes, public_key: bytes) -> bytes:
    """The chip's raw signature over the challenge, verified."""
    command = CommandApdu(CLA_PLAIN, INS_INTERNAL_AUTHENTICATE, 0, 0, challenge, SIGNATURE_BYTES)
    response = session.send(command)
    if not response.is_ok:
        raise CardRefused(response.sw, INS_INTERNAL_AUTHENTICATE)
    if not is_signed_by(public_key, response.data, challenge):
        raise ChipNotGenuine("The chip does not hold the key of DG15")
    return response.data
