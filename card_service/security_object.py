"""EF.SOD: the signed list of hashes that makes a card genuine (ICAO 9303-10, 4.6.2 and D; RFC 5652).

Reading is strict: everything that may vary is taken out, the object is built again from it, and the result must equal
the input byte for byte. What is not in our one form is refused, whether or not its signature would hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType

from card_service.der import (
    TAG_CONTEXT_0,
    TAG_INTEGER,
    TAG_OCTET_STRING,
    TAG_PRINTABLE_STRING,
    TAG_SET,
    TAG_UTC_TIME,
    KeyRefused,
    encode_integer,
    encode_oid,
    encode_sequence,
    encode_set_of,
    raw_from_signature_der,
    signature_der_from_raw,
)
from card_service.document_signer import ECDSA_SHA256_DER, SignerRefused, check_document_signer
from card_service.ecdsa_raw import is_signed_by
from card_service.signing import DocumentSigner
from card_service.tlv import Tlv, TlvError, decode_tlv_one, encode_tlv
from card_service.trust import TrustAnchors
from domain.errors import ProjectError

TAG_SOD = 0x77
OID_LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
LDS_VERSION = "0108"
UNICODE_VERSION = "040000"
MAX_SOD_BYTES = 4_096
_UTC_TIME = "%y%m%d%H%M%SZ"

_VERSION_1, _VERSION_3 = encode_integer(1), encode_integer(3)
_OID_LDS = encode_oid(OID_LDS_SECURITY_OBJECT)
_OID_SIGNED_DATA = encode_oid("1.2.840.113549.1.7.2")
_OID_CONTENT_TYPE = encode_oid("1.2.840.113549.1.9.3")
_OID_MESSAGE_DIGEST = encode_oid("1.2.840.113549.1.9.4")
_OID_SIGNING_TIME = encode_oid("1.2.840.113549.1.9.5")
# RFC 5754, 2: written with absent parameters.
_SHA256 = encode_sequence((encode_oid("2.16.840.1.101.3.4.2.1"),))

# Places in LDSSecurityObject (ICAO 9303-10, D.2), SignedData, SignerInfo (RFC 5652, 5.1, 5.3), TBSCertificate.
_CONTENT_HASHES = 2
_SIGNED_DATA_CONTENT, _SIGNED_DATA_CERTIFICATES, _SIGNED_DATA_SIGNERS = 2, 3, 4
_SIGNER_ATTRIBUTES, _SIGNER_SIGNATURE = 3, 5
_TBS_SERIAL, _TBS_ISSUER = 1, 3
_HASH_BYTES = 32
_MAX_DATA_GROUP = 16


class SodRefusal(StrEnum):
    """Why a security object is not believed."""

    MALFORMED = "malformed"
    NOT_OUR_FORM = "not_our_form"
    SIGNATURE_WRONG = "signature_wrong"
    SIGNER_UNKNOWN = "signer_unknown"
    SIGNER_UNFIT = "signer_unfit"
    SIGNER_NOT_YET_VALID = "signer_not_yet_valid"
    SIGNER_EXPIRED = "signer_expired"
    SIGNER_REVOKED = "signer_revoked"


class SodRefused(ProjectError):
    """The security object is not genuine, or was signed by nobody we trust; ``reason`` says which."""

    code = "card.sod_refused"
    message_key = "error.card.not_genuine"

    def __init__(self, reason: SodRefusal) -> None:
        super().__init__(f"security object refused: {reason}", reason=reason)
        self.reason = reason


@dataclass(frozen=True)
class SodContent:
    """What a believed security object says: SHA-256 of each data group by number, who signed, and when."""

    hashes: Mapping[int, bytes]
    signer_serial: int
    signed_on: date

    def __post_init__(self) -> None:
        object.__setattr__(self, "hashes", MappingProxyType(dict(self.hashes)))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Everything that may differ between two security objects of ours."""

    content: bytes
    certificate_der: bytes
    signed_at: datetime
    signature: bytes


def build_sod(hashes: Mapping[int, bytes], signer: DocumentSigner, *, signed_at: datetime) -> bytes:
    """EF.SOD over the data groups' SHA-256 hashes (by number), signed now."""
    content = _encode_content(hashes)
    signed_at = signed_at.astimezone(UTC).replace(microsecond=0)
    signature = signer.sign(_signed_attributes(content, signed_at))
    return _assemble(_Parts(content, signer.certificate_der, signed_at, signature))


def verify_sod(sod: bytes, anchors: TrustAnchors, *, at: date) -> SodContent:
    """What a genuine EF.SOD says; ``SodRefused`` with the reason for any other bytes.

    The signer must be valid on ``at`` and have been allowed to sign when it did, under a root of ``anchors``.
    """
    parts = _take_apart(sod)
    hashes = _decode_content(parts.content)
    try:
        signer = check_document_signer(parts.certificate_der, anchors, at=at, signed_at=parts.signed_at)
    except SignerRefused as error:
        raise SodRefused(SodRefusal(error.reason.value)) from error
    signed = _signed_attributes(parts.content, parts.signed_at)
    if not is_signed_by(signer.public_point, parts.signature, signed):
        raise SodRefused(SodRefusal.SIGNATURE_WRONG)
    return SodContent(hashes, signer.serial, parts.signed_at.date())


def _encode_content(hashes: Mapping[int, bytes]) -> bytes:
    """LDSSecurityObject, version 1 (ICAO 9303-10, D.2)."""
    entries = [
        encode_sequence((encode_integer(number), encode_tlv(TAG_OCTET_STRING, hashes[number])))
        for number in sorted(hashes)
    ]
    versions = (
        encode_tlv(TAG_PRINTABLE_STRING, LDS_VERSION.encode("ascii")),
        encode_tlv(TAG_PRINTABLE_STRING, UNICODE_VERSION.encode("ascii")),
    )
    fields = (_VERSION_1, _SHA256, encode_sequence(entries), encode_sequence(versions))
    return encode_sequence(fields)


def _decode_content(content: bytes) -> dict[int, bytes]:
    try:
        entries = decode_tlv_one(content).children()[_CONTENT_HASHES].children()
        hashes = dict(_decode_entry(entry) for entry in entries)
    except (TlvError, IndexError) as error:
        raise SodRefused(SodRefusal.MALFORMED) from error
    if not hashes or _encode_content(hashes) != content:
        raise SodRefused(SodRefusal.NOT_OUR_FORM)
    return hashes


def _decode_entry(entry: Tlv) -> tuple[int, bytes]:
    fields = entry.children()
    if [field.tag for field in fields] != [TAG_INTEGER, TAG_OCTET_STRING]:
        raise SodRefused(SodRefusal.NOT_OUR_FORM)
    number, digest = int.from_bytes(fields[0].value, "big"), fields[1].value
    if not 1 <= number <= _MAX_DATA_GROUP or len(digest) != _HASH_BYTES:
        raise SodRefused(SodRefusal.NOT_OUR_FORM)
    return number, digest


def _signed_attributes(content: bytes, signed_at: datetime) -> bytes:
    """Content type, signing time and digest: what the signature is made over, as a SET (RFC 5652, 5.4)."""
    moment = signed_at.strftime(_UTC_TIME).encode("ascii")
    digest = hashlib.sha256(content).digest()
    values = (
        (_OID_CONTENT_TYPE, _OID_LDS),
        (_OID_SIGNING_TIME, encode_tlv(TAG_UTC_TIME, moment)),
        (_OID_MESSAGE_DIGEST, encode_tlv(TAG_OCTET_STRING, digest)),
    )
    return encode_set_of(encode_sequence((oid, encode_tlv(TAG_SET, value))) for oid, value in values)


def _assemble(parts: _Parts) -> bytes:
    """The one encoding of these parts; every algorithm and version is pinned here."""
    attributes = decode_tlv_one(_signed_attributes(parts.content, parts.signed_at)).value
    signer_info = encode_sequence(
        (
            _VERSION_1,
            _issuer_and_serial(parts.certificate_der),
            _SHA256,
            encode_tlv(TAG_CONTEXT_0, attributes),
            ECDSA_SHA256_DER,
            encode_tlv(TAG_OCTET_STRING, signature_der_from_raw(parts.signature)),
        )
    )
    content = encode_tlv(TAG_CONTEXT_0, encode_tlv(TAG_OCTET_STRING, parts.content))
    signed_data = encode_sequence(
        (
            _VERSION_3,
            encode_tlv(TAG_SET, _SHA256),
            encode_sequence((_OID_LDS, content)),
            encode_tlv(TAG_CONTEXT_0, parts.certificate_der),
            encode_tlv(TAG_SET, signer_info),
        )
    )
    return encode_tlv(TAG_SOD, encode_sequence((_OID_SIGNED_DATA, encode_tlv(TAG_CONTEXT_0, signed_data))))


def _issuer_and_serial(certificate_der: bytes) -> bytes:
    """IssuerAndSerialNumber (RFC 5652, 10.2.4) with the very bytes of the certificate."""
    tbs = _enter(decode_tlv_one(certificate_der), 0).children()
    return encode_sequence((tbs[_TBS_ISSUER].encode(), tbs[_TBS_SERIAL].encode()))


def _take_apart(sod: bytes) -> _Parts:
    """The parts of a security object that is in our one form."""
    if len(sod) > MAX_SOD_BYTES:
        raise SodRefused(SodRefusal.MALFORMED)
    try:
        parts = _find_parts(sod)
        is_our_form = _assemble(parts) == sod
    except (TlvError, KeyRefused, IndexError, ValueError) as error:
        raise SodRefused(SodRefusal.MALFORMED) from error
    if not is_our_form:
        raise SodRefused(SodRefusal.NOT_OUR_FORM)
    return parts


def _find_parts(sod: bytes) -> _Parts:
    signed_data = _enter(decode_tlv_one(sod), 0, 1, 0).children()
    content = _enter(signed_data[_SIGNED_DATA_CONTENT], 1, 0).value
    certificate = _enter(signed_data[_SIGNED_DATA_CERTIFICATES], 0)
    signer_info = _enter(signed_data[_SIGNED_DATA_SIGNERS], 0).children()
    signature = raw_from_signature_der(signer_info[_SIGNER_SIGNATURE].value)
    signed_at = _find_signing_time(signer_info[_SIGNER_ATTRIBUTES])
    return _Parts(content, certificate.encode(), signed_at, signature)


def _find_signing_time(attributes: Tlv) -> datetime:
    """``ValueError`` when the attributes have no such time."""
    for attribute in attributes.children():
        oid, values = attribute.children()
        if oid.encode() == _OID_SIGNING_TIME:
            text = _enter(values, 0).value.decode("ascii")
            return datetime.strptime(text, _UTC_TIME).replace(tzinfo=UTC)
    raise ValueError("no signing time")


def _enter(item: Tlv, *path: int) -> Tlv:
    for index in path:
        item = item.children()[index]
    return item
