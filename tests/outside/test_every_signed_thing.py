"""Everything the registry signs, before verifiers that we did not write: the genuine believed, the forged not."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import claim169
import pytest

from card_service.cv_certificate import CvCertificate, encode_cv_certificate
from card_service.layout import DATA_GROUPS
from card_service.security_object import OID_LDS_SECURITY_OBJECT
from tests.outside import openssl, pki_js
from tests.outside.corpus import CvChain, Specimen, cv_chains, foreign_root_der, specimens
from tests.unit.card_service_issuer.authority import NOW

needs_openssl = pytest.mark.skipif(not openssl.is_installed(), reason="openssl is not installed")
needs_node = pytest.mark.skipif(pki_js.what_is_missing() is not None, reason=str(pki_js.what_is_missing()))
needs_cvc_print = pytest.mark.skipif(
    shutil.which("cvc-print") is None, reason="cvc-print is not installed (Debian: openpace)"
)


def with_flipped_hash(sod: bytes) -> bytes:
    """The same object with one bit of a data group's hash changed."""
    at = sod.rfind(b"\x04\x20", 0, sod.find(b"040000")) + 5
    return sod[:at] + bytes((sod[at] ^ 1,)) + sod[at + 1 :]


@needs_openssl
def test_openssl_believes_every_security_object_and_no_forged_one(tmp_path: Path) -> None:
    for each in specimens():
        assert openssl.is_believed(each.sod, each.root_der, tmp_path, at=each.signed_at), each.name
        assert not openssl.is_believed(with_flipped_hash(each.sod), each.root_der, tmp_path, at=each.signed_at)
        assert not openssl.is_believed(each.sod, foreign_root_der(), tmp_path, at=each.signed_at), each.name
    print(f"\nopenssl cms -verify: {len(specimens())} believed, {2 * len(specimens())} forged refused")  # noqa: T201


@needs_node
def test_pkijs_believes_every_security_object_and_reads_the_same_hashes() -> None:
    opinions = pki_js.ask([(each.sod, each.root_der) for each in specimens()], at=NOW)
    for specimen, opinion in zip(specimens(), opinions, strict=True):
        assert opinion.is_believed, (specimen.name, opinion.fault)
        assert opinion.content_type == OID_LDS_SECURITY_OBJECT
        assert opinion.signers == 1
        assert opinion.hashes == hashes_of(specimen)
    print(f"\nPKI.js: {len(opinions)} security objects believed")  # noqa: T201


@needs_node
def test_pkijs_refuses_forged_security_objects() -> None:
    forged = [(with_flipped_hash(each.sod), each.root_der) for each in specimens()]
    forged += [(each.sod, foreign_root_der()) for each in specimens()]
    opinions = pki_js.ask(forged, at=NOW)
    believed = [each for each in opinions if each.is_believed]
    print(f"\nPKI.js: {len(forged)} forged security objects, {len(believed)} believed")  # noqa: T201
    assert believed == []


def hashes_of(specimen: Specimen) -> dict[int, bytes]:
    files = specimen.card.files
    return {n: hashlib.sha256(files[file.key]).digest() for n, file in DATA_GROUPS.items() if file.key in files}


@needs_cvc_print
@pytest.mark.parametrize("chain", cv_chains(), ids=lambda chain: chain.name)
def test_openpace_believes_every_certificate_of_the_chain(chain: CvChain, tmp_path: Path) -> None:
    for issuer in (chain.trust_point, *chain.certificates[:-1]):
        (tmp_path / issuer.holder_reference).write_bytes(encode_cv_certificate(issuer))
    for certificate in chain.certificates:
        assert cvc_print(certificate, tmp_path), certificate.holder_reference


@needs_cvc_print
def test_openpace_does_not_believe_a_certificate_with_a_changed_right(tmp_path: Path) -> None:
    chain = cv_chains()[0]
    for issuer in (chain.trust_point, *chain.certificates[:-1]):
        (tmp_path / issuer.holder_reference).write_bytes(encode_cv_certificate(issuer))
    genuine = encode_cv_certificate(chain.certificates[-1])
    at = genuine.rfind(b"\x5f\x37") - 1
    forged = genuine[:at] + bytes((genuine[at] ^ 1,)) + genuine[at + 1 :]
    assert not is_believed_by_openpace(forged, tmp_path)


def cvc_print(certificate: CvCertificate, directory: Path) -> bool:
    return is_believed_by_openpace(encode_cv_certificate(certificate), directory)


def is_believed_by_openpace(encoded: bytes, directory: Path) -> bool:
    file = directory / "certificate.cvcert"
    file.write_bytes(encoded)
    command = ["cvc-print", f"--cvc={file}", f"--cvc-dir={directory}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    # The exit code is 0 for forged ones too: the words decide.
    return "certificate verified" in done.stdout and "certificate not verified" not in done.stdout


def test_claim169_believes_every_paper_twin() -> None:
    for each in specimens():
        result = claim169.decode_with_ecdsa_p256(each.card.qr_text, each.entitlement_point, validate_timestamps=False)
        assert result.is_verified()
        assert result.claim169.id == each.card.order.card_number
        assert result.claim169.full_name == each.card.order.holder.name.latin
    print(f"\nclaim169: {len(specimens())} paper twins believed")  # noqa: T201


def test_claim169_refuses_the_twin_of_another_authority() -> None:
    first, rotated = specimens()[0], specimens()[-1]
    with pytest.raises(claim169.SignatureError):
        claim169.decode_with_ecdsa_p256(first.card.qr_text, rotated.entitlement_point, validate_timestamps=False)
