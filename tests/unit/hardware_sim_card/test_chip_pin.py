"""The holder's PIN, and finger templates taken anew."""

from __future__ import annotations

import logging

import pytest

from card_service.tlv import encode_tlv
from hardware_sim.card.pin import HolderPin
from tests.unit.hardware_sim_card.terminal import (
    AID_ONE,
    AID_TWO,
    DELIVER,
    ENROL,
    READ_BIO,
    TEMPLATE_BYTES,
    UNBLOCK,
    UPDATE,
    Desk,
    Terminal,
    make_desk,
    record,
)

PIN, OTHER_PIN = b"2718", b"314159"
VERIFY, SET, NEW_TRIES, DISABLE = "00200081", "002C0281", "002C0381", "00260181"


def desk_with_pin() -> Desk:
    desk = make_desk()
    desk.terminal(UNBLOCK).must(SET, PIN)
    return desk


def genuine(desk: Desk) -> Terminal:
    terminal = desk.terminal()
    terminal.select(AID_ONE)
    terminal.prove_chip(desk.agreement_point)
    return terminal


def test_without_a_pin_there_is_nothing_to_verify() -> None:
    terminal = genuine(make_desk())
    assert terminal.sw(VERIFY, PIN) == terminal.sw(VERIFY) == 0x6A88


def test_the_right_pin_is_verified_in_this_channel_only() -> None:
    desk = desk_with_pin()
    terminal = genuine(desk)
    assert terminal.sw(VERIFY) == 0x63C5
    terminal.must(VERIFY, PIN)
    terminal.must(VERIFY)
    terminal.prove_chip(desk.agreement_point)
    assert terminal.sw(VERIFY) == 0x63C5
    assert genuine(desk).sw(VERIFY) == 0x63C5


def test_a_pin_is_given_to_a_genuine_chip_only() -> None:
    desk = desk_with_pin()
    plain, only_pace = Terminal(desk.card), desk.terminal()
    for apdu in (VERIFY, SET, DISABLE):
        assert only_pace.sw(apdu, PIN) == 0x6982
    plain.reset()
    assert plain.sw(VERIFY, PIN) == 0x6982


def test_five_wrong_tries_block_it_and_an_officer_gives_new_ones() -> None:
    desk = desk_with_pin()
    terminal = genuine(desk)
    answers = [terminal.sw(VERIFY, b"0000") for _ in range(6)]
    assert answers == [0x63C4, 0x63C3, 0x63C2, 0x63C1, 0x6983, 0x6983]
    assert terminal.sw(VERIFY, PIN) == terminal.sw(VERIFY) == 0x6983
    desk.terminal(UNBLOCK).must(NEW_TRIES)
    genuine(desk).must(VERIFY, PIN)


def test_a_right_pin_gives_all_tries_back_and_a_wrong_one_forgets_it() -> None:
    terminal = genuine(desk_with_pin())
    assert terminal.sw(VERIFY, b"27180") == 0x63C4
    terminal.must(VERIFY, PIN)
    assert terminal.sw(VERIFY, b"2717") == 0x63C4
    assert terminal.sw(VERIFY) == 0x63C4


@pytest.mark.parametrize("malformed", [b"271", b"2718281", b"27a8", "２７１８".encode(), b"2718\xff\xff"])
def test_what_can_be_no_pin_uses_no_try_and_is_never_set(malformed: bytes) -> None:
    desk = desk_with_pin()
    assert genuine(desk).sw(VERIFY, malformed) == 0x6A80
    officer = desk.terminal(UNBLOCK)
    assert officer.sw(SET, malformed) == 0x6A80
    assert officer.sw(VERIFY) == 0x63C5
    officer.must(VERIFY, PIN)


def test_only_an_officer_sets_changes_and_removes_it() -> None:
    desk = desk_with_pin()
    other = desk.terminal(0xFFFF & ~UNBLOCK)
    assert other.sw(SET, OTHER_PIN) == other.sw(NEW_TRIES) == other.sw(DISABLE) == 0x6982
    officer = desk.terminal(UNBLOCK)
    officer.must(VERIFY, PIN)
    officer.must(SET, OTHER_PIN)
    assert officer.sw(VERIFY) == 0x63C5
    assert officer.sw(VERIFY, PIN) == 0x63C4
    officer.must(VERIFY, OTHER_PIN)
    officer.must(DISABLE)
    officer.must(DISABLE)
    assert officer.sw(VERIFY, OTHER_PIN) == officer.sw(VERIFY) == officer.sw(NEW_TRIES) == 0x6A88
    for apdu in ("00200181", "00200080", "002C0181", "00260081"):
        assert officer.sw(apdu, PIN) == 0x6A86


def test_a_record_that_claims_the_pin_needs_it_verified() -> None:
    desk = desk_with_pin()
    terminal = desk.terminal(DELIVER)
    claimed = record(terminal.credential, 1, verified_by=5)
    assert terminal.sw("00E20080", claimed, 256) == 0x6982
    terminal.must(VERIFY, PIN)
    assert terminal.must("00E20080", claimed, 256)[:4] == b"\0\0\0\x01"
    other = desk.terminal(DELIVER)
    assert other.must("00E20080", claimed, 256)[:4] == b"\0\0\0\x01"
    assert other.sw("00E20080", record(other.credential, 2, claimed, verified_by=5), 256) == 0x6982
    other.must("00E20080", record(other.credential, 2, claimed, verified_by=1), 256)


def test_the_pin_is_told_to_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk = desk_with_pin()
    genuine(desk).sw(VERIFY, b"0000")
    told = caplog.text + repr(desk.card) + repr(HolderPin(desk.card._memory))
    assert PIN.decode() not in told


def renewal(member: int, content: bytes) -> bytes:
    return encode_tlv(0xC0, bytes((member,))) + encode_tlv(0xC1, content)


def test_a_renewed_template_replaces_the_whole_file() -> None:
    terminal = make_desk().terminal(ENROL | READ_BIO)
    terminal.must("00DA0202", renewal(1, b"\xaa" * TEMPLATE_BYTES))
    terminal.must("00DA0202", renewal(1, b"new"))
    assert terminal.must("00B09100", le=TEMPLATE_BYTES) == b"new".ljust(TEMPLATE_BYTES, b"\0")


def test_only_a_terminal_that_enrols_renews_and_only_where_it_belongs() -> None:
    desk = make_desk()
    good = renewal(1, b"new")
    assert desk.terminal(0xFFFF & ~ENROL).sw("00DA0202", good) == 0x6982
    assert desk.terminal().sw("00DA0202", good) == 0x6982
    terminal = desk.terminal(ENROL | UPDATE)
    assert terminal.sw("00D69100", b"x") == 0x6985
    for member in (0, 2, 9, 0x20):
        assert terminal.sw("00DA0202", renewal(member, b"new")) == 0x6A88
    assert terminal.sw("00DA0202", renewal(1, bytes(TEMPLATE_BYTES + 1))) == 0x6A84
    for malformed in (b"", good[:-1], good + b"\0", renewal(1, b""), encode_tlv(0xC1, b"x") + encode_tlv(0xC0, b"\1")):
        assert terminal.sw("00DA0202", malformed) == 0x6A80
    terminal.select(AID_ONE)
    assert terminal.sw("00DA0202", good) == 0x6985
    terminal.select(AID_TWO)
    terminal.must("00DA0202", good)
