"""Whether a certificate may sign security objects: the path from a country root, checked strictly (ICAO 9303-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID, SignatureAlgorithmOID

from card_service.der import (
    TAG_BIT_STRING,
    KeyRefused,
    encode_oid,
    encode_sequence,
    point_from_spki,
    raw_from_signature_der,
    signature_der_from_raw,
)
from card_service.ecdsa_raw import is_signed_by
from card_service.tlv import TlvError, decode_tlv_one, encode_tlv
from card_service.trust import TrustAnchors
from domain.errors import ProjectError

OID_DOCUMENT_TYPES = "2.23.136.1.1.6.2"
ECDSA_SHA256_DER = encode_sequence((encode_oid(SignatureAlgorithmOID.ECDSA_WITH_SHA256.dotted_string),))
_TBS_ALGORITHM, _TBS_KEY = 2, 6

#: Critical extensions that we understand; any other makes a certificate useless to us (RFC 5280, 4.2).
_KNOWN_CRITICAL = {ExtensionOID.KEY_USAGE}


class SignerFault(StrEnum):
    """Why a certificate may not sign."""

    UNKNOWN = "signer_unknown"
    UNFIT = "signer_unfit"
    NOT_YET_VALID = "signer_not_yet_valid"
    EXPIRED = "signer_expired"
    REVOKED = "signer_revoked"


class SignerRefused(ProjectError):
    """The certificate does not lead to a trusted root, or may not sign documents."""

    code = "card.signer_refused"
    message_key = "error.card.not_genuine"

    def __init__(self, reason: SignerFault) -> None:
        super().__init__(f"document signer refused: {reason}", reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class BelievedSigner:
    """A document signer under a trusted root: its key and serial number."""

    public_point: bytes
    serial: int


def check_document_signer(
    certificate_der: bytes, anchors: TrustAnchors, *, at: date, signed_at: datetime
) -> BelievedSigner:
    """The signer in that certificate; ``SignerRefused`` unless one trusted root stands directly above it,

    both are valid on ``at``, the signer was allowed to sign at ``signed_at``, and its serial is not revoked.
    """
    signer = _load(certificate_der)
    root = _find_root(signer, anchors)
    _check_use(signer, root)
    _check_days(signer, root, at=at, signed_at=signed_at)
    if signer.serial_number in anchors.revoked_signers:
        raise SignerRefused(SignerFault.REVOKED)
    return BelievedSigner(_point(signer), signer.serial_number)


def _load(certificate_der: bytes) -> x509.Certificate:
    """The certificate, when both its algorithms are ECDSA with SHA-256 and its encoding is the one of its parts."""
    try:
        certificate = x509.load_der_x509_certificate(certificate_der)
        tbs_der = certificate.tbs_certificate_bytes
        inner = decode_tlv_one(tbs_der).children()[_TBS_ALGORITHM].encode()
        signature = signature_der_from_raw(raw_from_signature_der(certificate.signature))
    except (ValueError, x509.InvalidVersion, TlvError, KeyRefused, IndexError) as error:
        raise SignerRefused(SignerFault.UNFIT) from error
    bits = encode_tlv(TAG_BIT_STRING, b"\x00" + signature)
    if inner != ECDSA_SHA256_DER or encode_sequence((tbs_der, ECDSA_SHA256_DER, bits)) != certificate_der:
        raise SignerRefused(SignerFault.UNFIT)
    return certificate


def _point(certificate: x509.Certificate) -> bytes:
    """The key, as it stands in the signed part: by name of the curve, or not at all (CVE-2020-0601)."""
    try:
        return point_from_spki(decode_tlv_one(certificate.tbs_certificate_bytes).children()[_TBS_KEY].encode())
    except (TlvError, KeyRefused, IndexError) as error:
        raise SignerRefused(SignerFault.UNFIT) from error


@dataclass(frozen=True, slots=True)
class BelievedRoot:
    """A root or link certificate in our one form, and the point of its key. Whether to trust it is another matter."""

    certificate: x509.Certificate
    public_point: bytes


@lru_cache(maxsize=64)
def load_root(root_der: bytes) -> BelievedRoot:
    """The certificate of a country authority; ``SignerRefused`` unless it is in our one form."""
    root = _load(root_der)
    return BelievedRoot(root, _point(root))


def _find_root(signer: x509.Certificate, anchors: TrustAnchors) -> x509.Certificate:
    """The trusted root that signed this certificate."""
    signature = raw_from_signature_der(signer.signature)
    for root_der in anchors.csca_certificates_der:
        root = load_root(root_der)
        # The signature first: until it holds, nothing else in the certificate is worth reading.
        is_signed = is_signed_by(root.public_point, signature, signer.tbs_certificate_bytes)
        if is_signed and root.certificate.subject.public_bytes() == signer.issuer.public_bytes():
            return root.certificate
    raise SignerRefused(SignerFault.UNKNOWN)


def _check_use(signer: x509.Certificate, root: x509.Certificate) -> None:
    """Refuse what may sign something else than documents, or belongs to another country than its root."""
    try:
        usage = signer.extensions.get_extension_for_class(x509.KeyUsage)
        root_usage = root.extensions.get_extension_for_class(x509.KeyUsage).value
        types = signer.extensions.get_extension_for_oid(x509.ObjectIdentifier(OID_DOCUMENT_TYPES))
        extensions = list(signer.extensions)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise SignerRefused(SignerFault.UNFIT) from error
    is_fit = (
        usage.critical
        and usage.value == _DIGITAL_SIGNATURE_ONLY
        and root_usage.key_cert_sign
        and not types.critical
        and all(each.oid in _KNOWN_CRITICAL for each in extensions if each.critical)
        and not any(each.oid == ExtensionOID.BASIC_CONSTRAINTS for each in extensions)
        and signer.version is x509.Version.v3
        and signer.issuer != signer.subject
        and _country(signer) == _country(root)
    )
    if not is_fit:
        raise SignerRefused(SignerFault.UNFIT)


_DIGITAL_SIGNATURE_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _country(certificate: x509.Certificate) -> list[str]:
    countries = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    return [str(country.value).upper() for country in countries]


def _check_days(signer: x509.Certificate, root: x509.Certificate, *, at: date, signed_at: datetime) -> None:
    for certificate in (signer, root):
        if at < certificate.not_valid_before_utc.date():
            raise SignerRefused(SignerFault.NOT_YET_VALID)
        if at > certificate.not_valid_after_utc.date():
            raise SignerRefused(SignerFault.EXPIRED)
    try:
        period = signer.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    except x509.ExtensionNotFound as error:
        raise SignerRefused(SignerFault.UNFIT) from error
    # The extension's times are UTC without a mark (RFC 3280, 4.2.1.4).
    moment = signed_at.replace(tzinfo=None)
    if period.not_before is None or period.not_after is None:
        raise SignerRefused(SignerFault.UNFIT)
    if not period.not_before <= moment <= period.not_after:
        raise SignerRefused(SignerFault.UNFIT)
    _check_was_certified_in_time(signer, root)


def _check_was_certified_in_time(signer: x509.Certificate, root: x509.Certificate) -> None:
    """A root certifies within its own five years; a signer it is made to certify later is a forger's."""
    try:
        period = root.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    except x509.ExtensionNotFound:
        # Recommended, not required, in a root (ICAO 9303-12, table 6).
        return
    certified = signer.not_valid_before_utc.replace(tzinfo=None)
    is_too_early = period.not_before is not None and certified < period.not_before
    is_too_late = period.not_after is not None and certified > period.not_after
    if is_too_early or is_too_late:
        raise SignerRefused(SignerFault.UNFIT)
