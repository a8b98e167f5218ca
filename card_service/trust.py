"""What a terminal trusts: the public keys and lists that decide whether a card or a statement is genuine."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date

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
#: Left out while they are empty: there before the first rotation of keys.
_LATER_MEMBERS = {"csca_links_der", "signer_crl_der", "entitlement_windows", "cvca_links"}
_WINDOW_MEMBERS = {"spki_der", "signs_from", "signs_until", "believed_until"}
_MAX_SERIAL_DIGITS = 50


class TrustRefused(ProjectError):
    """The trust anchors offered are malformed, or older than those already held."""

    code = "card.trust_refused"
    message_key = "error.card.trust_refused"


@dataclass(frozen=True, slots=True)
class SignerWindow:
    """When the key ``spki_der`` may sign, and how long what it signed is believed; all days are included.

    ``signs_until`` None: it is still in office. ``believed_until`` None: as long as what it signed says itself.
    """

    spki_der: bytes
    signs_from: date
    signs_until: date | None = None
    believed_until: date | None = None

    def is_believed(self, *, at: date, signed_on: date | None = None) -> bool:
        """Whether something is believed on that day that says it was signed on ``signed_on``."""
        if self.believed_until is not None and at > self.believed_until:
            return False
        if signed_on is None:
            return True
        return self.signs_from <= signed_on and (self.signs_until is None or signed_on <= self.signs_until)


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Everything offline verification rests on. Only public values; safe to send and to log.

    ``csca_certificates_der``: X.509 roots that may sign document signers (ICAO 9303-12).
    ``revoked_signers``: serial numbers of document signers no longer believed, as of list ``crl_number``,
    which can only rise.
    ``entitlement_signers_spki_der``: SubjectPublicKeyInfo of the keys that may sign statements.
    ``cvca_certificates``: card-verifiable certificates (``7F21``) of the roots of terminal rights, newest first.
    ``csca_links_der``: certificates in which an older root vouches for the next one (ICAO 9303-12, 7.1).
    ``signer_crl_der``: the X.509 list that ``revoked_signers`` and ``crl_number`` were read from, signed by a root.
    ``entitlement_windows``: days of office of entitlement signers; a signer without one is always believed.
    ``cvca_links``: certificates in which an older CVCA key vouches for the next one, oldest first: shown to old cards.
    """

    csca_certificates_der: tuple[bytes, ...]
    revoked_signers: frozenset[int]
    crl_number: int
    entitlement_signers_spki_der: tuple[bytes, ...]
    cvca_certificates: tuple[bytes, ...]
    csca_links_der: tuple[bytes, ...] = ()
    signer_crl_der: bytes = b""
    entitlement_windows: tuple[SignerWindow, ...] = ()
    cvca_links: tuple[bytes, ...] = ()

    def believed_signers(self, *, at: date, signed_on: date | None = None) -> tuple[bytes, ...]:
        """SubjectPublicKeyInfo of the keys whose statements, lists and paper twins are believed on that day.

        With ``signed_on``, of those that were in office then: a retired key can sign nothing new.
        """
        windows = {window.spki_der: window for window in self.entitlement_windows}
        return tuple(
            spki_der
            for spki_der in self.entitlement_signers_spki_der
            if spki_der not in windows or windows[spki_der].is_believed(at=at, signed_on=signed_on)
        )

    def accept_newer(self, offered: TrustAnchors) -> TrustAnchors:
        """``offered``, or ``TrustRefused`` when its revocation list is older or drops a serial under one number."""
        if offered.crl_number < self.crl_number:
            raise TrustRefused(f"revocation list {offered.crl_number} is older than {self.crl_number}")
        if offered.crl_number == self.crl_number and offered.revoked_signers != self.revoked_signers:
            raise TrustRefused(f"two different revocation lists carry number {self.crl_number}")
        return offered


def trust_anchors_to_json(anchors: TrustAnchors) -> dict[str, JsonValue]:
    """The anchors as a JSON object: byte strings in base64, serial numbers as decimal text, days as in ISO 8601."""
    plain: dict[str, JsonValue] = {
        "csca_certificates_der": _to_base64(anchors.csca_certificates_der),
        # As text: a serial has up to 160 bits, more than JSON readers keep in a number.
        "revoked_signers": [str(serial) for serial in sorted(anchors.revoked_signers)],
        "crl_number": anchors.crl_number,
        "entitlement_signers_spki_der": _to_base64(anchors.entitlement_signers_spki_der),
        "cvca_certificates": _to_base64(anchors.cvca_certificates),
    }
    later: dict[str, JsonValue] = {
        "csca_links_der": _to_base64(anchors.csca_links_der),
        "signer_crl_der": _to_base64((anchors.signer_crl_der,) if anchors.signer_crl_der else ()),
        "entitlement_windows": [_window_to_json(window) for window in anchors.entitlement_windows],
        "cvca_links": _to_base64(anchors.cvca_links),
    }
    return plain | {name: value for name, value in later.items() if value}


def trust_anchors_from_json(raw: JsonValue) -> TrustAnchors:
    """The anchors in that object; ``TrustRefused`` for members that are missing, unknown or of another kind."""
    if not isinstance(raw, dict) or not _MEMBERS <= set(raw) <= _MEMBERS | _LATER_MEMBERS:
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
        csca_links_der=_byte_strings(raw.get("csca_links_der", [])),
        signer_crl_der=b"".join(_byte_strings(raw.get("signer_crl_der", []))),
        entitlement_windows=_windows(raw.get("entitlement_windows", [])),
        cvca_links=_byte_strings(raw.get("cvca_links", [])),
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


def _window_to_json(window: SignerWindow) -> JsonValue:
    plain: dict[str, JsonValue] = {
        "spki_der": base64.b64encode(window.spki_der).decode("ascii"),
        "signs_from": window.signs_from.isoformat(),
    }
    ends = {"signs_until": window.signs_until, "believed_until": window.believed_until}
    return plain | {name: day.isoformat() for name, day in ends.items() if day is not None}


def _windows(raw: JsonValue) -> tuple[SignerWindow, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_LIST_ITEMS:
        raise TrustRefused("the windows of signers are not a list, or too long")
    return tuple(_window(each) for each in raw)


def _window(raw: JsonValue) -> SignerWindow:
    if not isinstance(raw, dict) or not {"spki_der", "signs_from"} <= set(raw) <= _WINDOW_MEMBERS:
        raise TrustRefused("a signer's window has other members than expected")
    (spki_der,) = _byte_strings([raw["spki_der"]])
    try:
        days = {name: date.fromisoformat(_texts([raw[name]])[0]) for name in set(raw) - {"spki_der"}}
    except ValueError as error:
        raise TrustRefused("a signer's window has no such day") from error
    return SignerWindow(spki_der, days["signs_from"], days.get("signs_until"), days.get("believed_until"))


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
