"""The signed list of cards to refuse, for carriage where no registry is in reach (on a stick, by another kiosk)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from card_service.cose import (
    ContentType,
    CoseFault,
    CoseRefused,
    decode_cbor,
    encode_cbor,
    open_cose,
    sign_cose,
)
from card_service.signing import Signer
from card_service.trust import TrustAnchors
from domain.card_number import CardNumber, CardNumberWrong, parse_card_number
from domain.errors import ProjectError

FORMAT = 1
_NUMBER_BYTES = 9
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class RevocationsRefused(ProjectError):
    """The list is not genuine, malformed, or older than the one already held."""

    code = "card.revocations_refused"
    message_key = "error.card.revocations_refused"


@dataclass(frozen=True, slots=True)
class CardRevocations:
    """Cards that must be refused everywhere. ``number`` only rises."""

    number: int
    issued_on: date
    cards: frozenset[CardNumber]

    def is_revoked(self, card_number: CardNumber) -> bool:
        return card_number in self.cards

    def age_days(self, *, on: date) -> int:
        """How old the list is: an old list is a reason to be careful, never to freeze."""
        return (on - self.issued_on).days

    def accept_newer(self, offered: CardRevocations) -> CardRevocations:
        """``offered``; ``RevocationsRefused`` when it is older, or another list under the same number."""
        if offered.number < self.number or (offered.number == self.number and offered != self):
            raise RevocationsRefused(f"list {offered.number} does not follow list {self.number}")
        return offered


def sign_revocations(revocations: CardRevocations, signer: Signer) -> bytes:
    """The list as COSE_Sign1 by the entitlement signer."""
    numbers = "".join(sorted(revocations.cards)).encode("ascii")
    days = revocations.issued_on.toordinal() - _EPOCH_ORDINAL
    payload = encode_cbor([FORMAT, revocations.number, days, numbers])
    return sign_cose(payload, ContentType.REVOCATIONS, signer)


def verify_revocations(cose: bytes, anchors: TrustAnchors) -> CardRevocations:
    """The list, signed by a trusted entitlement signer; else ``RevocationsRefused``."""
    try:
        payload = open_cose(cose, ContentType.REVOCATIONS, anchors.entitlement_signers_spki_der)
        return _decode(payload)
    except (CoseRefused, CardNumberWrong, ValueError, OverflowError) as error:
        raise RevocationsRefused("the revocation list is not genuine") from error


def _decode(payload: bytes) -> CardRevocations:
    fields = decode_cbor(payload)
    if not isinstance(fields, list) or len(fields) != 4 or fields[0] != FORMAT:
        raise CoseRefused(CoseFault.MALFORMED)
    number, days, numbers = fields[1:]
    if not (isinstance(number, int) and isinstance(days, int) and isinstance(numbers, bytes)):
        raise CoseRefused(CoseFault.MALFORMED)
    texts = numbers.decode("ascii")
    cards = [parse_card_number(texts[start : start + _NUMBER_BYTES]) for start in range(0, len(texts), _NUMBER_BYTES)]
    if cards != sorted(set(cards)) or number < 0:
        raise CoseRefused(CoseFault.MALFORMED)
    return CardRevocations(number, date.fromordinal(_EPOCH_ORDINAL + days), frozenset(cards))
