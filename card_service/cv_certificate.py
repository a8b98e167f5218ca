"""Card-verifiable certificates: who may do what at a card, until when (BSI TR-03110-3, C.1 and D; cards page, 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from card_service.der import TAG_OID, oid_value
from card_service.ecdsa_raw import POINT_BYTES, SIGNATURE_BYTES, is_signed_by, load_point
from card_service.layout import TerminalRights
from card_service.signing import Signer
from card_service.tlv import Tlv, TlvError, decode_tlv_one, encode_tlv, find_tlv
from domain.errors import ProjectError

# BSI TR-03110-3, D.2, table 26
TAG_CERTIFICATE = 0x7F21
TAG_BODY = 0x7F4E
TAG_PROFILE = 0x5F29
TAG_AUTHORITY_REFERENCE = 0x42
TAG_PUBLIC_KEY = 0x7F49
TAG_HOLDER_REFERENCE = 0x5F20
TAG_CHAT = 0x7F4C
TAG_EFFECTIVE = 0x5F25
TAG_EXPIRATION = 0x5F24
TAG_EXTENSIONS = 0x65
TAG_EXTENSION = 0x73
TAG_DISCRETIONARY = 0x53
TAG_SIGNATURE = 0x5F37
TAG_PUBLIC_POINT = 0x86
# Domain parameters p, a, b, G, n, h: only in a certificate of a root (D.3.3).
_TAG_PRIME, _TAG_A, _TAG_B, _TAG_BASE, _TAG_ORDER, _TAG_COFACTOR = 0x81, 0x82, 0x83, 0x84, 0x85, 0x87

OID_TA_ECDSA_SHA256 = "0.4.0.127.0.7.2.2.2.2.3"
OID_INSPECTION_SYSTEM = "0.4.0.127.0.7.3.1.2.1"
OID_SP_RIGHTS = "2.25.254837650348372907155024587348732894811"

PROFILE_1 = b"\x00"
RIGHTS_BYTES = 2
MAX_CERTIFICATE_BYTES = 1_024
#: Longest chain a card or a terminal follows: link certificates, DV, terminal.
MAX_CHAIN = 8

# FIPS 186-4, D.1.2.3
_P256_PRIME = bytes.fromhex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF")
_P256_A = bytes.fromhex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC")
_P256_B = bytes.fromhex("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B")
_P256_BASE = bytes.fromhex(
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
)
_P256_ORDER = bytes.fromhex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")

# Country, mnemonic, sequence number (D.1.1): at most 16 characters, so that a ledger record holds it.
_REFERENCE = re.compile(r"[A-Z]{2}[A-Za-z0-9]{1,9}[A-Za-z0-9]{5}")
_DATE_BYTES = 6
_CENTURY = 2000


class CvRole(IntEnum):
    """Place in the chain: the role byte of the CHAT (BSI TR-03110-4, 2.2.3.1)."""

    TERMINAL = 0x00
    DOCUMENT_VERIFIER = 0x80
    COUNTRY_VERIFIER = 0xC0


class CvRefusal(StrEnum):
    """Why a certificate or a chain is not believed."""

    MALFORMED = "malformed"
    NO_TRUST_POINT = "no_trust_point"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_ROLE = "wrong_role"
    SIGNATURE_WRONG = "signature_wrong"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"


class CvRefused(ProjectError):
    """The certificate cannot be read or made, or does not lead to a trust point."""

    code = "card.cv_certificate_refused"
    message_key = "error.terminal_refused"

    def __init__(self, reason: CvRefusal, text: str = "") -> None:
        super().__init__(text or f"card-verifiable certificate refused: {reason}", reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CvCertificate:
    """One certificate. Dates are whole days, both included; ``signature`` is raw ``r || s`` over ``encode_body``."""

    authority_reference: str
    holder_reference: str
    role: CvRole
    public_point: bytes
    effective_on: date
    expires_on: date
    rights: TerminalRights
    signature: bytes

    def __post_init__(self) -> None:
        for reference in (self.authority_reference, self.holder_reference):
            if not _REFERENCE.fullmatch(reference):
                raise CvRefused(CvRefusal.MALFORMED, "a reference is country, 1-9 characters, 5 characters")
        if self.expires_on < self.effective_on:
            raise CvRefused(CvRefusal.MALFORMED, "expires before it is valid")
        if len(self.signature) != SIGNATURE_BYTES or len(self.public_point) != POINT_BYTES:
            raise CvRefused(CvRefusal.MALFORMED, "a signature has 64 bytes, a point 65")

    @property
    def is_self_signed(self) -> bool:
        return self.authority_reference == self.holder_reference


def sign_cv_certificate(
    *,
    authority_reference: str,
    holder_reference: str,
    role: CvRole,
    public_point: bytes,
    effective_on: date,
    expires_on: date,
    rights: TerminalRights,
    signer: Signer,
) -> CvCertificate:
    """The certificate with the issuer's signature."""
    fields = (authority_reference, holder_reference, role, public_point, effective_on, expires_on, rights)
    unsigned = CvCertificate(*fields, signature=bytes(SIGNATURE_BYTES))
    return CvCertificate(*fields, signature=signer.sign(encode_body(unsigned)))


def encode_body(certificate: CvCertificate) -> bytes:
    """The signed part, tag 7F4E."""
    chat = encode_tlv(TAG_OID, oid_value(OID_INSPECTION_SYSTEM))
    chat += encode_tlv(TAG_DISCRETIONARY, bytes((certificate.role,)))
    parts = [
        encode_tlv(TAG_PROFILE, PROFILE_1),
        encode_tlv(TAG_AUTHORITY_REFERENCE, certificate.authority_reference.encode("ascii")),
        encode_tlv(TAG_PUBLIC_KEY, _encode_public_key(certificate)),
        encode_tlv(TAG_HOLDER_REFERENCE, certificate.holder_reference.encode("ascii")),
        encode_tlv(TAG_CHAT, chat),
        encode_tlv(TAG_EFFECTIVE, encode_cv_date(certificate.effective_on)),
        encode_tlv(TAG_EXPIRATION, encode_cv_date(certificate.expires_on)),
    ]
    if certificate.rights:
        parts.append(encode_tlv(TAG_EXTENSIONS, encode_tlv(TAG_EXTENSION, _encode_rights(certificate.rights))))
    return encode_tlv(TAG_BODY, b"".join(parts))


def encode_cv_certificate(certificate: CvCertificate) -> bytes:
    """The whole certificate, tag 7F21."""
    signature = encode_tlv(TAG_SIGNATURE, certificate.signature)
    return encode_tlv(TAG_CERTIFICATE, encode_body(certificate) + signature)


def decode_cv_certificate(data: bytes) -> CvCertificate:
    """The certificate in these bytes; ``CvRefused`` unless they are its one encoding."""
    if len(data) > MAX_CERTIFICATE_BYTES:
        raise CvRefused(CvRefusal.MALFORMED)
    try:
        certificate = _parse(data)
    except (TlvError, ValueError) as error:
        raise CvRefused(CvRefusal.MALFORMED) from error
    if encode_cv_certificate(certificate) != data:
        raise CvRefused(CvRefusal.MALFORMED, "not the one encoding of this certificate")
    return certificate


def encode_cv_date(day: date) -> bytes:
    """YYMMDD, one digit per byte (D.2.1.3); the chip's own date has the same form."""
    if day.year // 100 * 100 != _CENTURY:
        raise CvRefused(CvRefusal.MALFORMED, "only days of this century")
    return bytes(int(digit) for digit in day.strftime("%y%m%d"))


def decode_cv_date(data: bytes) -> date:
    """The day in those six digits; ``ValueError`` when there is no such day."""
    if len(data) != _DATE_BYTES or any(digit > 9 for digit in data):
        raise ValueError("a date has six digits")
    year, month, day = (data[start] * 10 + data[start + 1] for start in (0, 2, 4))
    return date(_CENTURY + year, month, day)


def verify_cv_signature(certificate: CvCertificate, issuer_point: bytes) -> bool:
    """Whether the holder of that key signed this certificate."""
    return is_signed_by(issuer_point, certificate.signature, encode_body(certificate))


def verify_cv_chain(
    chain: Sequence[CvCertificate], trust_points: Sequence[CvCertificate], *, at: date
) -> TerminalRights:
    """What the last certificate may do: the rights that every one below the root grants.

    ``chain`` leads from a trust point downwards: links of the root, a document verifier, a terminal. ``CvRefused``
    for any other order, a wrong signature, or a certificate not valid on ``at``.
    """
    if not 1 <= len(chain) <= MAX_CHAIN:
        raise CvRefused(CvRefusal.MALFORMED, "a chain has one to eight certificates")
    issuer = next((each for each in trust_points if each.holder_reference == chain[0].authority_reference), None)
    if issuer is None:
        raise CvRefused(CvRefusal.NO_TRUST_POINT)
    rights = ~TerminalRights.NONE
    for certificate in chain:
        _check_step(certificate, issuer, at=at)
        if certificate.role is not CvRole.COUNTRY_VERIFIER:
            rights &= certificate.rights
        issuer = certificate
    return rights


_MAY_ISSUE = {
    (CvRole.COUNTRY_VERIFIER, CvRole.COUNTRY_VERIFIER),
    (CvRole.COUNTRY_VERIFIER, CvRole.DOCUMENT_VERIFIER),
    (CvRole.DOCUMENT_VERIFIER, CvRole.TERMINAL),
}


def _check_step(certificate: CvCertificate, issuer: CvCertificate, *, at: date) -> None:
    if certificate.authority_reference != issuer.holder_reference:
        raise CvRefused(CvRefusal.WRONG_ISSUER)
    if (issuer.role, certificate.role) not in _MAY_ISSUE:
        raise CvRefused(CvRefusal.WRONG_ROLE)
    if not verify_cv_signature(certificate, issuer.public_point):
        raise CvRefused(CvRefusal.SIGNATURE_WRONG)
    if at < certificate.effective_on:
        raise CvRefused(CvRefusal.NOT_YET_VALID)
    if at > certificate.expires_on:
        raise CvRefused(CvRefusal.EXPIRED)


def _encode_public_key(certificate: CvCertificate) -> bytes:
    algorithm = encode_tlv(TAG_OID, oid_value(OID_TA_ECDSA_SHA256))
    point = encode_tlv(TAG_PUBLIC_POINT, certificate.public_point)
    if certificate.role is not CvRole.COUNTRY_VERIFIER:
        return algorithm + point
    before = (
        (_TAG_PRIME, _P256_PRIME),
        (_TAG_A, _P256_A),
        (_TAG_B, _P256_B),
        (_TAG_BASE, _P256_BASE),
        (_TAG_ORDER, _P256_ORDER),
    )
    domain = b"".join(encode_tlv(tag, value) for tag, value in before)
    return algorithm + domain + point + encode_tlv(_TAG_COFACTOR, b"\x01")


def _encode_rights(rights: TerminalRights) -> bytes:
    oid = encode_tlv(TAG_OID, oid_value(OID_SP_RIGHTS))
    return oid + encode_tlv(TAG_DISCRETIONARY, rights.to_bytes(RIGHTS_BYTES, "big"))


def _parse(data: bytes) -> CvCertificate:
    whole = decode_tlv_one(data)
    body = _get(whole.children(), TAG_BODY).children()
    signature = _get(whole.children(), TAG_SIGNATURE).value
    point = _get(_get(body, TAG_PUBLIC_KEY).children(), TAG_PUBLIC_POINT).value
    load_point(point)
    role = _get(_get(body, TAG_CHAT).children(), TAG_DISCRETIONARY).value
    return CvCertificate(
        authority_reference=_get(body, TAG_AUTHORITY_REFERENCE).value.decode("ascii"),
        holder_reference=_get(body, TAG_HOLDER_REFERENCE).value.decode("ascii"),
        role=CvRole(int.from_bytes(role, "big")),
        public_point=point,
        effective_on=decode_cv_date(_get(body, TAG_EFFECTIVE).value),
        expires_on=decode_cv_date(_get(body, TAG_EXPIRATION).value),
        rights=_parse_rights(find_tlv(body, TAG_EXTENSIONS)),
        signature=signature,
    )


def _parse_rights(extensions: Tlv | None) -> TerminalRights:
    """The rights in the extension; no extension, no rights."""
    if extensions is None:
        return TerminalRights.NONE
    extension = _get(extensions.children(), TAG_EXTENSION)
    rights = _get(extension.children(), TAG_DISCRETIONARY).value
    if len(rights) != RIGHTS_BYTES:
        raise TlvError("rights have two bytes")
    return TerminalRights(int.from_bytes(rights, "big"))


def _get(items: Sequence[Tlv], tag: int) -> Tlv:
    found = find_tlv(items, tag)
    if found is None:
        raise TlvError(f"Tag {tag:X} is missing")
    return found
