"""The signed list of cards to refuse: the whole list, or what changed between two of its numbers (docs/adr/0010).

The signature (COSE_Sign1 by an entitlement signer) is over a short head, which names the content by its SHA-256; the
content travels beside it. So a list may be long and a reader of COSE stays small.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from card_service.cose import (
    CborValue,
    ContentType,
    CoseFault,
    CoseRefused,
    decode_cbor,
    encode_cbor,
    open_cose,
    sign_cose,
)
from card_service.packed_numbers import PackedNumbers, PackedNumbersMalformed, number_bytes, pack_numbers
from card_service.signing import Signer
from card_service.trust import TrustAnchors
from domain.card_number import CardNumber
from domain.errors import ProjectError

#: 1 was the list of before, all numbers as text under the signature.
FORMAT = 2
HASH_BYTES = 32
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MODULUS = 1 << 8 * HASH_BYTES
_FIELDS = 7


class RevocationsRefused(ProjectError):
    """The list is not genuine or malformed; what is held stays."""

    code = "card.revocations_refused"
    message_key = "error.card.revocations_refused"


class RevocationsOlder(RevocationsRefused):
    """The list is older than the one held, or another one under the same number."""

    code = "card.revocations_older"


class RevocationsGap(RevocationsRefused):
    """These changes follow another list than the one held: the whole list is needed."""

    code = "card.revocations_gap"


@dataclass(frozen=True, slots=True)
class ListHead:
    """What is signed. ``number`` only rises.

    ``follows`` is the number that these changes lead on from, None for a whole list. ``count`` and ``fingerprint`` are
    those of the list after the changes. A head that follows its own number changes nothing: it says that the list is
    still the newest on ``issued_on``.
    """

    number: int
    follows: int | None
    issued_on: date
    count: int
    fingerprint: bytes
    content_sha256: bytes


@dataclass(frozen=True, slots=True)
class SignedRevocations:
    """A head (COSE_Sign1) and what it names: one packed set for a whole list, two for changes (added, taken off)."""

    head_cose: bytes
    content: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RevocationChange:
    """Cards put on the list, and cards taken off."""

    added: frozenset[CardNumber] = frozenset()
    removed: frozenset[CardNumber] = frozenset()


def fingerprint_of(numbers: Iterable[CardNumber]) -> bytes:
    """32 bytes that two lists share when they hold the same cards: the sum of the cards' hashes.

    Finds lists that drifted apart by mistake; against forgers there is the signature.
    """
    return _sum(0, numbers, 1)


def changed_fingerprint(before: bytes, change: RevocationChange) -> bytes:
    """The fingerprint after the change, without looking at the whole list."""
    return _sum(int.from_bytes(_sum(int.from_bytes(before, "big"), change.added, 1), "big"), change.removed, -1)


def sign_whole_list(
    packed: bytes, *, number: int, fingerprint: bytes, issued_on: date, signer: Signer
) -> SignedRevocations:
    """All cards to refuse (``pack_numbers`` made the set), under that number."""
    head = ListHead(number, None, issued_on, len(PackedNumbers(packed)), fingerprint, b"")
    return _sign(head, (packed,), signer)


def sign_change(change: RevocationChange, after: ListHead, signer: Signer) -> SignedRevocations:
    """The changes that lead to the list ``after`` (its ``follows`` says from where)."""
    return _sign(after, (pack_numbers(change.added), pack_numbers(change.removed)), signer)


def verify_head(signed: SignedRevocations, anchors: TrustAnchors, *, at: date) -> ListHead:
    """What the signer says, and that the content is the one meant; else ``RevocationsRefused``."""
    try:
        head = _decode_head(open_cose(signed.head_cose, ContentType.REVOCATIONS, anchors.believed_signers(at=at)))
        if anchors.entitlement_windows:
            # Once more, by those in office on the day it bears: a retired key signs nothing new.
            in_office = anchors.believed_signers(at=at, signed_on=head.issued_on)
            open_cose(signed.head_cose, ContentType.REVOCATIONS, in_office)
    except (CoseRefused, ValueError, OverflowError) as error:
        raise RevocationsRefused("the revocation list is not genuine") from error
    if head.content_sha256 != _content_sha256(signed.content):
        raise RevocationsRefused("the content is not the one that was signed")
    return head


def open_whole_list(signed: SignedRevocations, head: ListHead) -> PackedNumbers:
    """The cards of a whole list whose head was verified."""
    if head.follows is not None or len(signed.content) != 1:
        raise RevocationsRefused("not a whole list")
    numbers = _unpack(signed.content[0])
    if len(numbers) != head.count:
        raise RevocationsRefused("the list counts another number of cards")
    return numbers


def open_change(signed: SignedRevocations, head: ListHead) -> RevocationChange:
    """The changes of a list whose head was verified."""
    if head.follows is None or len(signed.content) != len(("added", "removed")):
        raise RevocationsRefused("not a change of a list")
    added, removed = (frozenset(_unpack(part)) for part in signed.content)
    if added & removed:
        raise RevocationsRefused("a card is put on and taken off at once")
    return RevocationChange(added, removed)


def check_follows(held: ListHead, offered: ListHead) -> None:
    """Nothing when ``offered`` may take the place of ``held``.

    Raises ``RevocationsOlder`` for a list that is older or differs under one number, ``RevocationsGap`` for changes
    that follow another list.
    """
    if offered.number < held.number or offered.issued_on < held.issued_on:
        raise RevocationsOlder(f"list {offered.number} is older than list {held.number}")
    if offered.number == held.number and offered.fingerprint != held.fingerprint:
        raise RevocationsOlder(f"two lists carry number {held.number}")
    if offered.follows is not None and offered.follows != held.number:
        raise RevocationsGap(f"changes of list {offered.follows}, held is {held.number}")


def _sum(start: int, numbers: Iterable[CardNumber], sign: int) -> bytes:
    total = start
    for number in numbers:
        total += sign * int.from_bytes(hashlib.sha256(number_bytes(number)).digest(), "big")
    return (total % _MODULUS).to_bytes(HASH_BYTES, "big")


def _content_sha256(content: tuple[bytes, ...]) -> bytes:
    """Over the hash of each part, so that no byte can wander from one to the next."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in content)).digest()


def _sign(head: ListHead, content: tuple[bytes, ...], signer: Signer) -> SignedRevocations:
    days = head.issued_on.toordinal() - _EPOCH_ORDINAL
    fields: list[CborValue] = [FORMAT, head.number, head.follows, days, head.count, head.fingerprint]
    return SignedRevocations(
        sign_cose(encode_cbor([*fields, _content_sha256(content)]), ContentType.REVOCATIONS, signer), content
    )


def _decode_head(payload: bytes) -> ListHead:
    fields = decode_cbor(payload)
    if not isinstance(fields, list) or len(fields) != _FIELDS or fields[0] != FORMAT:
        raise CoseRefused(CoseFault.MALFORMED)
    number, follows, days, count, fingerprint, content = fields[1:]
    numbers = [each for each in (number, days, count) if isinstance(each, int) and each >= 0]
    hashes = [each for each in (fingerprint, content) if isinstance(each, bytes) and len(each) == HASH_BYTES]
    is_first = follows is None
    if len(numbers) != 3 or len(hashes) != 2 or not (is_first or (isinstance(follows, int) and follows >= 0)):
        raise CoseRefused(CoseFault.MALFORMED)
    assert follows is None or isinstance(follows, int)
    if follows is not None and follows > numbers[0]:
        raise CoseRefused(CoseFault.MALFORMED)
    return ListHead(numbers[0], follows, date.fromordinal(_EPOCH_ORDINAL + numbers[1]), numbers[2], *hashes)


def _unpack(data: bytes) -> PackedNumbers:
    try:
        return PackedNumbers(data)
    except PackedNumbersMalformed as error:
        raise RevocationsRefused("a set of cards is malformed") from error
