from __future__ import annotations

import hashlib

import pytest

from card_service.ecdsa_raw import is_signed_by
from card_service.errors import ChannelBroken, WrongCan
from card_service.tlv import encode_tlv, get_value
from hardware_sim.card.faults import FaultKind
from hardware_sim.card.key_agreement import FREE_FAILURES
from hardware_sim.card.key_derivation import KeyPurpose, SessionKeys, derive_key, encrypt_block, mac
from hardware_sim.card.object_ids import OID_PACE_ECDH_GM_AES_128, object_id
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.hardware_sim_card.terminal import AID_ONE, AID_TWO, CAN, Terminal, make_desk, statement


class _TerminalWithRights(Terminal):
    """Says at PACE that it has rights, which the reader side does not do yet."""

    def transmit(self, apdu: bytes) -> bytes:
        if apdu[:4] == bytes.fromhex("0022C1A4") and b"\x7f\x4c" not in apdu:
            chat = encode_tlv(0x7F4C, bytes.fromhex("060904007F000703010201530100"))
            data = apdu[5:] + chat
            apdu = apdu[:4] + bytes((len(data),)) + data
        return super().transmit(apdu)


def test_keys_nonce_and_token_agree_with_the_worked_example_of_icao_9303_11_g_1() -> None:
    # ICAO 9303-11, 8th edition, appendix G.1 (its curve is brainpoolP256r1; these steps do not depend on the curve).
    seed = hashlib.sha1(b"T22000129364081251010318").digest()
    assert seed.hex().upper() == "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD"
    password_key = derive_key(seed, KeyPurpose.PASSWORD)
    assert password_key.hex().upper() == "89DED1B26624EC1E634C1989302849DD"
    nonce = bytes.fromhex("3F00C4D39D153F2B2A214A078D899B22")
    assert encrypt_block(password_key, nonce).hex().upper() == "95A3A016522EE98D01E76CB6B98B42C3"
    keys = SessionKeys.from_secret(bytes.fromhex("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925"))
    assert keys.encryption.hex().upper() == "F5F0E35C0D7161EE6724EE513A0D9A7F"
    assert keys.authentication.hex().upper() == "FE251C7858B356B24514B3BD5F4297D1"
    chip_key = bytes.fromhex(
        "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
        "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
    )
    content = encode_tlv(0x06, OID_PACE_ECDH_GM_AES_128) + encode_tlv(0x86, chip_key)
    assert mac(keys.authentication, encode_tlv(0x7F49, content)).hex().upper() == "C2B0BD78D94BA866"


def test_object_identifiers_are_encoded_as_x_690_says() -> None:
    assert object_id("0.4.0.127.0.7.2.2.4.2.2").hex() == "04007f00070202040202"
    assert object_id("2.5.29.15").hex() == "551d0f"
    assert object_id("1.2.840.113549").hex() == "2a864886f70d"


def test_the_terminal_with_the_right_number_opens_a_channel_and_reads() -> None:
    terminal = make_desk().terminal()
    terminal.select(AID_ONE)
    assert terminal.must("00B08100", le=100) == bytes(range(100))


def test_a_wrong_number_is_answered_6300_and_costs_a_growing_delay_but_never_a_block() -> None:
    waits: list[float] = []
    desk = make_desk()
    card = VirtualCard(desk.card._memory.snapshot(), None, sleep=waits.append)
    for _ in range(FREE_FAILURES + 10):
        with pytest.raises(WrongCan):
            Terminal(card).open("000000")
    assert waits[:4] == pytest.approx([0.1, 0.2, 0.4, 0.8])
    assert max(waits) == pytest.approx(10.0)
    Terminal(card).open(CAN)
    waits.clear()
    Terminal(card).open(CAN)
    assert waits == []


def test_the_steps_of_pace_hold_their_order_and_a_refusal_ends_the_run() -> None:
    terminal = Terminal(make_desk().card)
    environment = encode_tlv(0x80, OID_PACE_ECDH_GM_AES_128) + bytes.fromhex("830102")
    assert terminal.sw("00860000", bytes.fromhex("7C00"), 256) == 0x6985
    terminal.must("0022C1A4", environment)
    assert terminal.sw("10860000", bytes.fromhex("7C028100"), 256) == 0x6985
    assert terminal.sw("10860000", bytes.fromhex("7C00"), 256) == 0x6985
    terminal.must("0022C1A4", environment)
    assert len(get_value(terminal.must("10860000", bytes.fromhex("7C00"), 256), 0x7C, 0x80)) == 16
    off_curve = encode_tlv(0x7C, encode_tlv(0x81, b"\x04" + bytes(64)))
    assert terminal.sw("10860000", off_curve, 256) == 0x6A80
    assert terminal.sw("10860000", bytes.fromhex("7C028300"), 256) == 0x6985


@pytest.mark.parametrize(
    ("environment", "sw"),
    [
        ("830102", 0x6A80),
        ("800A04007F00070202040202830103", 0x6A88),
        ("800A04007F00070202040202", 0x6A88),
        ("800A04007F00070202040204830102", 0x6A80),
        ("800A04007F0007020204020283010284010D", 0x6A80),
        ("800A04007F00070202040202830102830102", 0x6A80),
    ],
)
def test_an_unknown_environment_is_refused(environment: str, sw: int) -> None:
    assert Terminal(make_desk().card).sw("0022C1A4", bytes.fromhex(environment)) == sw


def test_a_terminal_that_has_rights_learns_the_trust_points() -> None:
    desk = make_desk()
    terminal = _TerminalWithRights(desk.card)
    terminal.open()
    assert get_value(terminal.answers[-1][:-2], 0x7C, 0x87) == b"UTROOT00001"


def test_a_plain_command_ends_the_channel_with_6987_and_a_wrong_mac_with_6988() -> None:
    terminal = make_desk().terminal()
    assert terminal.raw("00B0810004") == "6987"
    assert terminal.raw("0CB081000D9701048E08000000000000000000") == "6882"
    terminal = make_desk().terminal()
    terminal.select(AID_ONE)
    assert terminal.raw("0CB081000D9701048E08000000000000000000") == "6988"
    assert terminal.raw("00B0810004") == "6982"


@pytest.mark.parametrize(
    ("objects", "sw"),
    [
        ("970104", "6987"),
        ("8E080000000000000000970104", "6988"),
        ("850800000000000000008E080000000000000000", "6988"),
        ("9701048E0400000000", "6988"),
        ("FF", "6988"),
    ],
)
def test_wrong_objects_of_secure_messaging_end_the_channel(objects: str, sw: str) -> None:
    terminal = make_desk().terminal()
    assert terminal.raw(f"0CB08100{len(objects) // 2:02X}{objects}00") == sw
    assert terminal.raw("00B0810004") != "6987"


def test_a_replayed_command_ends_the_channel() -> None:
    terminal = make_desk().terminal()
    terminal.select(AID_ONE)
    assert terminal.raw(terminal.commands[-1].hex()) == "6988"


def test_a_forged_answer_is_noticed_by_the_terminal() -> None:
    terminal = make_desk().terminal()
    terminal.card.faults.order_next(FaultKind.WRONG_MAC)
    with pytest.raises(ChannelBroken):
        terminal.select(AID_ONE)


def test_chip_authentication_moves_to_new_keys_and_a_bad_point_keeps_the_old_ones() -> None:
    desk = make_desk()
    terminal = desk.terminal()
    terminal.select(AID_ONE)
    environment = bytes.fromhex("800A04007F00070202030202840101")
    terminal.must("002241A4", environment)
    off_curve = encode_tlv(0x7C, encode_tlv(0x80, b"\x04" + bytes(64)))
    assert terminal.sw("00860000", off_curve, 256) == 0x6A80
    assert terminal.must("00B08100", le=4) == bytes(range(4))
    terminal.prove_chip(desk.agreement_point)
    assert terminal.must("00B08100", le=4) == bytes(range(4))


def test_chip_authentication_needs_pace_and_a_known_key() -> None:
    desk = make_desk()
    environment = bytes.fromhex("800A04007F00070202030202")
    assert Terminal(desk.card).sw("002241A4", environment) == 0x6982
    terminal = desk.terminal()
    assert terminal.sw("002241A4", environment + bytes.fromhex("840102")) == 0x6A88
    assert terminal.sw("0022C1A4", bytes.fromhex("800A04007F00070202040202830102")) == 0x6985


def test_active_authentication_signs_the_challenge_and_needs_a_channel() -> None:
    desk = make_desk()
    assert Terminal(desk.card).sw("00880000", bytes(8), 256) == 0x6982
    terminal = desk.terminal()
    assert is_signed_by(desk.receipt_point, terminal.must("00880000", bytes(8), 256), bytes(8))
    assert terminal.sw("00880000", bytes(9), 256) == 0x6A80


def test_a_long_answer_and_a_long_command_pass_below_secure_messaging() -> None:
    desk = make_desk()
    terminal = desk.terminal()
    terminal.transport._is_extended = False
    terminal.select(AID_TWO)
    assert terminal.must("00B08100", le=256)[:2] == bytes.fromhex("C004")
    terminal = desk.terminal(rights=0x0004)
    terminal.transport._is_extended = False
    terminal.must("00DA0201", statement(2, cose=bytes(250)))


def test_chaining_keeps_the_header_and_an_answer_waits_for_get_response() -> None:
    terminal = Terminal(VirtualCard.blank(serial=bytes(8)))
    assert terminal.raw("10E0000003620782") == "9000"
    assert terminal.raw("10E0000103620782") == "6883"
    assert terminal.raw("00C0000000") == "6985"
    assert terminal.raw("00CA0110") == "6109"
    assert terminal.raw("00C0000004") == "000000006105"
    assert terminal.raw("00C0000000") == "00000000009000"
    assert terminal.raw("00CA011004") == "6c09"
    assert terminal.raw("00FE0000") == "6d00"
    assert terminal.raw("80CA0110") == "6e00"
    assert terminal.raw("00CA01") == "6700"
