"""How often an officer's card may countersign, counted by the card itself (docs/card-commands.md, 11)."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from card_service.ecdsa_raw import SIGNATURE_BYTES, is_signed_by
from card_service.errors import CardError, CardMisbehaved
from card_service.layout import DO_QUOTA_GRANT, DO_QUOTA_STATE
from card_service.session import CardSession
from card_service.signing import Signer
from card_service.tlv import TlvError, decode_tlvs, encode_tlv

#: What an officer's card is given at first (RSBY: one card for 300 families).
USUAL_QUOTA = 300
_PREFIX = b"QUOT"
_TAG_NUMBER, _TAG_QUOTA, _TAG_SIGNATURE = 0xC0, 0xC1, 0xC2
_TAGS = (_TAG_NUMBER, _TAG_QUOTA, _TAG_SIGNATURE)
_STATE = struct.Struct(">HII")
_QUOTA = struct.Struct(">H")
_NUMBER = struct.Struct(">I")


class QuotaUsedUp(CardError):
    """The card refuses one more signature: the office must grant a new quota."""

    code = "card.quota_used_up"
    message_key = "error.card_quota_used_up"


class QuotaGrantMalformed(CardError):
    """Bytes that are no quota grant, or numbers that do not fit into one."""

    code = "card.quota_grant_malformed"
    message_key = "error.card_package"


@dataclass(frozen=True)
class Quota:
    """``remaining`` signatures; the number of the last grant (0: none yet); how many the card has made in all."""

    remaining: int
    last_grant: int
    signatures: int


@dataclass(frozen=True)
class QuotaGrant:
    """From grant ``number`` on the card may sign ``quota`` times; ``signature`` (64 bytes) by the quota authority."""

    number: int
    quota: int
    signature: bytes


def read_quota(session: CardSession) -> Quota:
    """Where the card's quota stands. Raises CardRefused on a card without one."""
    raw = session.get_data(DO_QUOTA_STATE)
    if len(raw) != _STATE.size:
        raise CardMisbehaved("The state of the quota has 10 bytes")
    return Quota(*_STATE.unpack(raw))


def write_quota_grant(session: CardSession, grant: bytes) -> Quota:
    """Gives the card a grant and reads what it made of it. CardRefused: 6985 not newer, 6A80 not for it."""
    session.put_data(DO_QUOTA_GRANT, grant)
    return read_quota(session)


def sign_quota_grant(card_public_key: bytes, *, number: int, quota: int, signer: Signer) -> bytes:
    """The grant for the card with that key (02, 65-byte point): the data of PUT DATA 0203."""
    return encode_quota_grant(QuotaGrant(number, quota, signer.sign(grant_message(card_public_key, number, quota))))


def is_grant_for(grant: QuotaGrant, card_public_key: bytes, authority_public_key: bytes) -> bool:
    """Whether the quota authority signed this grant for the card with that key."""
    message = grant_message(card_public_key, grant.number, grant.quota)
    return is_signed_by(authority_public_key, grant.signature, message)


def grant_message(card_public_key: bytes, number: int, quota: int) -> bytes:
    """What the quota authority signs."""
    return _PREFIX + hashlib.sha256(card_public_key).digest() + _pack(_NUMBER, number) + _pack(_QUOTA, quota)


def encode_quota_grant(grant: QuotaGrant) -> bytes:
    """The data of PUT DATA 0203."""
    values = (_pack(_NUMBER, grant.number), _pack(_QUOTA, grant.quota), grant.signature)
    if len(grant.signature) != SIGNATURE_BYTES:
        raise QuotaGrantMalformed("A signature has 64 bytes")
    return b"".join(encode_tlv(tag, value) for tag, value in zip(_TAGS, values, strict=True))


def decode_quota_grant(raw: bytes) -> QuotaGrant:
    """The grant in exactly these bytes."""
    try:
        objects = decode_tlvs(raw)
    except TlvError as error:
        raise QuotaGrantMalformed("A quota grant is malformed") from error
    if tuple(each.tag for each in objects) != _TAGS:
        raise QuotaGrantMalformed("A quota grant has three objects in their order")
    number, quota, signature = (each.value for each in objects)
    if (len(number), len(quota), len(signature)) != (_NUMBER.size, _QUOTA.size, SIGNATURE_BYTES):
        raise QuotaGrantMalformed("A field of a quota grant has a wrong length")
    return QuotaGrant(_NUMBER.unpack(number)[0], _QUOTA.unpack(quota)[0], signature)


def _pack(form: struct.Struct, number: int) -> bytes:
    try:
        return form.pack(number)
    except struct.error as error:
        raise QuotaGrantMalformed("A number does not fit into a quota grant") from error
