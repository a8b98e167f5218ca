"""The ceremony and the keys behind PKCS#11, on SoftHSM2. One token directory for the process."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import Attribute, ObjectClass

from card_service.authority import KIOSK_RIGHTS, Authority, SignerOutOfTime
from card_service.ceremony import (
    AuthorityExists,
    AuthorityMissing,
    create_authority,
    open_authority,
    renew_authority,
)
from card_service.cv_certificate import decode_cv_certificate, verify_cv_chain
from card_service.der import KeyRefused
from card_service.ecdsa_raw import is_signed_by
from card_service.keys import MODULE_VARIABLE, Pkcs11KeyStore, find_module, load_module
from card_service.security_object import build_sod, verify_sod
from card_service.signing import KeyRole, KeyStoreUnavailable
from card_service.token_setup import PIN_FILE, read_pin
from tests.unit.card_service_issuer.authority import NOW, TODAY, new_signer

HASHES = {number: hashlib.sha256(bytes([number])).digest() for number in (1, 2, 11, 13, 14, 15)}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("keys") / "authority"
    create_authority(place, today=TODAY)
    return place


@pytest.fixture(scope="module")
def authority(directory: Path) -> Iterator[Authority]:
    opened = open_authority(directory)
    yield opened
    assert isinstance(opened.keys, Pkcs11KeyStore)
    opened.keys.close()


def test_every_role_has_a_key_of_its_own_that_signs(authority: Authority) -> None:
    points = set()
    for role in KeyRole:
        if role is KeyRole.REGISTRY_RECEIPT:
            continue
        signer = authority.keys.signer(role)
        assert is_signed_by(signer.public_point, signer.sign(b"data"), b"data")
        points.add(signer.public_point)
    assert len(points) == len(KeyRole) - 1


def test_receipts_are_signed_with_ed25519(authority: Authority) -> None:
    key = Ed25519PublicKey.from_public_bytes(authority.receipt_key)
    key.verify(authority.sign_receipt(b"receipt"), b"receipt")


def test_no_private_key_can_leave_the_token(authority: Authority, directory: Path) -> None:
    token = load_module(directory).get_token(token_label="single-window")
    with token.open() as session:
        keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
        assert len(keys) == len(KeyRole)
        for key in keys:
            assert key[Attribute.NEVER_EXTRACTABLE]
            with pytest.raises(pkcs11.PKCS11Error):
                _ = key[Attribute.VALUE]


def test_a_security_object_signed_in_the_token_is_believed(authority: Authority) -> None:
    sod = build_sod(HASHES, authority.document_signer(on=TODAY), signed_at=NOW)
    assert dict(verify_sod(sod, authority.anchors, at=TODAY).hashes) == HASHES


def test_a_kiosk_gets_a_chain_that_dies_within_a_month(authority: Authority) -> None:
    chain = authority.terminal_chain("UTK00100001", new_signer().public_point, on=TODAY)
    certificates = [decode_cv_certificate(each) for each in chain]
    roots = [decode_cv_certificate(each) for each in authority.anchors.cvca_certificates]
    assert verify_cv_chain(certificates, roots, at=TODAY) == KIOSK_RIGHTS
    assert certificates[-1].expires_on == TODAY + timedelta(days=30)


def test_late_in_its_time_the_document_verifier_grants_fewer_days(authority: Authority) -> None:
    late = TODAY + timedelta(days=85)
    terminal = decode_cv_certificate(authority.terminal_chain("UTK00100001", new_signer().public_point, on=late)[1])
    assert terminal.expires_on == TODAY + timedelta(days=92)


def test_a_key_off_the_curve_gets_no_certificate(authority: Authority) -> None:
    with pytest.raises(KeyRefused):
        authority.terminal_chain("UTK00100001", bytes(65), on=TODAY)


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=93)])
def test_out_of_its_time_nobody_signs(authority: Authority, day: date) -> None:
    with pytest.raises(SignerOutOfTime):
        authority.document_signer(on=day)
    with pytest.raises(SignerOutOfTime):
        authority.terminal_chain("UTK00100001", new_signer().public_point, on=day)


def test_a_second_ceremony_is_refused(directory: Path) -> None:
    with pytest.raises(AuthorityExists):
        create_authority(directory, today=TODAY)


def test_without_a_ceremony_there_is_no_authority(tmp_path: Path) -> None:
    with pytest.raises(AuthorityMissing):
        open_authority(tmp_path)


def test_the_pin_is_the_owners_secret(directory: Path) -> None:
    assert stat.S_IMODE((directory / PIN_FILE).stat().st_mode) == 0o600
    assert read_pin(directory) not in (directory / "softhsm2.conf").read_text()


def test_a_renewal_makes_a_new_signer_and_keeps_what_the_old_one_signed(directory: Path, authority: Authority) -> None:
    old = build_sod(HASHES, authority.document_signer(on=TODAY), signed_at=NOW)
    later = TODAY + timedelta(days=80)
    renew_authority(directory, today=later)
    renewed = open_authority(directory)
    assert renewed.state.generation == 2
    new = build_sod(HASHES, renewed.document_signer(on=later), signed_at=NOW + timedelta(days=80))
    serials = {verify_sod(each, renewed.anchors, at=later).signer_serial for each in (old, new)}
    assert len(serials) == 2


def test_a_missing_library_is_told_plainly() -> None:
    with pytest.raises(KeyStoreUnavailable, match=MODULE_VARIABLE):
        find_module({MODULE_VARIABLE: "/nowhere/libnothing.so"})


def test_a_missing_key_is_told_without_its_cause(authority: Authority) -> None:
    with pytest.raises(KeyStoreUnavailable, match="NoSuchKey"):
        authority.keys.signer(KeyRole.DOCUMENT_SIGNER, 99)
