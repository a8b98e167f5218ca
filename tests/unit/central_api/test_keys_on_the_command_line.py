"""The key ceremony from the command line, and the authority that a registry opens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from card_service.authority import Authority
from card_service.country_certificates import SIGNER_SIGNING
from card_service.keys import Pkcs11KeyStore
from central_api.keys_cli import (
    authority_directory,
    describe,
    main,
    open_or_create_authority,
    signing_ends,
)
from central_api.trust import Trust
from tests.unit.card_service_issuer.authority import TODAY, memory_authority


def close(authority: Authority) -> None:
    assert isinstance(authority.keys, Pkcs11KeyStore)
    authority.keys.close()


def test_a_ceremony_is_held_once_and_its_keys_are_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ceremony", "--home", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "document signer" in told
    assert main(["status", "--home", str(tmp_path)]) == 0
    assert capsys.readouterr().out == told
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


def test_the_authority_is_what_the_registry_calls_trust() -> None:
    trust: Trust = memory_authority()[0]
    assert len(trust.receipt_key) == 32


def test_the_description_says_when_renewal_is_due() -> None:
    authority = memory_authority()[0]
    assert any("renew by" in line for line in describe(authority, today=TODAY))
    assert any("renew now" in line for line in describe(authority, today=signing_ends(authority)))
