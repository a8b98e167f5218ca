"""Who may do what at a card: one encoding, a chain in its order, dates and rights that only shrink."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from card_service.cv_certificate import (
    CvCertificate,
    CvRefusal,
    CvRefused,
    CvRole,
    decode_cv_certificate,
    decode_cv_date,
    encode_body,
    encode_cv_certificate,
    encode_cv_date,
    sign_cv_certificate,
    verify_cv_chain,
)
from card_service.layout import TerminalRights
from card_service.signing import KeyRole, Signer
from tests.unit.card_service_issuer.authority import ALL_RIGHTS, TODAY, MemoryAuthority, new_signer

DELIVER = TerminalRights.DELIVER | TerminalRights.READ_BIO


@pytest.fixture(scope="module")
def authority() -> MemoryAuthority:
    return MemoryAuthority()


def issue(
    issuer: CvCertificate,
    signer: Signer,
    holder: str = "UTKIOSK00001",
    role: CvRole = CvRole.TERMINAL,
    rights: TerminalRights = DELIVER,
    days: int = 30,
    start: date = TODAY,
    point: bytes | None = None,
) -> CvCertificate:
    return sign_cv_certificate(
        authority_reference=issuer.holder_reference,
        holder_reference=holder,
        role=role,
        public_point=point or new_signer().public_point,
        effective_on=start,
        expires_on=start + timedelta(days=days),
        rights=rights,
        signer=signer,
    )


@pytest.fixture(scope="module")
def terminal(authority: MemoryAuthority) -> CvCertificate:
    return issue(authority.dv, authority.signers[KeyRole.DOCUMENT_VERIFIER])


def refusal(chain: Sequence[CvCertificate], authority: MemoryAuthority, at: date = TODAY) -> CvRefusal:
    with pytest.raises(CvRefused) as caught:
        verify_cv_chain(chain, (authority.cvca,), at=at)
    return caught.value.reason


def test_certificates_come_back_as_they_were_written(authority: MemoryAuthority, terminal: CvCertificate) -> None:
    for certificate in (authority.cvca, authority.dv, terminal):
        assert decode_cv_certificate(encode_cv_certificate(certificate)) == certificate


def test_no_flipped_bit_cut_or_tail_makes_the_same_certificate(
    authority: MemoryAuthority, terminal: CvCertificate
) -> None:
    encoded = encode_cv_certificate(terminal)
    mutants = [encoded[:length] for length in range(len(encoded))] + [encoded + b"\x00", encoded * 2]
    for bit in range(len(encoded) * 8):
        mutant = bytearray(encoded)
        mutant[bit // 8] ^= 1 << bit % 8
        mutants.append(bytes(mutant))
    accepted = 0
    for each in mutants:
        try:
            verify_cv_chain((authority.dv, decode_cv_certificate(each)), (authority.cvca,), at=TODAY)
        except CvRefused:
            continue
        accepted += 1
    assert accepted == 0, f"{accepted} of {len(mutants)} mutants accepted"


@pytest.mark.skipif(shutil.which("cvc-print") is None, reason="openpace is not installed")
def test_openpace_believes_the_chain(tmp_path: Path) -> None:
    # cvc-print asks the machine's clock whether a certificate is in force; so must this test.
    today = datetime.now(UTC).date()
    authority = MemoryAuthority(today)
    terminal = issue(authority.dv, authority.signers[KeyRole.DOCUMENT_VERIFIER], start=today)
    for certificate in (authority.cvca, authority.dv):
        (tmp_path / certificate.holder_reference).write_bytes(encode_cv_certificate(certificate))
    forged = issue(authority.dv, new_signer(), start=today)
    for certificate in (authority.dv, terminal, forged):
        file = tmp_path / "certificate.cvcert"
        file.write_bytes(encode_cv_certificate(certificate))
        command = ["cvc-print", f"--cvc={file}", f"--cvc-dir={tmp_path}"]
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert result.returncode == 0, result.stderr
        # The exit code is 0 for forged ones too: the words decide.
        word = "certificate not verified" if certificate is forged else "certificate verified"
        assert word in result.stdout, result.stdout
        assert certificate.holder_reference in result.stdout
        assert today.isoformat() in result.stdout


def test_a_terminal_may_do_what_all_above_it_grant(authority: MemoryAuthority, terminal: CvCertificate) -> None:
    assert verify_cv_chain((authority.dv, terminal), (authority.cvca,), at=TODAY) == DELIVER
    poor_dv = issue(
        authority.cvca,
        authority.signers[KeyRole.COUNTRY_VERIFIER],
        "UTSWDV00002",
        CvRole.DOCUMENT_VERIFIER,
        TerminalRights.DELIVER,
        point=authority.dv.public_point,
    )
    rich = issue(poor_dv, authority.signers[KeyRole.DOCUMENT_VERIFIER], rights=ALL_RIGHTS)
    assert verify_cv_chain((poor_dv, rich), (authority.cvca,), at=TODAY) == TerminalRights.DELIVER


def test_without_the_extension_there_are_no_rights(authority: MemoryAuthority) -> None:
    bare = issue(authority.dv, authority.signers[KeyRole.DOCUMENT_VERIFIER], rights=TerminalRights.NONE)
    assert b"\x65" not in encode_body(bare)[-4:]
    assert verify_cv_chain((authority.dv, bare), (authority.cvca,), at=TODAY) == TerminalRights.NONE


def test_a_link_of_the_root_leads_to_its_next_key(authority: MemoryAuthority) -> None:
    new_root = new_signer()
    link = issue(
        authority.cvca,
        authority.signers[KeyRole.COUNTRY_VERIFIER],
        "UTSWCVCA00002",
        CvRole.COUNTRY_VERIFIER,
        TerminalRights.NONE,
        point=new_root.public_point,
    )
    dv_key = new_signer()
    dv = issue(link, new_root, "UTSWDV00009", CvRole.DOCUMENT_VERIFIER, ALL_RIGHTS, point=dv_key.public_point)
    terminal = issue(dv, dv_key)
    assert verify_cv_chain((link, dv, terminal), (authority.cvca,), at=TODAY) == DELIVER


def test_chains_out_of_order_are_refused(authority: MemoryAuthority, terminal: CvCertificate) -> None:
    stranger = MemoryAuthority()
    forged = issue(authority.dv, stranger.signers[KeyRole.DOCUMENT_VERIFIER])
    below_terminal = issue(terminal, new_signer(), "UTKIOSK00002")
    straight = issue(authority.cvca, authority.signers[KeyRole.COUNTRY_VERIFIER])
    assert refusal((), authority) is CvRefusal.MALFORMED
    assert refusal((terminal,), authority) is CvRefusal.NO_TRUST_POINT
    assert refusal((terminal, authority.dv), authority) is CvRefusal.NO_TRUST_POINT
    assert refusal((authority.dv, authority.dv), authority) is CvRefusal.WRONG_ISSUER
    assert refusal((straight,), authority) is CvRefusal.WRONG_ROLE
    assert refusal((authority.dv, terminal, below_terminal), authority) is CvRefusal.WRONG_ROLE
    assert refusal((authority.dv, forged), authority) is CvRefusal.SIGNATURE_WRONG
    assert refusal((stranger.dv, terminal), authority) is CvRefusal.SIGNATURE_WRONG


def test_a_stolen_kiosk_dies_by_expiry(authority: MemoryAuthority, terminal: CvCertificate) -> None:
    chain = (authority.dv, terminal)
    assert verify_cv_chain(chain, (authority.cvca,), at=TODAY + timedelta(days=30))
    assert refusal(chain, authority, TODAY + timedelta(days=31)) is CvRefusal.EXPIRED
    assert refusal(chain, authority, TODAY - timedelta(days=1)) is CvRefusal.NOT_YET_VALID


@pytest.mark.parametrize(
    "reference", ["", "utKIOSK00001", "UT00001", "UTABCDEFGHIJ00001", "UTKIOSK-00001", "UTKIÖSK00001"]
)
def test_a_reference_of_another_form_is_refused(terminal: CvCertificate, reference: str) -> None:
    with pytest.raises(CvRefused):
        replace(terminal, holder_reference=reference)


def test_dates_are_six_digits_of_this_century() -> None:
    assert encode_cv_date(date(2026, 11, 22)) == bytes((2, 6, 1, 1, 2, 2))
    assert decode_cv_date(bytes((2, 6, 1, 1, 2, 2))) == date(2026, 11, 22)
    for wrong in (b"", bytes(5), bytes(6), bytes(7), bytes((2, 6, 1, 3, 0, 1)), bytes((10, 0, 0, 1, 0, 1))):
        with pytest.raises(ValueError, match=r"date|month|day|year"):
            decode_cv_date(wrong)
    with pytest.raises(CvRefused):
        encode_cv_date(date(2126, 1, 1))
