"""Whoever follows the how-to of an exported card, command by command, sees what it says; and sees a forgery."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from card_service.cv_certificate import CvRole, encode_cv_certificate, sign_cv_certificate
from card_service.errors import ChipNotGenuine
from card_service.layout import TerminalRights
from card_service.trust import TrustAnchors
from kiosk.card_export import export_card
from kiosk.export_guide import GUIDE
from tests.attacks.country import genuine_card, home, on_reader
from tests.attacks.forgery import Forgery
from tests.unit.card_service_terminal.registry import CAN, CVCA_REFERENCE, DV_REFERENCE, TODAY, SoftKey

needs_programs = pytest.mark.skipif(
    any(shutil.which(each) is None for each in ("openssl", "sha256sum", "cvc-print", "xxd")),
    reason="not installed: openssl, coreutils, cvc-print (openpace) or xxd",
)


@dataclass(frozen=True)
class Step:
    """One command of the guide, and the words that must appear."""

    command: str
    words: str


def steps_of(guide: str) -> Iterator[Step]:
    lines = guide.splitlines()
    for line, following in pairwise(lines):
        if line.startswith("$ "):
            assert following.startswith("> "), line
            yield Step(line[2:], following[2:])


def run(step: Step, directory: Path) -> str:
    """Through a shell, as a person types it."""
    done = subprocess.run(
        ["/bin/sh", "-c", step.command], cwd=directory, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout + done.stderr


def certificate_of_today(role: CvRole, issuer: SoftKey, authority: str, holder: str, key: SoftKey) -> bytes:
    """cvc-print compares days with the clock of the machine and can be told no other day."""
    today = datetime.now(UTC).date()
    certificate = sign_cv_certificate(
        authority_reference=authority,
        holder_reference=holder,
        role=role,
        public_point=key.public_point,
        effective_on=today - timedelta(days=1),
        expires_on=today + timedelta(days=20),
        rights=TerminalRights.DELIVER,
        signer=issuer,
    )
    return encode_cv_certificate(certificate)


def anchors_of_today() -> TrustAnchors:
    root = home().registry.cvca
    point = certificate_of_today(CvRole.COUNTRY_VERIFIER, root, CVCA_REFERENCE, CVCA_REFERENCE, root)
    return replace(home().anchors, cvca_certificates=(point,))


def chain_of_today() -> tuple[bytes, bytes]:
    root, dv = home().registry.cvca, home().registry.dv
    return (
        certificate_of_today(CvRole.DOCUMENT_VERIFIER, root, CVCA_REFERENCE, DV_REFERENCE, dv),
        certificate_of_today(CvRole.TERMINAL, dv, DV_REFERENCE, "UTKIOSK00001", SoftKey()),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("export")
    with on_reader(genuine_card().chip()) as reader:
        written = export_card(reader, anchors_of_today(), directory, on=TODAY, terminal_chain=chain_of_today())
    assert {path.relative_to(directory) for path in written} == {
        path.relative_to(directory) for path in directory.rglob("*") if path.is_file()
    }
    return directory


@needs_programs
def test_every_command_of_the_how_to_shows_what_it_says(folder: Path) -> None:
    steps = list(steps_of((folder / GUIDE).read_text(encoding="utf-8")))
    programs = {step.command.split()[0] for step in steps}
    assert {"openssl", "sha256sum", "cvc-print"} <= programs
    for step in steps:
        assert step.words in run(step, folder), step
    print(f"\n{len(steps)} commands of the how-to followed")  # noqa: T201


@needs_programs
@pytest.mark.parametrize(
    "name", ["DG1.bin", "DG2.bin", "EF.Mbr.bin", "sod.der", "statement.signed.bin", "cvc/UTKIOSK00001"]
)
def test_a_file_changed_by_one_bit_is_seen_by_whoever_follows_it(folder: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    content = bytearray((tmp_path / name).read_bytes())
    content[-9] ^= 1
    (tmp_path / name).write_bytes(content)
    steps = list(steps_of((tmp_path / GUIDE).read_text(encoding="utf-8")))
    assert any(step.words not in run(step, tmp_path) or "not verified" in run(step, tmp_path) for step in steps)


def test_the_export_holds_no_finger_template_and_no_access_number(folder: Path) -> None:
    whole = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"FMR\0" not in whole
    assert CAN.encode("ascii") not in whole


def test_a_copy_is_not_exported(tmp_path: Path) -> None:
    directory = tmp_path / "never"
    with on_reader(Forgery().lose_keys().chip()) as reader, pytest.raises(ChipNotGenuine):
        export_card(reader, home().anchors, directory, on=TODAY)
    assert not directory.exists()


def test_a_card_without_a_statement_is_exported_without_one(tmp_path: Path) -> None:
    forged = Forgery().forget("entitlement/").forget("content/0200/0201")
    with on_reader(forged.chip()) as reader:
        written = export_card(reader, home().anchors, tmp_path, on=TODAY)
    assert "statement.cose" not in {path.name for path in written}
    assert "statement" not in (tmp_path / GUIDE).read_text(encoding="utf-8")
