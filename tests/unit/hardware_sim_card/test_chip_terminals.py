from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from card_service.ecdsa_raw import is_signed_by
from card_service.errors import TerminalRefused
from card_service.terminal_authentication import TerminalCredential
from card_service.tlv import encode_tlv
from hardware_sim.card.status import StatusError
from hardware_sim.card.terminal_authentication import TrustPoints
from hardware_sim.card.terminal_certificate import HolderRole, TerminalCertificate, decode_date, encode_date
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.hardware_sim_card.terminal import (
    AID_ONE,
    COUNTERSIGN,
    DELIVER,
    READ_BIO,
    UPDATE,
    Authority,
    Desk,
    KeyPair,
    Terminal,
    begin_card,
    certificate,
    make_desk,
)


def genuine_channel(desk: Desk) -> Terminal:
    terminal = desk.terminal()
    terminal.select(AID_ONE)
    terminal.prove_chip(desk.agreement_point)
    return terminal


def refusal(desk: Desk, credential: TerminalCredential) -> str:
    with pytest.raises(TerminalRefused) as refused:
        genuine_channel(desk).authenticate(credential)
    return str(refused.value.params["sw"])


def chip_date(desk: Desk) -> date:
    return TrustPoints(desk.card._memory).today


def test_rights_are_what_every_certificate_of_the_chain_grants() -> None:
    desk = make_desk()
    for dv_rights, own_rights, can_read in (
        (0xFFFF, READ_BIO, 0x9000),
        (READ_BIO | DELIVER, READ_BIO | UPDATE, 0x9000),
        (DELIVER, READ_BIO, 0x6982),
        (0xFFFF, DELIVER, 0x6982),
        (0xFFFF, None, 0x6982),
    ):
        desk.authority.dv = desk.authority.issue_dv("UTDV00001", dv_rights)
        terminal = genuine_channel(desk)
        terminal.authenticate(desk.authority.terminal(own_rights))
        assert terminal.sw("00B08200", le=4) == can_read


def test_terminal_authentication_needs_pace_and_chip_authentication() -> None:
    desk = make_desk()
    plain = Terminal(desk.card)
    for apdu in ("002281B6", "002281A4", "002A00BE", "00840000", "00820000"):
        assert plain.sw(apdu, bytes.fromhex("8301AA")) == 0x6982
    channel = desk.terminal()
    channel.select(AID_ONE)
    assert channel.sw("002281B6", encode_tlv(0x83, b"UTROOT00001")) == 0x6982


def test_an_expired_certificate_is_refused_by_the_chips_own_date_which_only_moves_forward() -> None:
    desk = make_desk()
    old = desk.authority.terminal(DELIVER, effective=date(2026, 10, 1), expires=date(2026, 11, 21))
    assert refusal(desk, old) == "6984"
    genuine_channel(desk).authenticate(desk.authority.terminal(DELIVER, effective=date(2026, 12, 1)))
    assert chip_date(desk) == date(2026, 12, 1)
    ending = desk.authority.terminal(DELIVER, expires=date(2026, 11, 30))
    assert refusal(desk, ending) == "6984"
    genuine_channel(desk).authenticate(desk.authority.terminal(DELIVER, effective=date(2026, 11, 1)))
    assert chip_date(desk) == date(2026, 12, 1)


def test_forged_and_misplaced_certificates_are_refused() -> None:
    desk = make_desk()
    authority, stranger = desk.authority, KeyPair()
    terminal_role, dv_role = HolderRole.TERMINAL, HolderRole.DOCUMENT_VERIFIER
    forged = certificate("UTTERM00001", stranger, "UTDV00001", stranger, terminal_role)
    assert refusal(desk, TerminalCredential((authority.dv, forged), stranger.private)) == "6A80"
    below_root = certificate("UTTERM00001", stranger, "UTROOT00001", authority.root_key, terminal_role)
    assert refusal(desk, TerminalCredential((below_root,), stranger.private)) == "6A80"
    dv_below_dv = certificate("UTDV00002", stranger, "UTDV00001", authority.dv_key, dv_role, rights=0xFFFF)
    assert refusal(desk, TerminalCredential((authority.dv, dv_below_dv), stranger.private)) == "6A80"
    assert refusal(desk, TerminalCredential((authority.dv,), authority.dv_key.private)) == "6A88"
    unknown = certificate("UTDV00002", stranger, "UTOTHER0001", stranger, dv_role)
    assert refusal(desk, TerminalCredential((unknown,), stranger.private)) == "6A88"
    good = authority.terminal(DELIVER)
    assert refusal(desk, TerminalCredential(good.chain, stranger.private)) == "6300"


def test_a_flipped_bit_in_any_byte_of_a_terminal_certificate_is_refused() -> None:
    desk = make_desk()
    terminal = genuine_channel(desk)
    credential = desk.authority.terminal(DELIVER)
    body_of = {raw: TerminalCertificate.decode_whole(raw) for raw in credential.chain}
    dv, own = credential.chain
    terminal.must("002281B6", encode_tlv(0x83, body_of[dv].authority_reference))
    terminal.must("002A00BE", body_of[dv].body + encode_tlv(0x5F37, body_of[dv].signature))
    data, trials = body_of[own].body + encode_tlv(0x5F37, body_of[own].signature), 0
    for at in range(len(data)):
        terminal.must("002281B6", encode_tlv(0x83, body_of[own].authority_reference))
        spoiled = data[:at] + bytes((data[at] ^ 1 << at % 8,)) + data[at + 1 :]
        assert terminal.sw("002A00BE", spoiled) in (0x6A80, 0x6984)
        trials += 1
    print(f"{trials} certificates with one wrong bit, 0 accepted")  # noqa: T201
    terminal.must("002281B6", encode_tlv(0x83, body_of[own].authority_reference))
    terminal.must("002A00BE", data)  # the positive control


def test_a_challenge_serves_once() -> None:
    desk = make_desk()
    terminal = genuine_channel(desk)
    terminal.authenticate(desk.authority.terminal(DELIVER))
    assert terminal.sw("00820000", bytes(64)) == 0x6985
    assert len(terminal.must("00840000", le=8)) == 8
    assert terminal.sw("00820000", bytes(64)) == 0x6300
    assert terminal.sw("00820000", bytes(64)) == 0x6985


def test_a_new_channel_forgets_the_terminal() -> None:
    desk = make_desk()
    terminal = genuine_channel(desk)
    terminal.authenticate(desk.authority.terminal(READ_BIO))
    terminal.must("00B08200", le=4)
    terminal.prove_chip(desk.agreement_point)
    assert terminal.sw("00B08200", le=4) == 0x6982


def test_a_link_certificate_becomes_a_trust_point_and_the_older_one_leaves() -> None:
    desk = make_desk()
    authority = desk.authority
    names, key = ["UTROOT00001", "UTROOT00002", "UTROOT00003"], authority.root_key
    for year, (old, new) in enumerate(pairwise(names), start=2027):
        fresh, since = KeyPair(), date(year, 1, 1)
        link = certificate(new, fresh, old, key, HolderRole.TRUST_ANCHOR, effective=since, expires=date(2032, 1, 1))
        terminal = genuine_channel(desk)
        terminal.must("002281B6", encode_tlv(0x83, old.encode()))
        parsed = TerminalCertificate.decode_whole(link)
        for _ in range(2):
            terminal.must("002281B6", encode_tlv(0x83, old.encode()))
            terminal.must("002A00BE", parsed.body + encode_tlv(0x5F37, parsed.signature))
        key = fresh
        assert chip_date(desk) == since
    held = [each.holder_reference for each in TrustPoints(desk.card._memory).all()]
    assert held == [b"UTROOT00003", b"UTROOT00002"]
    assert terminal.sw("002281B6", encode_tlv(0x83, b"UTROOT00001")) == 0x6A88


def test_trust_points_are_taken_at_personalisation_only_if_well_signed_and_two_at_most() -> None:
    terminal, _, _ = begin_card()
    authority, other, third = Authority(), KeyPair(), KeyPair()
    anchor = HolderRole.TRUST_ANCHOR
    badly_signed = certificate("UTROOT00009", other, "UTROOT00009", third, anchor)
    assert terminal.sw("00DA0101", badly_signed) == 0x6A80
    assert terminal.sw("00DA0101", authority.dv) == 0x6A80
    terminal.must("00DA0101", authority.root)
    terminal.must("00DA0101", authority.root)
    linked = certificate("UTROOT00002", other, "UTROOT00001", authority.root_key, anchor)
    terminal.must("00DA0101", linked)
    assert terminal.sw("00DA0101", certificate("UTROOT00003", third, "UTROOT00003", third, anchor)) == 0x6A84


@pytest.mark.parametrize("digits", ["", "020601010101", "0206010301", "020601030001", "0A0601010101"])
def test_what_is_no_date_is_refused(digits: str) -> None:
    terminal, _, _ = begin_card()
    assert terminal.sw("00DA0102", bytes.fromhex(digits)) == (0x6A80 if digits != "020601010101" else 0x9000)


def test_an_officer_card_signs_a_hash_only_for_a_terminal_that_may_countersign() -> None:
    desk = make_desk()
    fingerprint = bytes(range(32))
    assert desk.terminal(DELIVER).sw("002A9E9A", fingerprint, 256) == 0x6982
    terminal = desk.terminal(COUNTERSIGN)
    signature = terminal.must("002A9E9A", fingerprint, 256)
    assert is_signed_by(desk.receipt_point, signature, b"SIGN" + fingerprint)
    assert terminal.sw("002A9E9A", fingerprint[:-1], 256) == 0x6A80


def test_a_date_survives_the_round_trip() -> None:
    for day in (date(2000, 1, 1), date(2026, 11, 22), date(2099, 12, 31)):
        assert decode_date(encode_date(day)) == day


def test_certificates_cut_or_prolonged_anywhere_are_refused() -> None:
    whole = Authority().dv
    TerminalCertificate.decode_whole(whole)
    for spoiled in [whole[:length] for length in range(len(whole))] + [whole + b"\x00"]:
        with pytest.raises(StatusError):
            TerminalCertificate.decode_whole(spoiled)


def test_a_card_without_trust_points_believes_nobody() -> None:
    card = VirtualCard.blank()
    terminal, agreement, _ = begin_card(card)
    terminal.must("00DA0100", b"271828")
    terminal.must("00440000")
    terminal.open()
    terminal.prove_chip(agreement)
    assert terminal.sw("002281B6", encode_tlv(0x83, b"UTROOT00001")) == 0x6A88
