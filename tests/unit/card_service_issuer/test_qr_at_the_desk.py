"""A QR shown at a desk ends in one of three verdicts, whatever was printed on the paper."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest

from card_service.base45 import decode_base45, encode_base45
from card_service.cose import ContentType, sign_cose
from card_service.der import spki_from_point
from card_service.qr import MAX_TEXT_LENGTH, issue_qr
from card_service.qr_check import QrCheck, QrReason, check_qr
from card_service.signing import KeyRole
from card_service.trust import SignerWindow, TrustAnchors
from card_service.verification import RevokedCards
from domain.verification import Verdict
from tests.unit.card_service_issuer.authority import TODAY, MemoryAuthority, new_signer
from tests.unit.card_service_issuer.test_paper_twin import TWIN

AUTHORITY = MemoryAuthority()
SIGNER = AUTHORITY.signers[KeyRole.ENTITLEMENT_SIGNER]
TEXT = issue_qr(TWIN, SIGNER)
DAY = timedelta(days=1)


def check(text: str, anchors: TrustAnchors = AUTHORITY.anchors, **changes: object) -> QrCheck:
    return check_qr(text, anchors, **{"at": TODAY, "revoked": RevokedCards(), **changes})  # type: ignore[arg-type]


def test_a_genuine_qr_is_verified() -> None:
    assert check(TEXT) == QrCheck(Verdict.VERIFIED, None, TWIN, TWIN.card_number)


@pytest.mark.parametrize(
    ("text", "changes", "reason", "verdict"),
    [
        (TEXT, {"at": TWIN.valid_until + DAY}, QrReason.EXPIRED, Verdict.FAILED),
        (TEXT, {"at": TODAY - DAY}, QrReason.NOT_YET_VALID, Verdict.FAILED),
        (TEXT, {"revoked": RevokedCards(frozenset({TWIN.card_number}))}, QrReason.REVOKED, Verdict.FAILED),
        (issue_qr(TWIN, new_signer()), {}, QrReason.SIGNER_UNKNOWN, Verdict.COULD_NOT_CHECK),
        ("", {}, QrReason.UNREADABLE, Verdict.COULD_NOT_CHECK),
        ("https://example.org", {}, QrReason.UNREADABLE, Verdict.COULD_NOT_CHECK),
        ("A" * (MAX_TEXT_LENGTH + 3), {}, QrReason.UNREADABLE, Verdict.COULD_NOT_CHECK),
        (
            encode_base45(zlib.compress(bytes(3_000_000), 9))[:MAX_TEXT_LENGTH],
            {},
            QrReason.UNREADABLE,
            Verdict.COULD_NOT_CHECK,
        ),
        (encode_base45(zlib.compress(bytes(200_000), 9)), {}, QrReason.UNREADABLE, Verdict.COULD_NOT_CHECK),
    ],
)
def test_each_other_paper_has_its_verdict_and_reason(
    text: str, changes: dict[str, object], reason: QrReason, verdict: Verdict
) -> None:
    checked = check(text, **changes)
    assert (checked.reason, checked.verdict, checked.twin) == (reason, verdict, None)


def test_a_signature_of_another_under_a_known_name_is_an_alteration() -> None:
    cose = zlib.decompress(decode_base45(TEXT))
    altered = encode_base45(zlib.compress(cose[:-1] + bytes((cose[-1] ^ 1,)), 9))
    assert check(altered).reason is QrReason.ALTERED


def test_a_signed_object_of_another_kind_is_no_twin() -> None:
    cose = sign_cose(b"\x80", ContentType.STATEMENT, SIGNER)
    assert check(encode_base45(zlib.compress(cose, 9))).verdict is Verdict.COULD_NOT_CHECK
    hollow = sign_cose(b"\xa0", ContentType.CWT, SIGNER)
    assert check(encode_base45(zlib.compress(hollow, 9))).reason is QrReason.UNREADABLE


def test_no_spoiled_paper_says_anything_else_than_what_was_signed() -> None:
    packed, chance = decode_base45(TEXT), random.Random(169)
    papers = [TEXT[:length] for length in range(len(TEXT))]
    papers += [TEXT[:at] + chance.choice("ABCDEF 0123$%*+-./:") + TEXT[at + 1 :] for at in range(len(TEXT))]
    papers += [
        encode_base45(packed[: bit // 8] + bytes((packed[bit // 8] ^ 1 << bit % 8,)) + packed[bit // 8 + 1 :])
        for bit in range(8 * len(packed))
    ]
    papers += [TEXT + tail for tail in ("A", "00", "  ", TEXT)]
    checked = [check(paper) for paper in papers if paper != TEXT]
    verified = [each for each in checked if each.verdict is Verdict.VERIFIED]
    # A few bits of the zlib wrapper (level, padding) mean nothing: the signed bytes inside are the same.
    assert len(verified) < 12
    assert all(each.twin == TWIN for each in verified)
    assert all(check(TEXT[:length]).verdict is Verdict.COULD_NOT_CHECK for length in range(len(TEXT)))
    told = f"{len(checked)} spoiled papers, {len(verified)} with the signed bytes whole, 0 say anything else"
    print(told)  # noqa: T201  a zero is worth its N


def test_a_retired_signers_papers_are_verified_in_its_window_only() -> None:
    spki = spki_from_point(SIGNER.public_point)
    until, believed = TODAY + 10 * DAY, TODAY + 100 * DAY
    anchors = replace(AUTHORITY.anchors, entitlement_windows=(SignerWindow(spki, TODAY, until, believed),))
    assert check(TEXT, anchors, at=believed).verdict is Verdict.VERIFIED
    assert check(TEXT, anchors, at=believed + DAY).reason is QrReason.SIGNER_UNKNOWN
    later = issue_qr(replace(TWIN, issued_on=until + DAY), SIGNER)
    assert check(later, anchors, at=until + DAY).reason is QrReason.SIGNER_UNKNOWN
