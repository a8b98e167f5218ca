"""What a terminal trusts: the public keys and lists that decide whether a card or a statement is genuine."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from pydantic import JsonValue

from domain.errors import ProjectError

#: More than any country needs; a longer list is a mistake or an attack.
MAX_LIST_ITEMS = 10_000
MAX_JSON_BYTES = 2 * 1024 * 1024


_MEMBERS = {
    "csca_certificates_der",
    "revoked_signers",
    "crl_number",
    "entitlement_signers_spki_der",
    "cvca_certificates",
}
_MAX_SERIAL_DIGITS = 50


class TrustRefused(ProjectError):
    """The trust anchors offered are malformed, or older than those already held."""

    code = "card.trust_refused"
    message_key = "error.card.trust_refused"


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Everything offline verification rests on. Only public values; safe to send and to log.

    ``csca_certificates_der``: X.509 roots that may sign document signers (ICAO 9303-12).
    ``revoked_signers``: serial numbers of document signers no longer believed, as of list ``crl_number``,
    which can only rise.
    ``entitlement_signers_spki_der``: SubjectPublicKeyInfo of the keys that may sign statements.
    ``cvca_certificates``: card-verifiable certificates (``7F21``) of the roots of terminal rights.
    """

    csca_certificates_der: tuple[bytes, ...]
    revoked_signers: frozenset[int]
    crl_number: int
    entitlement_signers_spki_der: tuple[bytes, ...]
    cvca_certificates: tuple[bytes, ...]

    def accept_newer(self, offered: TrustAnchors) -> TrustAnchors:
        """``offered``, or ``TrustRefused`` when its revocation list is older or drops a serial under one number."""
        if offered.crl_number < self.crl_number:
            raise TrustRefused(f"revocation list {offered.crl_number} is older than {self.crl_number}")
        if offered.crl_number == self.crl_number and offered.revoked_signers != self.revoked_signers:
            raise TrustRefused(f"two different revocation lists carry number {self.crl_number}")
        return offered


def trust_anchors_to_json(anchors: TrustAnchors) -> dict[str, JsonValue]:
    """The anchors as a JSON object: byte strings in base64, serial numbers as decimal text."""
    return {
        "csca_certificates_der": _to_base64(anchors.csca_certificates_der),
        # As text: a serial has up to 160 bits, more than JSON readers keep in a number.
        "revoked_signers": [str(serial) for serial in sorted(anchors.revoked_signers)],
        "crl_number": anchors.crl_number,
        "entitlement_signers_spki_der": _to_base64(anchors.entitlement_signers_spki_der),
        "cvca_certificates": _to_base64(anchors.cvca_certificates),
    }


def trust_anchors_from_json(raw: JsonValue) -> TrustAnchors:
    """The anchors in that object; ``TrustRefused`` for anything but exactly these five members."""
    if not isinstance(raw, dict) or set(raw) != _MEMBERS:
        raise TrustRefused("trust anchors have other members than expected")
    number = raw["crl_number"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise TrustRefused("crl_number is not a natural number")
    return TrustAnchors(
        csca_certificates_der=_byte_strings(raw["csca_certificates_der"]),
        revoked_signers=_serials(raw["revoked_signers"]),
        crl_number=number,
        entitlement_signers_spki_der=_byte_strings(raw["entitlement_signers_spki_der"]),
        cvca_certificates=_byte_strings(raw["cvca_certificates"]),
    )


def encode_trust_anchors(anchors: TrustAnchors) -> str:
    """The same as JSON text, in one form for one content."""
    return json.dumps(trust_anchors_to_json(anchors), sort_keys=True, separators=(",", ":"))


def decode_trust_anchors(text: str) -> TrustAnchors:
    """The anchors in that text."""
    if len(text) > MAX_JSON_BYTES:
        raise TrustRefused("trust anchors too long")
    try:
        raw: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TrustRefused("trust anchors are not JSON") from error
    return trust_anchors_from_json(raw)


def _to_base64(items: tuple[bytes, ...]) -> list[JsonValue]:
    return [base64.b64encode(item).decode("ascii") for item in items]


def _texts(raw: JsonValue) -> list[str]:
    if not isinstance(raw, list) or len(raw) > MAX_LIST_ITEMS:
        raise TrustRefused("a trust anchor list is not a list, or too long")
    texts = [item for item in raw if isinstance(item, str)]
    if len(texts) != len(raw):
        raise TrustRefused("a trust anchor list holds something else than text")
    return texts


def _byte_strings(raw: JsonValue) -> tuple[bytes, ...]:
    try:
        return tuple(base64.b64decode(item, validate=True) for item in _texts(raw))
    except (binascii.Error, ValueError) as error:
        raise TrustRefused("a trust anchor is not base64") from error


def _serials(raw: JsonValue) -> frozenset[int]:
    texts = _texts(raw)
    if not all(item.isascii() and item.isdecimal() and len(item) <= _MAX_SERIAL_DIGITS for item in texts):
        raise TrustRefused("a revoked serial number is not a decimal number")
    return frozenset(int(item) for item in texts)
