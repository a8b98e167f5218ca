"""The defect catalogue of the security object: one wrong thing each, with the reason it is refused for."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from card_service import country_certificates, security_object
from card_service.country_certificates import IssuingState, issue_country_root, issue_document_signer
from card_service.security_object import SodRefusal, SodRefused, build_sod, verify_sod
from card_service.signing import KeyRole
from card_service.tlv import decode_tlv_one, encode_tlv
from tests.unit.card_service_issuer.authority import NOW, TODAY, MemoryAuthority, MemorySigner, new_signer

HASHES = {number: hashlib.sha256(bytes([number])).digest() for number in (1, 2, 11, 13, 14, 15)}


@pytest.fixture(scope="module")
def authority() -> MemoryAuthority:
    return MemoryAuthority()


def refusal_of(sod: bytes, authority: MemoryAuthority, at: date = TODAY) -> SodRefusal:
    with pytest.raises(SodRefused) as caught:
        verify_sod(sod, authority.anchors, at=at)
    return caught.value.reason


def rebuilt(sod: bytes, change: object) -> bytes:
    """The object decoded by another library, changed, and encoded again."""
    info = cms.ContentInfo.load(decode_tlv_one(sod).value)
    assert callable(change)
    change(info["content"])
    return encode_tlv(0x77, info.dump(force=True))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_believes_the_same_object(authority: MemoryAuthority, tmp_path: Path) -> None:
    sod = build_sod(HASHES, authority.document_signer, signed_at=NOW)
    (tmp_path / "sod.der").write_bytes(decode_tlv_one(sod).value)
    root = x509.load_der_x509_certificate(authority.csca_der)
    (tmp_path / "csca.pem").write_bytes(root.public_bytes(Encoding.PEM))
    command = (
        f"openssl cms -verify -inform DER -in {tmp_path}/sod.der -CAfile {tmp_path}/csca.pem"
        f" -purpose any -attime {int(NOW.timestamp())} -out {tmp_path}/content.der"
    )
    result = subprocess.run(command.split(), capture_output=True, text=True, timeout=20, check=False)
    assert "CMS Verification successful" in result.stderr, result.stderr
    assert HASHES[2] in (tmp_path / "content.der").read_bytes()


def test_another_library_reads_the_structure_that_the_standard_names(authority: MemoryAuthority) -> None:
    info = cms.ContentInfo.load(decode_tlv_one(build_sod(HASHES, authority.document_signer, signed_at=NOW)).value)
    signed_data = info["content"]
    signer = signed_data["signer_infos"][0]
    assert signed_data["version"].native == "v3"
    assert signed_data["encap_content_info"]["content_type"].dotted == "2.23.136.1.1.1"
    assert signer["sid"].chosen["serial_number"].native == asn1_x509.Certificate.load(authority.ds_der).serial_number
    assert signer["signed_attrs"].dump()[0] == 0xA0
    assert info.dump(force=True) == info.dump()


def _drop_signing_time(data: cms.SignedData) -> None:
    info = data["signer_infos"][0]
    info["signed_attrs"] = [each for each in info["signed_attrs"] if each["type"].native != "signing_time"]


def _drop_all_attributes(data: cms.SignedData) -> None:
    del data["signer_infos"][0]["signed_attrs"]


def _double_signer(data: cms.SignedData) -> None:
    data["signer_infos"] = [data["signer_infos"][0].copy(), data["signer_infos"][0].copy()]


def _no_signer(data: cms.SignedData) -> None:
    data["signer_infos"] = []


def _double_certificate(data: cms.SignedData) -> None:
    certificate = data["certificates"][0].chosen
    data["certificates"] = [certificate.copy(), certificate.copy()]


def _null_parameters(data: cms.SignedData) -> None:
    data["digest_algorithms"] = [{"algorithm": "sha256", "parameters": core.Null()}]


def _sha1(data: cms.SignedData) -> None:
    data["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}


def _plain_data(data: cms.SignedData) -> None:
    data["encap_content_info"]["content_type"] = "data"


def _unsigned_attribute(data: cms.SignedData) -> None:
    attribute = cms.CMSAttribute({"type": "content_type", "values": ["data"]})
    data["signer_infos"][0]["unsigned_attrs"] = [attribute]


def _rsa_algorithm(data: cms.SignedData) -> None:
    data["signer_infos"][0]["signature_algorithm"] = {"algorithm": "sha256_rsa"}


def _other_issuer(data: cms.SignedData) -> None:
    name = asn1_x509.Name.build({"country_name": "XX"})
    data["signer_infos"][0]["sid"].chosen["issuer"] = name


def _zero_signature(data: cms.SignedData) -> None:
    data["signer_infos"][0]["signature"] = bytes.fromhex("3006020100020100")


def _version_1(data: cms.SignedData) -> None:
    data["version"] = "v1"


@pytest.mark.parametrize(
    "change",
    [
        _drop_signing_time,
        _drop_all_attributes,
        _double_signer,
        _no_signer,
        _double_certificate,
        _null_parameters,
        _sha1,
        _plain_data,
        _unsigned_attribute,
        _rsa_algorithm,
        _other_issuer,
        _zero_signature,
        _version_1,
    ],
)
def test_an_object_put_together_another_way_is_refused(authority: MemoryAuthority, change: object) -> None:
    sod = build_sod(HASHES, authority.document_signer, signed_at=NOW)
    assert rebuilt(sod, lambda _: None) == sod
    assert refusal_of(rebuilt(sod, change), authority) in SodRefusal


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"\x77\x00",
        b"\x77\x80\x00\x00",
        b"\x30\x03\x02\x01\x01",
        bytes(5_000),
        b"\x77\x84\xff\xff\xff\xff",
        b"\x30\x82\x0b\xb8" + b"\x30\x82\x0b\xb4" * 700,
    ],
)
def test_what_is_no_security_object_is_refused(authority: MemoryAuthority, wrong: bytes) -> None:
    assert refusal_of(wrong, authority) is SodRefusal.MALFORMED


def test_a_self_made_root_is_unknown(authority: MemoryAuthority) -> None:
    forged = build_sod(HASHES, MemoryAuthority().document_signer, signed_at=NOW)
    assert refusal_of(forged, authority) is SodRefusal.SIGNER_UNKNOWN


def test_a_root_may_not_sign_cards_itself(authority: MemoryAuthority) -> None:
    root = authority.signers[KeyRole.COUNTRY_SIGNER]
    forged = build_sod(HASHES, MemorySigner(root.private_key, authority.csca_der), signed_at=NOW)
    assert refusal_of(forged, authority) is SodRefusal.SIGNER_UNFIT


def test_a_document_signer_may_not_make_document_signers(authority: MemoryAuthority) -> None:
    below = new_signer()
    certificate = issue_document_signer(
        authority.ds_der,
        authority.document_signer,
        below.public_point,
        state=authority.state,
        serial=bytes(16),
        valid_from=TODAY,
    )
    forged = build_sod(HASHES, MemorySigner(below.private_key, certificate), signed_at=NOW)
    assert refusal_of(forged, authority) is SodRefusal.SIGNER_UNKNOWN


def test_a_signer_of_another_country_is_unfit(authority: MemoryAuthority) -> None:
    key = new_signer()
    certificate = issue_document_signer(
        authority.csca_der,
        authority.signers[KeyRole.COUNTRY_SIGNER],
        key.public_point,
        state=IssuingState(alpha2="XX"),
        serial=bytes(16),
        valid_from=TODAY,
    )
    forged = build_sod(HASHES, MemorySigner(key.private_key, certificate), signed_at=NOW)
    assert refusal_of(forged, authority) is SodRefusal.SIGNER_UNFIT


def test_a_certificate_with_the_key_of_another_is_refused(authority: MemoryAuthority) -> None:
    forged = build_sod(HASHES, MemorySigner(new_signer().private_key, authority.ds_der), signed_at=NOW)
    assert refusal_of(forged, authority) is SodRefusal.SIGNATURE_WRONG


def test_a_revoked_signer_is_refused_from_the_list_on(authority: MemoryAuthority) -> None:
    sod = build_sod(HASHES, authority.document_signer, signed_at=NOW)
    serial = verify_sod(sod, authority.anchors, at=TODAY).signer_serial
    authority_later = MemoryAuthority.__new__(MemoryAuthority)
    authority_later.__dict__ = {**authority.__dict__, "revoked": frozenset({serial})}
    assert refusal_of(sod, authority_later) is SodRefusal.SIGNER_REVOKED


def test_a_signer_is_good_within_its_days_only(authority: MemoryAuthority) -> None:
    sod = build_sod(HASHES, authority.document_signer, signed_at=NOW)
    last_day = TODAY + country_certificates.SIGNER_VALIDITY
    assert verify_sod(sod, authority.anchors, at=last_day)
    assert refusal_of(sod, authority, at=TODAY - timedelta(days=1)) is SodRefusal.SIGNER_NOT_YET_VALID
    assert refusal_of(sod, authority, at=last_day + timedelta(days=1)) is SodRefusal.SIGNER_EXPIRED


def test_a_signature_made_after_the_key_was_to_rest_is_refused(authority: MemoryAuthority) -> None:
    late = datetime(2026, 11, 22, tzinfo=UTC) + country_certificates.SIGNER_SIGNING + timedelta(seconds=1)
    sod = build_sod(HASHES, authority.document_signer, signed_at=late)
    assert refusal_of(sod, authority) is SodRefusal.SIGNER_UNFIT


@pytest.mark.parametrize("hashes", [{}, {0: bytes(32)}, {17: bytes(32)}, {1: bytes(20)}, {-1: bytes(32)}])
def test_a_list_of_hashes_that_no_card_has_is_refused(authority: MemoryAuthority, hashes: dict[int, bytes]) -> None:
    sod = build_sod(hashes, authority.document_signer, signed_at=NOW)
    assert refusal_of(sod, authority) in (SodRefusal.NOT_OUR_FORM, SodRefusal.MALFORMED)


def test_a_data_group_listed_twice_is_refused(authority: MemoryAuthority, monkeypatch: pytest.MonkeyPatch) -> None:
    # Patched: no honest function of ours writes a hash twice.
    plain = security_object._encode_content

    def doubled(hashes: dict[int, bytes]) -> bytes:
        version, algorithm, entries, versions = decode_tlv_one(plain(hashes)).children()
        twice = encode_tlv(0x30, entries.children()[0].encode() + entries.value)
        return encode_tlv(0x30, version.encode() + algorithm.encode() + twice + versions.encode())

    monkeypatch.setattr(security_object, "_encode_content", doubled)
    sod = build_sod(HASHES, authority.document_signer, signed_at=NOW)
    monkeypatch.undo()
    assert refusal_of(sod, authority) is SodRefusal.NOT_OUR_FORM


def test_two_roots_in_office_both_count(authority: MemoryAuthority) -> None:
    newer = MemoryAuthority()
    both = authority.anchors.__class__(
        csca_certificates_der=(newer.csca_der, authority.csca_der),
        revoked_signers=frozenset(),
        crl_number=2,
        entitlement_signers_spki_der=(),
        cvca_certificates=(),
    )
    for each in (authority, newer):
        assert verify_sod(build_sod(HASHES, each.document_signer, signed_at=NOW), both, at=TODAY)


def test_the_root_says_that_it_is_one_and_the_signer_that_it_is_none(authority: MemoryAuthority) -> None:
    root = x509.load_der_x509_certificate(
        issue_country_root(
            authority.signers[KeyRole.COUNTRY_SIGNER], state=authority.state, serial=bytes(16), valid_from=TODAY
        )
    )
    signer = x509.load_der_x509_certificate(authority.ds_der)
    root.verify_directly_issued_by(root)
    signer.verify_directly_issued_by(root)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    with pytest.raises(x509.ExtensionNotFound):
        signer.extensions.get_extension_for_class(x509.BasicConstraints)
