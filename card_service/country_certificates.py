"""X.509 certificates of the identity chain: the country root (CSCA) and its document signers (ICAO 9303-12, 7.1).

One deliberate difference: the curve is given by name, where ICAO asks for explicit parameters. Explicit parameters let
a forger bring an own base point (CVE-2020-0601), and all readers we know accept the name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from asn1crypto import core, keys, x509

from card_service.der import (
    TAG_SET,
    encode_integer,
    encode_sequence,
    point_from_spki,
    signature_der_from_raw,
    spki_from_point,
)
from card_service.document_signer import OID_DOCUMENT_TYPES
from card_service.signing import Signer
from card_service.tlv import encode_tlv

SERIAL_BYTES = 16
#: The private key of a root signs for five years; cards it vouches for live ten years longer (ICAO 9303-12, table 3).
ROOT_SIGNING = timedelta(days=5 * 365)
ROOT_VALIDITY = timedelta(days=16 * 365)
#: A document signer's private key works three months; its certificate outlives the cards it signed.
SIGNER_SIGNING = timedelta(days=92)
CARD_VALIDITY = timedelta(days=10 * 365)
SIGNER_VALIDITY = CARD_VALIDITY + timedelta(days=2 * 92)


@dataclass(frozen=True, slots=True)
class IssuingState:
    """Who issues: country code of certificates (two letters), of the machine readable zone (three), organisation."""

    alpha2: str = "UT"
    alpha3: str = "UTO"
    organisation: str = "Single Window"
    contact_uri: str = "https://registry.example/pki"


@dataclass(frozen=True, slots=True)
class _Plan:
    subject: x509.Name
    issuer: x509.Name
    subject_point: bytes
    issuer_point: bytes
    serial: bytes
    valid_from: date
    validity: timedelta
    signing: timedelta
    state: IssuingState


def issue_country_root(signer: Signer, *, state: IssuingState, serial: bytes, valid_from: date) -> bytes:
    """A self-signed root certificate (DER). ``serial`` is 16 random bytes."""
    name = _name(state, "Country Signing CA")
    point = signer.public_point
    plan = _Plan(name, name, point, point, serial, valid_from, ROOT_VALIDITY, ROOT_SIGNING, state)
    special = [
        _extension("basic_constraints", {"ca": True, "path_len_constraint": 0}, is_critical=True),
        _extension("key_usage", {"key_cert_sign", "crl_sign"}, is_critical=True),
    ]
    return _issue(plan, special, signer)


def issue_country_link(
    old_root_der: bytes, old_root: Signer, new_root_der: bytes, *, state: IssuingState, serial: bytes
) -> bytes:
    """The certificate (DER) in which the old root vouches for the new root's key (ICAO 9303-12, 7.1; RFC 4210, 4.4).

    Valid from the new root's first day to the old root's last: who trusts the old one may learn the new one so long.
    """
    old, new = x509.Certificate.load(old_root_der), x509.Certificate.load(new_root_der)
    starts, ends = new.not_valid_before.date(), old.not_valid_after.date()
    point = point_from_spki(new.public_key.dump())
    signing = min(ROOT_SIGNING, ends - starts)
    plan = _Plan(new.subject, old.subject, point, old_root.public_point, serial, starts, ends - starts, signing, state)
    special = [
        _extension("basic_constraints", {"ca": True, "path_len_constraint": 0}, is_critical=True),
        _extension("key_usage", {"key_cert_sign", "crl_sign"}, is_critical=True),
    ]
    return _issue(plan, special, old_root)


def issue_document_signer(
    root_der: bytes,
    root: Signer,
    subject_point: bytes,
    *,
    state: IssuingState,
    serial: bytes,
    valid_from: date,
) -> bytes:
    """A document signer certificate (DER) for the key at ``subject_point``, signed by the root."""
    issuer = x509.Certificate.load(root_der).subject
    subject = _name(state, f"Document Signer {serial.hex()[:8]}")
    plan = _Plan(
        subject, issuer, subject_point, root.public_point, serial, valid_from, SIGNER_VALIDITY, SIGNER_SIGNING, state
    )
    # DocumentTypeList (ICAO 9303-12, 7.1.1.6): version 0, documents "I".
    types = encode_tlv(TAG_SET, core.PrintableString("I").dump())
    special = [
        _extension("key_usage", {"digital_signature"}, is_critical=True),
        x509.Extension(
            {
                "extn_id": OID_DOCUMENT_TYPES,
                "critical": False,
                "extn_value": core.ParsableOctetString(encode_sequence((encode_integer(0), types))),
            }
        ),
    ]
    return _issue(plan, special, root)


def _issue(plan: _Plan, special: list[x509.Extension], signer: Signer) -> bytes:
    starts, ends = _instant(plan.valid_from), _instant(plan.valid_from + plan.validity)
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            # Positive and never of more than 20 octets (RFC 5280, 4.1.2.2).
            "serial_number": int.from_bytes(b"\x01" + plan.serial, "big"),
            "signature": {"algorithm": "sha256_ecdsa"},
            "issuer": plan.issuer,
            "validity": {"not_before": _time(starts), "not_after": _time(ends)},
            "subject": plan.subject,
            "subject_public_key_info": keys.PublicKeyInfo.load(spki_from_point(plan.subject_point)),
            "extensions": [*_identifiers(plan), *special, *_addresses(plan.state)],
        }
    )
    signature = signature_der_from_raw(signer.sign(tbs.dump()))
    certificate = x509.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature_value": signature,
        }
    )
    return bytes(certificate.dump())


def _identifiers(plan: _Plan) -> list[x509.Extension]:
    starts = _instant(plan.valid_from)
    period = {"not_before": starts, "not_after": _instant(plan.valid_from + plan.signing)}
    return [
        _extension("authority_key_identifier", {"key_identifier": _key_id(plan.issuer_point)}),
        _extension("key_identifier", _key_id(plan.subject_point)),
        _extension("private_key_usage_period", period),
    ]


def _addresses(state: IssuingState) -> list[x509.Extension]:
    """Alternative names with the three-letter code of the State, and where revocation lists are published."""
    place = x509.Name.build({"locality_name": state.alpha3})
    names = [
        x509.GeneralName("uniform_resource_identifier", state.contact_uri),
        x509.GeneralName("directory_name", place),
    ]
    point = x509.GeneralName("uniform_resource_identifier", f"{state.contact_uri}/{state.alpha2}.crl")
    distribution = x509.DistributionPoint({"distribution_point": x509.DistributionPointName("full_name", [point])})
    return [
        _extension("issuer_alt_name", names),
        _extension("subject_alt_name", names),
        _extension("crl_distribution_points", [distribution]),
    ]


def _extension(name: str, value: object, *, is_critical: bool = False) -> x509.Extension:
    return x509.Extension({"extn_id": name, "critical": is_critical, "extn_value": value})


def _name(state: IssuingState, common_name: str) -> x509.Name:
    return x509.Name.build(
        {
            "country_name": state.alpha2,
            "organization_name": state.organisation,
            "common_name": common_name,
        }
    )


def _key_id(point: bytes) -> bytes:
    # RFC 5280, 4.2.1.2 (1): SHA-1 names a key here, it protects nothing.
    return hashlib.sha1(point, usedforsecurity=False).digest()


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _time(moment: datetime) -> x509.Time:
    """UTCTime up to 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5)."""
    if moment.year < _FIRST_GENERALIZED_YEAR:
        return x509.Time({"utc_time": core.UTCTime(moment)})
    return x509.Time({"general_time": core.GeneralizedTime(moment)})


_FIRST_GENERALIZED_YEAR = 2050
