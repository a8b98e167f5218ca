"""Defects of EF.SOD and of who signed it. Files and chip are genuine, so that nothing else is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID

from card_service.country_certificates import IssuingState
from card_service.layout import EF_SOD
from card_service.tlv import decode_tlv_one, encode_tlv
from card_service.trust import TrustAnchors
from card_service.verdicts import CheckReason
from hardware_sim.card.virtual_card import VirtualCard
from tests.attacks.country import Country, abroad, found_country, home
from tests.attacks.defect_cards import Circumstances, Defect
from tests.attacks.forgery import Forgery
from tests.attacks.signed_objects import MadeSigner, SignerPlan, SodPlan, make_signer, make_sod

NOT_SIGNED, NOT_VALID, REVOKED = (
    CheckReason.NOT_SIGNED_BY_US,
    CheckReason.SIGNER_NOT_VALID,
    CheckReason.SIGNER_REVOKED,
)
UNREADABLE = CheckReason.UNREADABLE
YESTERDAY = datetime(2026, 3, 9, tzinfo=UTC)
Make = Callable[[], VirtualCard]


def with_sod(make: Callable[[], bytes]) -> Make:
    """A genuine card with this security object in the place of its own."""
    return lambda: Forgery().write(EF_SOD, make()).chip()


def by(make: Callable[[], MadeSigner]) -> Make:
    """Signed by that signer over the true hashes."""
    return with_sod(lambda: make_sod(Forgery().hashes(), make()))


def planned(**changes: object) -> Make:
    """Signed by the genuine signer in another way."""
    return with_sod(lambda: make_sod(Forgery().hashes(), plan=replace(SodPlan(), **changes)))  # type: ignore[arg-type]


def certified(**changes: object) -> Make:
    """Signed by a key that the genuine root certified so."""
    return by(lambda: make_signer(replace(SignerPlan(), **changes)))  # type: ignore[arg-type]


def altered(change: Callable[[bytes], bytes]) -> Make:
    """The genuine security object with its bytes changed."""
    return lambda: Forgery().change(EF_SOD, change).chip()


def rebuilt(change: Callable[[cms.SignedData], None]) -> Make:
    """The genuine security object taken apart by another library, changed and put together again."""

    def apply(sod: bytes) -> bytes:
        info = cms.ContentInfo.load(decode_tlv_one(sod).value)
        change(info["content"])
        return encode_tlv(0x77, info.dump(force=True))

    return altered(apply)


def signature_of(content: bytes) -> Callable[[cms.SignedData], None]:
    def change(data: cms.SignedData) -> None:
        data["signer_infos"][0]["signature"] = content

    return change


def as_plain_pair(data: cms.SignedData) -> None:
    r, s = decode_tlv_one(data["signer_infos"][0]["signature"].native).children()
    data["signer_infos"][0]["signature"] = r.value[-32:].rjust(32, b"\0") + s.value[-32:].rjust(32, b"\0")


def issuer_of_another(data: cms.SignedData) -> None:
    data["signer_infos"][0]["sid"].chosen["serial_number"] = 4711


def of(country: Country) -> MadeSigner:
    return MadeSigner(country.signer.private_key, country.signer.certificate_der)


def home_root() -> MadeSigner:
    return MadeSigner(home().root.private_key, home().root_der)


def under_a_signer() -> MadeSigner:
    signer = home().signer
    return make_signer(issuer=MadeSigner(signer.private_key, signer.certificate_der))


def genuine_certificate_other_key() -> MadeSigner:
    return MadeSigner(ec.generate_private_key(ec.SECP256R1()), home().signer.certificate_der)


def country_code_abroad() -> MadeSigner:
    return of(found_country(IssuingState(alpha2="XX", alpha3="XXX")))


def explicit_curve() -> MadeSigner:
    """The curve written out instead of named: the way of CVE-2020-0601. Cut out of the certificate by hand."""
    made = make_signer()
    named = bytes.fromhex("301306072A8648CE3D020106082A8648CE3D030107")
    written_out = encode_tlv(0x30, bytes.fromhex("06072A8648CE3D0201") + encode_tlv(0x30, b"\x02\x01\x01"))
    assert named in made.certificate_der
    return MadeSigner(made.key, _with_key(made.certificate_der, named, written_out))


def _with_key(certificate: bytes, old: bytes, new: bytes) -> bytes:
    outer = decode_tlv_one(certificate).children()
    tbs = outer[0].children()
    changed = [
        encode_tlv(0x30, each.value.replace(old, new)) if old in each.encode() else each.encode() for each in tbs
    ]
    body = encode_tlv(0x30, b"".join(changed))
    root = home().root.private_key
    signature = encode_tlv(0x03, b"\0" + root.sign(body, ec.ECDSA(SHA256())))
    return encode_tlv(0x30, body + outer[1].encode() + signature)


def rsa_signer() -> MadeSigner:
    return make_signer(key=rsa.generate_private_key(65537, 2048))


def p384_signer() -> MadeSigner:
    return make_signer(key=ec.generate_private_key(ec.SECP384R1()))


def twice_listed() -> Make:
    def make() -> bytes:
        hashes = sorted(Forgery().hashes().items())
        return make_sod({}, plan=SodPlan(listed=(hashes[0], *hashes)))

    return with_sod(make)


def revoking() -> TrustAnchors:
    serial = x509.load_der_x509_certificate(home().signer.certificate_der).serial_number
    return replace(home().anchors, revoked_signers=frozenset({serial}), crl_number=2)


def foreign_anchors() -> TrustAnchors:
    return abroad().anchors


UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
MORE = (cms.CMSAttribute({"type": "1.2.3.4.5", "values": [core.OctetString(b"more")]}),)
ORDER_PAIR = bytes.fromhex("022100FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551" + "020101")
UNSIGNED = (cms.CMSAttribute({"type": "content_type", "values": ["data"]}),)
LONG_OID = encode_tlv(0x30, encode_tlv(0x06, b"\x2a" + b"\x81" * 3_900 + b"\x01"))
NESTED = bytes.fromhex("77820FA0") + b"".join(b"\x30\x82" + (4_000 - 4 * n).to_bytes(2, "big") for n in range(1, 1_000))

SIGNERS = (
    Defect("signed abroad, by a State with our names", by(lambda: of(abroad())), NOT_SIGNED),
    Defect("signed by a State of another code", by(country_code_abroad), NOT_SIGNED),
    Defect("self-signed signer", by(lambda: make_signer(is_self_signed=True, issuer=None)), NOT_SIGNED),
    Defect("signed by the country root itself", by(home_root), NOT_SIGNED),
    Defect("signer below another document signer", by(under_a_signer), NOT_SIGNED),
    Defect("signer that is a certification authority", certified(is_authority=True), NOT_SIGNED),
    Defect("signer that may sign certificates", certified(usage=("digital_signature", "key_cert_sign")), NOT_SIGNED),
    Defect("signer that may only agree keys", certified(usage=("key_agreement",)), NOT_SIGNED),
    Defect("signer without key usage", certified(usage=None), NOT_SIGNED),
    Defect("key usage not critical", certified(is_usage_critical=False), NOT_SIGNED),
    Defect("critical extended key usage of a server", certified(extra=((SERVER, True),)), NOT_SIGNED),
    Defect("critical extension that nobody knows", certified(extra=((UNKNOWN_EXTENSION, True),)), NOT_SIGNED),
    Defect("signer without document types", certified(has_document_types=False), NOT_SIGNED),
    Defect("signer without private key usage period", certified(signs_until=None), NOT_SIGNED),
    Defect("signer of another country under our root", certified(country="XX"), NOT_SIGNED),
    Defect("signer's certificate with SHA-384", certified(digest="sha384"), NOT_SIGNED),
    Defect("genuine certificate, another key", by(genuine_certificate_other_key), NOT_SIGNED),
    Defect("signer with an RSA key", by(rsa_signer), NOT_SIGNED),
    Defect("signer with a key on P-384", by(p384_signer), NOT_SIGNED),
    Defect("curve written out instead of named", by(explicit_curve), NOT_SIGNED),
    Defect("expired signer", certified(ends=YESTERDAY), NOT_VALID),
    Defect("signer not yet valid", certified(starts=datetime(2026, 3, 11, tzinfo=UTC)), NOT_VALID),
    Defect("signed after the key was to rest", planned(signed_at=datetime(2026, 4, 5, tzinfo=UTC)), NOT_SIGNED),
    Defect("signed before the certificate began", planned(signed_at=datetime(2025, 12, 31, tzinfo=UTC)), NOT_SIGNED),
    Defect("revoked signer", lambda: Forgery().chip(), REVOKED, Circumstances(anchors=revoking)),
    Defect(
        "home card at a terminal abroad", lambda: Forgery().chip(), NOT_SIGNED, Circumstances(anchors=foreign_anchors)
    ),
    Defect(
        "signer past the end of its certificate",
        lambda: Forgery().chip(),
        NOT_VALID,
        Circumstances(on=date(2026, 1, 1) + timedelta(days=365 * 11)),
    ),
)
OBJECTS = (
    Defect("no EF.SOD", lambda: Forgery().remove(EF_SOD).chip(), NOT_SIGNED),
    Defect("empty EF.SOD", lambda: Forgery().write(EF_SOD, b"").chip(), UNREADABLE),
    Defect("EF.SOD cut off in the middle", altered(lambda sod: sod[: len(sod) // 2]), NOT_SIGNED),
    Defect("a byte behind EF.SOD", altered(lambda sod: sod + b"\0"), NOT_SIGNED),
    Defect("EF.SOD twice", altered(lambda sod: sod * 2), NOT_SIGNED),
    Defect("another tag than 77", altered(lambda sod: b"\x78" + sod[1:]), NOT_SIGNED),
    Defect("CMS without the tag", altered(lambda sod: decode_tlv_one(sod).value), NOT_SIGNED),
    Defect("indefinite length", altered(lambda sod: b"\x77\x80" + decode_tlv_one(sod).value + b"\0\0"), NOT_SIGNED),
    Defect("length in three bytes", altered(lambda sod: b"\x77\x83\x00" + sod[2:]), NOT_SIGNED),
    Defect("length beyond the file", altered(lambda sod: b"\x77\x82\xff\xff" + sod[4:]), NOT_SIGNED),
    Defect("digest SHA-1", planned(digest="sha1"), NOT_SIGNED),
    Defect("digest SHA-384", planned(digest="sha384"), NOT_SIGNED),
    Defect("digest with NULL parameters", planned(has_null_parameters=True), NOT_SIGNED),
    Defect("content type data", planned(content_type="data"), NOT_SIGNED),
    Defect("attribute of another content type", planned(attribute_content_type="data"), NOT_SIGNED),
    Defect("wrong message digest", planned(wrong_message_digest=True), NOT_SIGNED),
    Defect("no signed attributes", planned(has_attributes=False), NOT_SIGNED),
    Defect("no signing time", planned(has_signing_time=False), NOT_SIGNED),
    Defect("two signers", planned(signers=2), NOT_SIGNED),
    Defect("no signer", planned(signers=0), NOT_SIGNED),
    Defect("two certificates", planned(certificates=2), NOT_SIGNED),
    Defect("no certificate", planned(certificates=0), NOT_SIGNED),
    Defect("an unsigned attribute", planned(unsigned=UNSIGNED), NOT_SIGNED),
    Defect("an attribute more", planned(extra=MORE), NOT_SIGNED),
    Defect("signed data of version 1", planned(version="v1"), NOT_SIGNED),
    Defect("signer named by its key", planned(by_key_identifier=True), NOT_SIGNED),
    Defect("signer named with another number", rebuilt(issuer_of_another), NOT_SIGNED),
    Defect("signature of zeros", rebuilt(signature_of(bytes.fromhex("3006020100020100"))), NOT_SIGNED),
    Defect("signature of the curve's order", rebuilt(signature_of(encode_tlv(0x30, ORDER_PAIR))), NOT_SIGNED),
    Defect("signature as a plain pair", rebuilt(as_plain_pair), NOT_SIGNED),
    Defect("a data group listed twice", twice_listed(), NOT_SIGNED),
    Defect("EF.SOD of one long object identifier", with_sod(lambda: encode_tlv(0x77, LONG_OID)), NOT_SIGNED),
    Defect("60 KB of EF.SOD", with_sod(lambda: encode_tlv(0x77, bytes(60_000))), UNREADABLE),
    Defect("EF.SOD nested 1,000 deep", with_sod(lambda: NESTED), NOT_SIGNED),
)


CATALOGUE = (*SIGNERS, *OBJECTS)
