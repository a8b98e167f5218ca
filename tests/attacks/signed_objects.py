"""Security objects and signer certificates with one thing wrong, but signed as properly as the defect allows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from card_service.der import encode_oid, encode_sequence
from card_service.document_signer import OID_DOCUMENT_TYPES
from card_service.security_object import OID_LDS_SECURITY_OBJECT
from card_service.tlv import encode_tlv
from tests.attacks.country import SIGNED_AT, STARTED, Country, home

LDS = OID_LDS_SECURITY_OBJECT
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_HASHES = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "md5": hashes.MD5()}
DOCUMENT_TYPES = x509.UnrecognizedExtension(
    x509.ObjectIdentifier(OID_DOCUMENT_TYPES), bytes.fromhex("30080201003103130149")
)


@dataclass(frozen=True)
class SignerPlan:
    """A document signer certificate; every field may be wrong."""

    country: str = "UT"
    common_name: str = "Document Signer"
    usage: tuple[str, ...] | None = ("digital_signature",)
    is_usage_critical: bool = True
    is_authority: bool = False
    starts: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    ends: datetime = datetime(2036, 8, 1, tzinfo=UTC)
    signs_until: datetime | None = datetime(2026, 4, 1, tzinfo=UTC)
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    has_document_types: bool = True
    digest: str = "sha256"


@dataclass(frozen=True)
class MadeSigner:
    """A key and its certificate."""

    key: PrivateKey
    certificate_der: bytes


def make_signer(
    plan: SignerPlan | None = None,
    *,
    key: PrivateKey | None = None,
    issuer: MadeSigner | None = None,
    country: Country | None = None,
    is_self_signed: bool = False,
) -> MadeSigner:
    """A document signer as planned, under the home country's root unless told otherwise."""
    plan, country = plan or SignerPlan(), country or home()
    key = key or ec.generate_private_key(ec.SECP256R1())
    issuer = issuer or MadeSigner(country.root.private_key, country.root_der)
    subject = _name(plan)
    issuer_name = subject if is_self_signed else x509.load_der_x509_certificate(issuer.certificate_der).subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(plan.starts)
        .not_valid_after(plan.ends)
    )
    for extension, is_critical in _extensions(plan):
        builder = builder.add_extension(extension, critical=is_critical)
    signing_key = key if is_self_signed else issuer.key
    certificate = builder.sign(signing_key, _HASHES[plan.digest])  # type: ignore[arg-type]
    return MadeSigner(key, certificate.public_bytes(Encoding.DER))


def _name(plan: SignerPlan) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, plan.country), (NameOID.COMMON_NAME, plan.common_name))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _extensions(plan: SignerPlan) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    if plan.usage is not None:
        flags = dict.fromkeys(_USAGES, False) | dict.fromkeys(plan.usage, True)
        found.append((x509.KeyUsage(**flags), plan.is_usage_critical))
    if plan.is_authority:
        found.append((x509.BasicConstraints(ca=True, path_length=None), True))
    if plan.signs_until is not None:
        began = datetime.combine(STARTED, datetime.min.time())
        found.append((x509.PrivateKeyUsagePeriod(began, plan.signs_until.replace(tzinfo=None)), False))
    if plan.has_document_types:
        found.append((DOCUMENT_TYPES, False))
    return [*found, *plan.extra]


_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class SodPlan:
    """A security object; every field may be wrong. ``tail`` goes behind, ``attributes`` besides the usual three."""

    digest: str = "sha256"
    content_type: str = LDS
    attribute_content_type: str = LDS
    listed: tuple[tuple[int, bytes], ...] = ()
    has_attributes: bool = True
    has_signing_time: bool = True
    wrong_message_digest: bool = False
    signed_at: datetime = SIGNED_AT
    signers: int = 1
    certificates: int = 1
    has_null_parameters: bool = False
    unsigned: tuple[cms.CMSAttribute, ...] = ()
    by_key_identifier: bool = False
    version: str = "v3"
    extra: tuple[cms.CMSAttribute, ...] = field(default=())


def make_sod(hashes_: Mapping[int, bytes], signer: MadeSigner | None = None, plan: SodPlan | None = None) -> bytes:
    """EF.SOD as planned, with a signature that holds over whatever it says."""
    plan = plan or SodPlan()
    signer = signer or MadeSigner(home().signer.private_key, home().signer.certificate_der)
    content = _lds_object(hashes_, plan)
    certificate = asn1_x509.Certificate.load(signer.certificate_der)
    info = _signer_info(content, certificate, signer.key, plan)
    data = cms.SignedData(
        {
            "version": plan.version,
            "digest_algorithms": [_digest_algorithm(plan)],
            "encap_content_info": {"content_type": plan.content_type, "content": core.ParsableOctetString(content)},
            "certificates": [certificate.copy() for _ in range(plan.certificates)],
            "signer_infos": [info.copy() for _ in range(plan.signers)],
        }
    )
    whole = cms.ContentInfo({"content_type": "signed_data", "content": data})
    return encode_tlv(0x77, whole.dump())


class _Entry(core.Sequence):  # type: ignore[misc]  # asn1crypto ships no types
    _fields = [("number", core.Integer), ("digest", core.OctetString)]


class _Entries(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Entry


class _Versions(core.Sequence):  # type: ignore[misc]
    _fields = [("lds", core.PrintableString), ("unicode", core.PrintableString)]


class _LdsObject(core.Sequence):  # type: ignore[misc]
    """LDSSecurityObject (ICAO 9303-10, D.2)."""

    _fields = [
        ("version", core.Integer),
        ("algorithm", algos.DigestAlgorithm),
        ("hashes", _Entries),
        ("versions", _Versions),
    ]


def _lds_object(hashes_: Mapping[int, bytes], plan: SodPlan) -> bytes:
    entries = plan.listed or tuple(sorted(hashes_.items()))
    listed = [{"number": number, "digest": digest} for number, digest in entries]
    made = _LdsObject(
        {
            "version": 1,
            "algorithm": _digest_algorithm(plan),
            "hashes": listed,
            "versions": {"lds": "0108", "unicode": "040000"},
        }
    )
    return bytes(made.dump())


def _digest_algorithm(plan: SodPlan) -> algos.DigestAlgorithm:
    # Loaded from bytes: built from names, the library adds NULL parameters by itself.
    oid = encode_oid(algos.DigestAlgorithmId(plan.digest).dotted)
    return algos.DigestAlgorithm.load(encode_sequence((oid, b"\x05\x00" if plan.has_null_parameters else b"")))


def _signer_info(content: bytes, certificate: asn1_x509.Certificate, key: PrivateKey, plan: SodPlan) -> cms.SignerInfo:
    attributes = _attributes(content, plan) if plan.has_attributes else None
    to_be_signed = content if attributes is None else b"\x31" + attributes.dump()[1:]
    value: dict[str, object] = {
        "version": "v1",
        "sid": _identifier(certificate, plan),
        "digest_algorithm": _digest_algorithm(plan),
        "signature_algorithm": {"algorithm": _signature_algorithm(key, plan)},
        "signature": _sign(key, to_be_signed, plan),
    }
    if attributes is not None:
        value["signed_attrs"] = attributes
    if plan.unsigned:
        value["unsigned_attrs"] = cms.CMSAttributes(list(plan.unsigned))
    return cms.SignerInfo(value)


def _identifier(certificate: asn1_x509.Certificate, plan: SodPlan) -> cms.SignerIdentifier:
    if plan.by_key_identifier:
        return cms.SignerIdentifier("subject_key_identifier", core.OctetString(certificate.public_key.sha1))
    by_name = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    return cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(by_name))


def _attributes(content: bytes, plan: SodPlan) -> cms.CMSAttributes:
    digest = hashlib.new(plan.digest, content).digest()
    if plan.wrong_message_digest:
        digest = bytes(len(digest))
    found = [cms.CMSAttribute({"type": "content_type", "values": [plan.attribute_content_type]})]
    if plan.has_signing_time:
        moment = cms.Time({"utc_time": core.UTCTime(plan.signed_at)})
        found.append(cms.CMSAttribute({"type": "signing_time", "values": [moment]}))
    found.append(cms.CMSAttribute({"type": "message_digest", "values": [core.OctetString(digest)]}))
    ordered = sorted([*found, *plan.extra], key=lambda each: bytes(each.dump()))
    return cms.CMSAttributes(ordered)


def _signature_algorithm(key: PrivateKey, plan: SodPlan) -> str:
    kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ecdsa"
    return f"{plan.digest}_{kind}"


def _sign(key: PrivateKey, message: bytes, plan: SodPlan) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), _HASHES[plan.digest])
    return key.sign(message, ec.ECDSA(_HASHES[plan.digest]))


YEAR = timedelta(days=365)
