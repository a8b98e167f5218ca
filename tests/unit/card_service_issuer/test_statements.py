"""Entitlement statements, revocation lists and trust anchors: signed, in one form, never older than before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import cbor2
import pytest

from card_service.cose import ContentType, CoseRefused, open_cose, sign_cose
from card_service.entitlement_statement import (
    EntitlementStatement,
    StatementLine,
    StatementRefusal,
    StatementRefused,
    decode_statement,
    encode_statement,
    limits_of,
    sign_statement,
    verify_statement,
    wrap_statement,
)
from card_service.layout import STATEMENT_SLOT_BYTES
from card_service.signing import KeyRole
from card_service.statement_slot import decode_slot_file
from card_service.trust import (
    TrustAnchors,
    TrustRefused,
    decode_trust_anchors,
    encode_trust_anchors,
    trust_anchors_from_json,
    trust_anchors_to_json,
)
from domain.card_number import make_card_number
from domain.ids import ProgrammeCode
from domain.programmes import BenefitKind
from tests.unit.card_service_issuer.authority import TODAY, MemoryAuthority, MemorySigner

NUMBER = make_card_number(b"abcde")


def line(scheme: int = 1) -> StatementLine:
    return StatementLine(
        scheme=scheme,
        programme_code=ProgrammeCode("RATION"),
        period=202611,
        limit=35,
        unit="kg",
        benefit_kind=BenefitKind.FOOD,
        name_key="programme.RATION",
        amount_minor=None,
        currency=None,
        collect_from=date(2026, 11, 1),
        collect_until=date(2026, 11, 30),
    )


PENSION = replace(
    line(2),
    programme_code=ProgrammeCode("PENSION"),
    unit="paise",
    benefit_kind="cash",
    amount_minor=200_000,
    currency="INR",
)
STATEMENT = EntitlementStatement(NUMBER, 1, TODAY, TODAY + timedelta(days=180), (line(), PENSION))


@pytest.fixture(scope="module")
def authority() -> MemoryAuthority:
    return MemoryAuthority()


@pytest.fixture(scope="module")
def signer(authority: MemoryAuthority) -> MemorySigner:
    return authority.signers[KeyRole.ENTITLEMENT_SIGNER]


def refusal(cose: bytes, anchors: TrustAnchors, at: date = TODAY) -> StatementRefusal:
    with pytest.raises(StatementRefused) as caught:
        verify_statement(cose, anchors, at=at)
    return caught.value.reason


def test_a_statement_comes_back_as_it_was_signed(authority: MemoryAuthority, signer: MemorySigner) -> None:
    assert verify_statement(sign_statement(STATEMENT, signer), authority.anchors, at=TODAY) == STATEMENT


def test_no_flipped_bit_cut_or_tail_is_believed(authority: MemoryAuthority, signer: MemorySigner) -> None:
    cose = sign_statement(STATEMENT, signer)
    mutants = [cose[:length] for length in range(len(cose))] + [cose + b"\x00", cose * 2]
    for bit in range(len(cose) * 8):
        mutant = bytearray(cose)
        mutant[bit // 8] ^= 1 << bit % 8
        mutants.append(bytes(mutant))
    for each in mutants:
        refusal(each, authority.anchors)


def test_a_statement_is_good_within_its_days(authority: MemoryAuthority, signer: MemorySigner) -> None:
    cose = sign_statement(STATEMENT, signer)
    assert verify_statement(cose, authority.anchors, at=STATEMENT.valid_until)
    assert refusal(cose, authority.anchors, TODAY - timedelta(days=1)) is StatementRefusal.NOT_YET_VALID
    after = STATEMENT.valid_until + timedelta(days=1)
    assert refusal(cose, authority.anchors, after) is StatementRefusal.EXPIRED


def test_only_an_entitlement_signer_may_sign_statements(authority: MemoryAuthority) -> None:
    for role in (KeyRole.DOCUMENT_SIGNER, KeyRole.COUNTRY_SIGNER, KeyRole.COUNTRY_VERIFIER):
        cose = sign_statement(STATEMENT, authority.signers[role])
        assert refusal(cose, authority.anchors) is StatementRefusal.SIGNER_UNKNOWN


def test_one_kind_of_signed_object_never_passes_for_another(authority: MemoryAuthority, signer: MemorySigner) -> None:
    payload = encode_statement(STATEMENT)
    for kind in (ContentType.REVOCATIONS, ContentType.CWT):
        assert refusal(sign_cose(payload, kind, signer), authority.anchors) is StatementRefusal.SIGNER_UNKNOWN


def test_another_cose_library_would_find_the_standard_parts(signer: MemorySigner) -> None:
    tagged = cbor2.loads(sign_statement(STATEMENT, signer))
    protected, unprotected, payload, signature = tagged.value
    assert tagged.tag == 18
    assert cbor2.loads(protected)[1] == -7
    assert (unprotected, len(signature)) == ({}, 64)
    assert decode_statement(payload) == STATEMENT


def test_payloads_in_another_encoding_or_shape_are_refused(authority: MemoryAuthority, signer: MemorySigner) -> None:
    loose = cbor2.loads(encode_statement(STATEMENT))
    payloads = [
        cbor2.dumps({"not": "a list"}),
        cbor2.dumps(loose[:-1]),
        cbor2.dumps([2, *loose[1:]]),
        cbor2.dumps([*loose[:2], True, *loose[3:]]),
        cbor2.dumps([*loose[:3], 10**12, *loose[4:]]),
        cbor2.dumps([1, "C5H66S35W", *loose[2:]]),
        encode_statement(STATEMENT).replace(b"\x86\x01", b"\x86\x18\x01", 1),
        b"\x9f" + encode_statement(STATEMENT)[1:] + b"\xff",
    ]
    for payload in payloads:
        cose = sign_cose(payload, ContentType.STATEMENT, signer)
        assert refusal(cose, authority.anchors) is StatementRefusal.MALFORMED


def test_the_chips_limits_are_those_of_the_lines_and_ten_lines_fit(signer: MemorySigner) -> None:
    ten = replace(STATEMENT, lines=tuple(line(number) for number in range(1, 11)))
    slot = wrap_statement(ten, sign_statement(ten, signer))
    assert len(slot) <= STATEMENT_SLOT_BYTES
    read = decode_slot_file(slot + bytes(STATEMENT_SLOT_BYTES - len(slot)))
    assert read is not None
    assert (read.version, read.limits) == (ten.version, limits_of(ten.lines))
    assert (read.limits[0].scheme, read.limits[0].period, read.limits[0].units) == (1, 202611, 35)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"valid_until": TODAY - timedelta(days=1)},
        {"lines": (line(), line())},
        {"lines": tuple(line(number) for number in range(33))},
    ],
)
def test_statements_that_make_no_sense_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(StatementRefused):
        replace(STATEMENT, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"limit": -1}, {"unit": ""}, {"scheme": 2**32}, {"collect_until": date(2026, 10, 1)}]
)
def test_lines_that_make_no_sense_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(StatementRefused):
        replace(line(), **change)  # type: ignore[arg-type]


def test_a_byte_string_that_lies_about_its_length_is_refused(signer: MemorySigner) -> None:
    for broken in (b"\xd2\x84", b"\xd2\x84\x5b" + b"\xff" * 8, b"\xd2\x84\x58", b"\xd2\x84\x43abc\xa0\x59\xff\xff"):
        with pytest.raises(CoseRefused):
            open_cose(broken, ContentType.STATEMENT, ())


def test_trust_anchors_travel_as_json(authority: MemoryAuthority) -> None:
    anchors = replace(authority.anchors, revoked_signers=frozenset({2**130, 5}), crl_number=3)
    assert decode_trust_anchors(encode_trust_anchors(anchors)) == anchors
    assert trust_anchors_from_json(trust_anchors_to_json(anchors)) == anchors


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '{"crl_number": 1}'])
def test_other_json_is_no_trust(text: str) -> None:
    with pytest.raises(TrustRefused):
        decode_trust_anchors(text)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("crl_number", -1),
        ("crl_number", True),
        ("crl_number", "1"),
        ("revoked_signers", ["x"]),
        ("revoked_signers", [1]),
        ("csca_certificates_der", "AA=="),
        ("csca_certificates_der", ["*"]),
        ("cvca_certificates", [None]),
    ],
)
def test_a_member_of_the_wrong_kind_is_no_trust(authority: MemoryAuthority, member: str, value: object) -> None:
    raw = {**trust_anchors_to_json(authority.anchors), member: value}
    with pytest.raises(TrustRefused):
        trust_anchors_from_json(raw)  # type: ignore[arg-type]


def test_an_older_list_of_signers_is_never_taken(authority: MemoryAuthority) -> None:
    held = replace(authority.anchors, crl_number=4, revoked_signers=frozenset({9}))
    newer = replace(held, crl_number=5, revoked_signers=frozenset({9, 10}))
    assert held.accept_newer(newer) is newer
    for wrong in (replace(held, crl_number=3), replace(held, revoked_signers=frozenset())):
        with pytest.raises(TrustRefused):
            held.accept_newer(wrong)
