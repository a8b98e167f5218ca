"""Sealed records: opened only where they were sealed for, and only whole."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from central_api.vault import (
    KEY_BYTES,
    Sealed,
    SealedRecordBroken,
    Vault,
    load_secret,
    portrait_place,
    template_place,
)

RECORD = b"FMR\x00 20\x00 a template"
PLACE = template_place("person-1", 2)


@pytest.fixture
def vault() -> Vault:
    return Vault({"1": bytes(KEY_BYTES)})


def test_what_is_sealed_opens_at_its_place_and_shows_nothing_of_itself(vault: Vault) -> None:
    sealed = vault.seal(RECORD, PLACE)
    assert vault.open(sealed, PLACE) == RECORD
    assert RECORD not in sealed.data
    assert vault.seal(RECORD, PLACE) != sealed


@pytest.mark.parametrize(
    "place", [template_place("person-2", 2), template_place("person-1", 3), portrait_place("person-1"), ""]
)
def test_a_record_moved_to_another_person_or_finger_does_not_open(place: str, vault: Vault) -> None:
    with pytest.raises(SealedRecordBroken):
        vault.open(vault.seal(RECORD, PLACE), place)


def test_a_record_cut_anywhere_or_with_any_byte_changed_does_not_open(vault: Vault) -> None:
    sealed = vault.seal(RECORD, PLACE)
    cut = [sealed.data[:length] for length in range(len(sealed.data))]
    changed = [
        sealed.data[:at] + bytes([sealed.data[at] ^ 1]) + sealed.data[at + 1 :] for at in range(len(sealed.data))
    ]
    for data in [*cut, *changed, sealed.data + b"\0"]:
        with pytest.raises(SealedRecordBroken):
            vault.open(Sealed(sealed.key_id, data), PLACE)


def test_the_newest_key_seals_and_the_older_ones_still_open(vault: Vault) -> None:
    old = vault.seal(RECORD, PLACE)
    rotated = Vault({"1": bytes(KEY_BYTES), "2": bytes([1]) * KEY_BYTES})
    assert rotated.open(old, PLACE) == RECORD
    assert rotated.seal(RECORD, PLACE).key_id == "2"
    with pytest.raises(SealedRecordBroken):
        vault.open(rotated.seal(RECORD, PLACE), PLACE)


def test_a_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "audit.key"
    secret = load_secret(file)
    assert len(secret) == KEY_BYTES
    assert load_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [each.name for each in file.parent.iterdir()] == ["audit.key"]


def test_a_secret_of_the_wrong_length_is_refused_and_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "audit.key"
    file.write_bytes(b"short")
    with pytest.raises(SealedRecordBroken):
        load_secret(file)
    assert file.read_bytes() == b"short"
