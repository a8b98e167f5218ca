"""The list of document signers no longer believed: an X.509 CRL signed by a country root (ICAO 9303-12, 7.1.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from asn1crypto import core, crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import SignatureAlgorithmOID

from card_service.der import KeyRefused, raw_from_signature_der, signature_der_from_raw
from card_service.document_signer import BelievedRoot, SignerRefused, load_root
from card_service.ecdsa_raw import is_signed_by
from card_service.signing import Signer
from domain.errors import ProjectError

#: A list is issued at least this often, changed or not (ICAO 9303-12, table 4).
NEXT_UPDATE = timedelta(days=90)


class CrlRefused(ProjectError):
    """The list is malformed, or not signed by a root that we trust."""

    code = "card.signer_crl_refused"
    message_key = "error.card.trust_refused"


@dataclass(frozen=True, slots=True)
class SignerCrl:
    """Serial numbers of revoked document signers. ``number`` only rises."""

    number: int
    issued_on: date
    serials: frozenset[int]


def sign_signer_crl(content: SignerCrl, root_der: bytes, root: Signer) -> bytes:
    """The list (DER), version 2, with CRL number and authority key identifier."""
    certificate = asn1_x509.Certificate.load(root_der)
    issued = _instant(content.issued_on)
    tbs = crl.TbsCertList(
        {
            "version": "v2",
            "signature": {"algorithm": "sha256_ecdsa"},
            "issuer": certificate.subject,
            "this_update": _utc_time(issued),
            "next_update": _utc_time(issued + NEXT_UPDATE),
            "crl_extensions": [
                {
                    "extn_id": "authority_key_identifier",
                    "critical": False,
                    "extn_value": {"key_identifier": certificate.key_identifier_value.native},
                },
                {"extn_id": "crl_number", "critical": False, "extn_value": content.number},
            ],
        }
    )
    if content.serials:
        entries = [
            {"user_certificate": serial, "revocation_date": _utc_time(issued)} for serial in sorted(content.serials)
        ]
        tbs["revoked_certificates"] = entries
    signature = signature_der_from_raw(root.sign(tbs.dump()))
    whole = {"tbs_cert_list": tbs, "signature_algorithm": {"algorithm": "sha256_ecdsa"}, "signature": signature}
    return bytes(crl.CertificateList(whole).dump())


def verify_signer_crl(crl_der: bytes, roots_der: Iterable[bytes]) -> SignerCrl:
    """What a list says that one of these roots signed; else ``CrlRefused``. Its age is for the caller to judge."""
    try:
        found = x509.load_der_x509_crl(crl_der)
        signature = raw_from_signature_der(found.signature)
        number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        is_ours = found.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256
        serials = frozenset(entry.serial_number for entry in found)
        issued_on = found.last_update_utc.date()
    except (ValueError, KeyRefused, x509.ExtensionNotFound, x509.DuplicateExtension) as error:
        raise CrlRefused("the list of document signers is malformed") from error
    if not is_ours or not any(_is_by(root, found, signature) for root in _roots(roots_der)):
        raise CrlRefused("the list of document signers is not signed by a trusted root")
    return SignerCrl(number, issued_on, serials)


def _roots(roots_der: Iterable[bytes]) -> list[BelievedRoot]:
    try:
        return [load_root(root_der) for root_der in roots_der]
    except SignerRefused as error:
        raise CrlRefused("a root certificate is malformed") from error


def _is_by(root: BelievedRoot, found: x509.CertificateRevocationList, signature: bytes) -> bool:
    same_name = root.certificate.subject.public_bytes() == found.issuer.public_bytes()
    return same_name and is_signed_by(root.public_point, signature, found.tbs_certlist_bytes)


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _utc_time(moment: datetime) -> asn1_x509.Time:
    return asn1_x509.Time({"utc_time": core.UTCTime(moment)})
