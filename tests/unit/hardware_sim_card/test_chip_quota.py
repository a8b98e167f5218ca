"""An officer's card signs as often as it was granted, and no more."""

from __future__ import annotations

import hashlib

import pytest

from card_service.tlv import encode_tlv
from hardware_sim.card.curve import BRAINPOOL_P256R1, is_signed
from tests.unit.hardware_sim_card.terminal import COUNTERSIGN, Desk, KeyPair, Terminal, begin_card, make_desk

SIGN, GRANT, LEFT = "002A9E9A", "00DA0203", "00CA0220"
AUTHORITY = KeyPair()


def officer(quota: int) -> Desk:
    extra = (("00DA0105", quota.to_bytes(2, "big")), ("00DA0106", AUTHORITY.point))
    return make_desk(extra=extra)


def digest(number: int) -> bytes:
    return hashlib.sha256(bytes((number,))).digest()


def grant(desk: Desk, number: int, quota: int, key: KeyPair = AUTHORITY) -> bytes:
    numbers = number.to_bytes(4, "big"), quota.to_bytes(2, "big")
    signed = b"QUOT" + hashlib.sha256(desk.receipt_point).digest() + b"".join(numbers)
    return encode_tlv(0xC0, numbers[0]) + encode_tlv(0xC1, numbers[1]) + encode_tlv(0xC2, key.sign(signed))


def left(terminal: Terminal) -> tuple[int, int, int]:
    raw = terminal.must(LEFT, le=256)
    assert len(raw) == 10
    return int.from_bytes(raw[:2], "big"), int.from_bytes(raw[2:6], "big"), int.from_bytes(raw[6:], "big")


def test_each_signature_counts_one_down_and_a_re_send_does_not() -> None:
    desk = officer(2)
    terminal = desk.terminal(COUNTERSIGN)
    assert left(terminal) == (2, 0, 0)
    for number, remaining in ((1, 1), (1, 1), (2, 0), (2, 0)):
        signature = terminal.must(SIGN, digest(number), 256)
        assert is_signed(desk.receipt_point, signature, b"SIGN" + digest(number))
        assert left(terminal) == (remaining, 0, number)
    assert terminal.sw(SIGN, digest(3), 256) == terminal.sw(SIGN, digest(1), 256) == 0x6985
    again = desk.terminal(COUNTERSIGN)
    again.must(SIGN, digest(2), 256)
    assert left(again) == (0, 0, 2)


def test_a_grant_sets_the_quota_once_and_needs_no_rights() -> None:
    desk = officer(0)
    terminal = desk.terminal()
    terminal.must(GRANT, grant(desk, 5, 3))
    assert left(terminal) == (3, 5, 0)
    for old in (5, 4, 0):
        assert terminal.sw(GRANT, grant(desk, old, 9)) == 0x6985
    signer = desk.terminal(COUNTERSIGN)
    signer.must(SIGN, digest(1), 256)
    signer.must(GRANT, grant(desk, 6, 300))
    assert left(signer) == (300, 6, 1)
    signer.must(SIGN, digest(1), 256)
    assert left(signer) == (300, 6, 1)


def test_a_forged_or_foreign_grant_is_refused() -> None:
    desk, other = officer(1), officer(1)
    terminal = desk.terminal()
    good = grant(desk, 1, 9)
    for wrong in (grant(desk, 1, 9, KeyPair()), grant(other, 1, 9), good[:-1], good + b"\0", b"", good[6:]):
        assert terminal.sw(GRANT, wrong) == 0x6A80
    for at in range(len(good)):
        flipped = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :]
        assert terminal.sw(GRANT, flipped) in (0x6A80, 0x6985)
    assert left(terminal) == (1, 0, 0)
    plain = Terminal(desk.card)
    assert plain.sw(GRANT, good) == plain.sw(LEFT, le=256) == 0x6982
    desk.terminal().must(GRANT, good)


def test_a_card_without_a_quota_signs_freely_and_takes_no_grant() -> None:
    desk = make_desk()
    terminal = desk.terminal(COUNTERSIGN)
    for number in range(3):
        terminal.must(SIGN, digest(number), 256)
    assert terminal.sw(GRANT, grant(desk, 1, 9)) == 0x6985
    assert terminal.sw(LEFT, le=256) == 0x6A88


def test_a_refused_signature_counts_nothing() -> None:
    desk = officer(1)
    terminal = desk.terminal(0xFFFF & ~COUNTERSIGN)
    assert terminal.sw(SIGN, digest(1), 256) == 0x6982
    signer = desk.terminal(COUNTERSIGN)
    assert signer.sw(SIGN, digest(1)[:-1], 256) == 0x6A80
    assert left(signer) == (1, 0, 0)


@pytest.mark.parametrize(("apdu", "data"), [("00DA0105", b"\1"), ("00DA0106", bytes(65)), ("00DA0106", b"")])
def test_a_malformed_quota_or_authority_is_refused(apdu: str, data: bytes) -> None:
    terminal, _, _ = begin_card()
    assert terminal.sw(apdu, data) == 0x6A80
    assert terminal.sw("00DA0106", BRAINPOOL_P256R1.generator) == 0x6A80


def test_quota_and_authority_are_set_in_personalisation_only() -> None:
    terminal = officer(1).terminal(0xFFFF)
    assert terminal.sw("00DA0105", b"\0\x09") == terminal.sw("00DA0106", AUTHORITY.point) == 0x6985
