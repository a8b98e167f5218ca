"""The key ceremony from the command line, and the authority that a registry opens."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest

from card_service.authority import Authority
from card_service.ceremony import create_authority, open_authority, open_keys
from card_service.country_certificates import SIGNER_SIGNING
from card_service.document_signer import load_root
from card_service.keys import Pkcs11KeyStore
from card_service.security_object import build_sod, verify_sod
from card_service.transport_key import check_value, held_check_value
from central_api.keys_cli import (
    authority_directory,
    describe,
    main,
    open_or_create_authority,
    signing_ends,
)
from central_api.settings import read_settings
from central_api.trust import Trust
from tests.unit.card_service_issuer.authority import NOW, TODAY, memory_authority, new_signer


def close(authority: Authority) -> None:
    assert isinstance(authority.keys, Pkcs11KeyStore)
    authority.keys.close()


def test_a_ceremony_is_held_once_and_its_keys_are_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ceremony", "--home", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "document signer" in told
    assert main(["status", "--home", str(tmp_path)]) == 0
    assert told == capsys.readouterr().out + "next: start the registry; let kiosks join\n"
    assert main(["ceremony", "--home", str(tmp_path)]) == 1
    assert "keys.authority_exists" in capsys.readouterr().err
    assert main(["renew", "--home", str(tmp_path)]) == 0
    assert "generation          2" in capsys.readouterr().out


def test_status_without_a_ceremony_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--home", str(tmp_path)]) == 1
    assert "ceremony" in capsys.readouterr().err


def test_a_registry_makes_its_keys_on_first_start_and_renews_them_in_time(tmp_path: Path) -> None:
    first = open_or_create_authority(tmp_path, today=TODAY)
    again = open_or_create_authority(tmp_path, today=TODAY + timedelta(days=30))
    assert again.receipt_key == first.receipt_key
    assert again.state.generation == 1
    later = open_or_create_authority(tmp_path, today=TODAY + SIGNER_SIGNING - timedelta(days=10))
    assert later.state.generation == 2
    assert later.anchors.csca_certificates_der == first.anchors.csca_certificates_der
    assert (authority_directory(tmp_path) / "csca.der").is_file()
    close(first)


def test_each_rotation_says_what_is_next_and_an_open_authority_takes_it_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--home", str(tmp_path)]
    assert main(["ceremony", *home], today=TODAY) == 0
    running = open_authority(authority_directory(read_settings(tmp_path).keys_directory))
    later = TODAY + timedelta(days=1)
    serial = load_root(running.certificates.ds_der).certificate.serial_number
    for action, said in (
        (["rotate-csca"], "country root        2"),
        (["rotate-cvca"], "UTSWCVCA00002"),
        (["rotate-entitlement-signer"], "entitlement signer  2, 1 retired"),
        (["revoke-document-signer", str(serial)], "1 signers revoked"),
    ):
        assert main([*action, *home], today=later) == 0
        told = capsys.readouterr().out
        assert said in told
        assert "next: " in told
    anchors = running.anchors
    assert (len(anchors.csca_certificates_der), len(anchors.cvca_links), len(anchors.entitlement_windows)) == (2, 1, 2)
    assert anchors.revoked_signers == {serial}
    sod = build_sod({1: bytes(32)}, running.document_signer(on=later), signed_at=NOW + timedelta(days=1))
    assert verify_sod(sod, anchors, at=later)
    assert running.terminal_chain("UTK00100001", new_signer().public_point, on=later)
    assert main(["revoke-document-signer", "1", *home], today=later) == 1
    assert "keys.rotation_refused" in capsys.readouterr().err
    close(running)


def test_a_ceremony_that_was_cut_off_is_taken_up_again(tmp_path: Path) -> None:
    directory = authority_directory(read_settings(tmp_path).keys_directory)
    create_authority(directory, today=TODAY)
    (directory / "authority.json").unlink()
    (directory / "ds-00001.der").unlink()
    create_authority(directory, today=TODAY)
    held = open_authority(directory)
    sod = build_sod({1: bytes(32)}, held.document_signer(on=TODAY), signed_at=NOW)
    assert verify_sod(sod, held.anchors, at=TODAY)
    close(held)
    # Cut off before the PIN was kept: the token that nobody can open is thrown away.
    (directory / "authority.json").unlink()
    (directory / "pin").unlink()
    create_authority(directory, today=TODAY)
    assert len(list((directory / "tokens").iterdir())) == 1


def test_two_custodians_bring_a_batchs_key_and_neither_part_is_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ["--home", str(tmp_path)]
    assert main(["ceremony", *home], today=TODAY) == 0
    key = bytes(range(16))
    first, second = bytes([0x5A] * 16), bytes(each ^ 0x5A for each in key)
    expected = check_value(key)

    def bring(one: str, two: str, *more: str) -> int:
        # Patched: the parts come over standard input, which a test has none of.
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{one}\n{two}\n"))
        return main(["import-transport-key", "B-1", *more, *home], today=TODAY)

    assert bring(first.hex(), second.hex(), "--check-value", expected) == 0
    out = capsys.readouterr().out
    assert expected in out
    assert key.hex() not in out
    assert bring(first.hex(), second.hex()) == 0, "the same again"
    for parts in ((first.hex(), first.hex()), (first.hex(), "00"), (first.hex(), "zz" * 16)):
        assert bring(*parts) == 1
    assert bring(first.hex(), "11" * 16) == 1, "the batch has another key"
    assert bring(first.hex(), second.hex(), "--check-value", "000000") == 1
    with open_keys(authority_directory(read_settings(tmp_path).keys_directory)) as keys:
        assert held_check_value(keys, "B-1") == expected


def test_the_authority_is_what_the_registry_calls_trust() -> None:
    trust: Trust = memory_authority()[0]
    assert len(trust.receipt_key) == 32


def test_the_description_says_when_renewal_is_due() -> None:
    authority = memory_authority()[0]
    assert any("renew by" in line for line in describe(authority, today=TODAY))
    assert any("rotate-cvca by" in line for line in describe(authority, today=TODAY))
    assert any("renew now" in line for line in describe(authority, today=signing_ends(authority)))
