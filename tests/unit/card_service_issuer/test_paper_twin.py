"""The QR: read by an independent reader of Claim 169, refused for any change."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import date, timedelta

import claim169
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.base45 import Base45Malformed, decode_base45, encode_base45
from card_service.qr import PaperTwin, QrRefusal, QrRefused, issue_qr, verify_qr
from card_service.signing import KeyRole
from domain.card_number import make_card_number
from domain.people import BirthDate, PersonName, Sex
from tests.unit.card_service_issuer.authority import TODAY, MemoryAuthority, MemorySigner

TWIN = PaperTwin(
    issuer="Single Window",
    card_number=make_card_number(b"abcde"),
    name=PersonName(latin="Asha Devi", local="आशा देवी", script="Deva"),
    born=BirthDate(on=date(1988, 5, 17)),
    sex=Sex.FEMALE,
    issued_on=TODAY,
    valid_until=date(2036, 11, 20),
)


@pytest.fixture(scope="module")
def authority() -> MemoryAuthority:
    return MemoryAuthority()


@pytest.fixture(scope="module")
def signer(authority: MemoryAuthority) -> MemorySigner:
    return authority.signers[KeyRole.ENTITLEMENT_SIGNER]


def refusal(text: str, authority: MemoryAuthority, at: date = TODAY) -> QrRefusal:
    with pytest.raises(QrRefused) as caught:
        verify_qr(text, authority.anchors.entitlement_signers_spki_der, at=at)
    return caught.value.reason


def test_the_twin_comes_back_as_it_was_issued(authority: MemoryAuthority, signer: MemorySigner) -> None:
    text = issue_qr(TWIN, signer)
    assert verify_qr(text, authority.anchors.entitlement_signers_spki_der, at=TODAY) == TWIN
    assert len(text) < 350, "a QR of version 11-M holds it"


def test_an_independent_reader_verifies_it(signer: MemorySigner) -> None:
    text = issue_qr(TWIN, signer)
    result = claim169.decode_with_ecdsa_p256(text, signer.public_point, validate_timestamps=False)
    assert result.is_verified()
    claim = result.claim169
    assert (claim.id, claim.full_name, claim.date_of_birth) == (TWIN.card_number, "Asha Devi", "19880517")
    assert (claim.gender, claim.secondary_full_name, claim.secondary_language) == (2, "आशा देवी", "und-Deva")
    assert result.cwt_meta.issuer == "Single Window"


def test_an_independent_reader_refuses_another_key(signer: MemorySigner) -> None:
    stranger = MemoryAuthority().signers[KeyRole.ENTITLEMENT_SIGNER]
    with pytest.raises(claim169.SignatureError):
        claim169.decode_with_ecdsa_p256(issue_qr(TWIN, signer), stranger.public_point, validate_timestamps=False)


def test_no_changed_character_is_believed(authority: MemoryAuthority, signer: MemorySigner) -> None:
    text = issue_qr(TWIN, signer)
    for at, character in enumerate(text):
        other = "A" if character != "A" else "B"
        refusal(text[:at] + other + text[at + 1 :], authority)
        refusal(text[:at], authority)
    refusal(text + "AA", authority)


def test_a_twin_is_good_within_its_days(authority: MemoryAuthority, signer: MemorySigner) -> None:
    text = issue_qr(TWIN, signer)
    assert verify_qr(text, authority.anchors.entitlement_signers_spki_der, at=TWIN.valid_until)
    assert refusal(text, authority, TODAY - timedelta(days=1)) is QrRefusal.NOT_YET_VALID
    assert refusal(text, authority, TWIN.valid_until + timedelta(days=1)) is QrRefusal.EXPIRED


def test_a_twin_of_a_stranger_is_refused(authority: MemoryAuthority) -> None:
    stranger = MemoryAuthority().signers[KeyRole.ENTITLEMENT_SIGNER]
    assert refusal(issue_qr(TWIN, stranger), authority) is QrRefusal.SIGNER_UNKNOWN


def test_a_bomb_is_not_unpacked(authority: MemoryAuthority) -> None:
    bomb = encode_base45(zlib.compress(bytes(3_000_000), 9))
    assert refusal(bomb[:4_296], authority) is QrRefusal.MALFORMED
    assert refusal(encode_base45(zlib.compress(bytes(100_000), 9)), authority) is QrRefusal.MALFORMED


@pytest.mark.parametrize("sex", list(Sex))
def test_every_sex_is_told(authority: MemoryAuthority, signer: MemorySigner, sex: Sex) -> None:
    twin = replace(TWIN, sex=sex)
    text = issue_qr(twin, signer)
    assert verify_qr(text, authority.anchors.entitlement_signers_spki_der, at=TODAY) == twin


def test_base45_writes_the_examples_of_its_standard() -> None:
    # RFC 9285, 4.3
    for plain, text in (
        (b"AB", "BB8"),
        (b"Hello!!", "%69 VD92EX0"),
        (b"base-45", "UJCLQE7W581"),
        (b"ietf!", "QED8WEX0"),
    ):
        assert encode_base45(plain) == text
        assert decode_base45(text) == plain


@pytest.mark.parametrize("text", ["GGW", "::", "A", "BB8A", "bb8", "ü12", "::::"])
def test_base45_refuses_what_it_never_writes(text: str) -> None:
    with pytest.raises(Base45Malformed):
        decode_base45(text)


@given(st.binary(max_size=100))
def test_base45_comes_back(data: bytes) -> None:
    assert decode_base45(encode_base45(data)) == data
