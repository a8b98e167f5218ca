"""A card whose data we signed and whose chip holds the key they name: what every use of a card begins with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date

from card_service.apdu import SW
from card_service.data_groups import (
    Dg1,
    Dg15,
    SpAnchor,
    decode_dg1,
    decode_dg13,
    decode_dg14,
    decode_dg15,
    encode_dg15,
)
from card_service.errors import CardRefused, ChipNotGenuine
from card_service.layout import DATA_GROUPS, EF_SOD, CardFile, Directory, template_file
from card_service.security_object import verify_sod
from card_service.session import CardSession
from card_service.stock_card import StockCard, prove_actively
from card_service.trust import TrustAnchors
from card_service.verdicts import CardNotVerified, CheckReason
from domain.card_number import CardNumber

_ANCHOR, _CHIP_KEY, _RECEIPT_KEY = 13, 14, 15
_STOCK_DATA_GROUPS = {1, 2}
_NO_APPLICATION = (SW.FILE_NOT_FOUND, SW.INS_NOT_SUPPORTED, SW.CLA_NOT_SUPPORTED, SW.CONDITIONS_NOT_SATISFIED)


@dataclass(frozen=True)
class AuthenticCard:
    """Signed by us, not altered, not a copy. Says nothing yet about expiry, revocation or entitlements."""

    session: CardSession
    hashes: Mapping[int, bytes]
    holder: Dg1
    anchor: SpAnchor

    @property
    def card_number(self) -> CardNumber:
        """As signed in DG1 and DG13."""
        return self.holder.card_number

    @property
    def receipt_public_key(self) -> bytes:
        """Point (65 bytes) of the chip's receipt key."""
        return self.anchor.receipt_public_key


def authenticate_card(
    session: CardSession, anchors: TrustAnchors, *, on: date, can: str | None = None
) -> AuthenticCard:
    """As ``authenticate_any`` for one of our own cards; a stock card is CardNotVerified(WRONG_PROFILE)."""
    card = authenticate_any(session, anchors, on=on, can=can)
    if isinstance(card, StockCard):
        raise CardNotVerified(CheckReason.WRONG_PROFILE)
    return card


def authenticate_any(
    session: CardSession, anchors: TrustAnchors, *, on: date, can: str | None = None
) -> AuthenticCard | StockCard:
    """Opens the channel, believes the SOD, makes the chip prove its key, then reads who the card is for.

    Every decision rests on EF.SOD, never on EF.COM or on which files are there. Raises SodRefused, CardNotVerified,
    ChipNotGenuine, DataGroupRefused, or what the session raises.
    """
    try:
        return _authenticate(session, anchors, on=on, can=can)
    except ChipNotGenuine:
        # One spoiled bit on the line looks like a copy: nobody is accused on one answer.
        return _authenticate(session, anchors, on=on, can=can)


def _authenticate(
    session: CardSession, anchors: TrustAnchors, *, on: date, can: str | None
) -> AuthenticCard | StockCard:
    _open_channel(session, can)
    hashes = _read_signed_hashes(session, anchors, on=on)
    if _CHIP_KEY in hashes:
        key = decode_dg14(read_data_group(session, hashes, _CHIP_KEY))
        if key.pace_curve is not session.pace_curve:
            raise CardNotVerified(CheckReason.DATA_ALTERED)
        session.prove_chip(key.ca_public_point, key.ca_key_reference)
    if _ANCHOR not in hashes:
        return _authenticate_stock(session, hashes)
    holder = decode_dg1(read_data_group(session, hashes, 1))
    anchor = decode_dg13(read_data_group(session, hashes, _ANCHOR))
    if anchor.card_number != holder.card_number or not _is_receipt_key_signed(anchor, hashes):
        raise CardNotVerified(CheckReason.DATA_ALTERED)
    return AuthenticCard(session, hashes, holder, anchor)


def _authenticate_stock(session: CardSession, hashes: Mapping[int, bytes]) -> StockCard:
    """A card without social-protection files; without chip authentication its other key must prove it."""
    key = None
    if _RECEIPT_KEY in hashes:
        key = decode_dg15(read_data_group(session, hashes, _RECEIPT_KEY)).aa_public_point
    if _CHIP_KEY not in hashes:
        prove_actively(session, key or b"")
    return StockCard(session, hashes, decode_dg1(read_data_group(session, hashes, 1)), key)


def select_social_protection(session: CardSession) -> None:
    """Make DF SP current; a card whose signed list names DG13 must have it: CardNotVerified(DATA_ALTERED)."""
    try:
        session.select(Directory.SOCIAL_PROTECTION)
    except CardRefused as error:
        if error.sw in _NO_APPLICATION:
            raise CardNotVerified(CheckReason.DATA_ALTERED) from error
        raise


def read_data_group(session: CardSession, hashes: Mapping[int, bytes], number: int) -> bytes:
    """The data group, exactly as signed; CardNotVerified(DATA_ALTERED) otherwise."""
    return _checked(session.find(DATA_GROUPS[number]), hashes[number])


def find_anchored_file(card: AuthenticCard, file: CardFile) -> bytes | None:
    """An immutable social-protection file, exactly as DG13 anchors it; None when it anchors no such file."""
    expected = card.anchor.hashes.get(file.fid)
    return None if expected is None else _checked(card.session.find(file), expected)


def find_anchored_templates(
    card: AuthenticCard, member_index: int, is_renewed: Callable[[bytes], bool]
) -> bytes | None:
    """The member's finger templates as DG13 anchors them, or a newer capture whose SHA-256 ``is_renewed`` confirms.

    None when the member gave no finger; CardNotVerified(DATA_ALTERED) for any other content.
    """
    file = template_file(member_index)
    expected = card.anchor.hashes.get(file.fid)
    if expected is None:
        return None
    found = card.session.find(file) or b""
    for content in _without_padding(found):
        digest = hashlib.sha256(content).digest()
        if digest == expected or is_renewed(digest):
            return content
    raise CardNotVerified(CheckReason.DATA_ALTERED)


def _without_padding(found: bytes) -> Iterator[bytes]:
    """The content of a file with room to spare: a record may itself end in zeros, so each length is a candidate."""
    end = len(found.rstrip(b"\0"))
    return (found[:length] for length in range(end, len(found) + 1))


def _open_channel(session: CardSession, can: str | None) -> None:
    try:
        session.open_with_can(can)
    except CardRefused as error:
        raise CardNotVerified(CheckReason.NOT_OUR_CARD) from error
    try:
        session.select(Directory.EMRTD)
    except CardRefused as error:
        if error.sw in _NO_APPLICATION:
            raise CardNotVerified(CheckReason.NOT_OUR_CARD) from error
        raise


def _read_signed_hashes(session: CardSession, anchors: TrustAnchors, *, on: date) -> Mapping[int, bytes]:
    sod = session.find(EF_SOD)
    if not sod:
        raise CardNotVerified(CheckReason.NOT_SIGNED_BY_US)
    hashes = verify_sod(sod, anchors, at=on).hashes
    if not _is_complete(hashes.keys()):
        # Without DG14 there would be no proof against copies: leaving it out must not help (T-02).
        raise CardNotVerified(CheckReason.DATA_ALTERED)
    return hashes


def _is_complete(listed: Set[int]) -> bool:
    """Whether a signed list names all that its profile needs: with DG13 all of SPC-1, else at least a key."""
    if _ANCHOR in listed:
        return DATA_GROUPS.keys() <= listed
    return listed >= _STOCK_DATA_GROUPS and not listed.isdisjoint({_CHIP_KEY, _RECEIPT_KEY})


def _is_receipt_key_signed(anchor: SpAnchor, hashes: Mapping[int, bytes]) -> bool:
    """DG15 holds the receipt key of DG13. Its one encoding is compared by hash, which saves reading it."""
    encoded = encode_dg15(Dg15(anchor.receipt_public_key))
    return hashlib.sha256(encoded).digest() == hashes[_RECEIPT_KEY]


def _checked(content: bytes | None, expected_hash: bytes) -> bytes:
    if content is None or hashlib.sha256(content).digest() != expected_hash:
        raise CardNotVerified(CheckReason.DATA_ALTERED)
    return content
