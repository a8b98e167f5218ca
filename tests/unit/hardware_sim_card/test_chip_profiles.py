"""Chips of other makes: T=0, without extended length, contactless only, another curve, from stock."""

from __future__ import annotations

import pytest

from card_service.atr import has_extended_length
from card_service.secure_messaging import ChannelKeys, SecureChannel
from card_service.tlv import encode_tlv, get_value
from hardware_sim.card.curve import BRAINPOOL_P256R1, P256, Curve, counted_multiplications, is_signed, x_coordinate
from hardware_sim.card.key_derivation import KeyPurpose, SessionKeys, decrypt, derive_key, mac
from hardware_sim.card.object_ids import OID_CA_ECDH_AES_128, OID_PACE_ECDH_GM_AES_128
from hardware_sim.card.pace import PaceRun, PaceSecrets
from hardware_sim.card.profile import AgreementCurve, ChipFunctions, ChipProfile, ChipProtocol
from hardware_sim.card.status import StatusError
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.hardware_sim_card.terminal import (
    AID_ONE,
    AID_TWO,
    CAN,
    NEVER,
    Terminal,
    begin_card,
    directory_control,
    file_control,
    make_desk,
)

T0 = ChipProfile(protocol=ChipProtocol.T0)
SHORT_T1 = ChipProfile(takes_extended_length=False)
CONTACTLESS = ChipProfile(protocol=ChipProtocol.CONTACTLESS_ONLY)
BRAINPOOL = ChipProfile(curve=AgreementCurve.BRAINPOOL_P256R1)
STOCK = ChipProfile(functions=ChipFunctions.STOCK)
PROFILES = [ChipProfile(), T0, SHORT_T1, CONTACTLESS, BRAINPOOL, STOCK]
AID_EMRTD = bytes.fromhex("A0000002471001")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_survives_the_round_trip_and_lives_in_the_chip(profile: ChipProfile) -> None:
    assert ChipProfile.decode(profile.encode()) == profile
    assert VirtualCard.blank(profile=profile).profile == profile


def test_a_chip_that_names_no_profile_is_the_usual_one() -> None:
    assert ChipProfile.decode(b"") == ChipProfile()


@pytest.mark.parametrize(
    ("profile", "atr"),
    [
        (ChipProfile(), "3B8A8131FE4580739601C05453504331"),
        (SHORT_T1, "3B8A8131FE4580739601805453504331"),
        (CONTACTLESS, "3B8A800180739601C05453504331"),
        (T0, "3B0A80739601805453504331"),
        (STOCK, "3B8A8131FE4580739601C05453504330"),
    ],
)
def test_each_make_answers_to_reset_what_it_is(profile: ChipProfile, atr: str) -> None:
    answer = VirtualCard.blank(profile=profile).power_on()
    assert answer.hex().upper().startswith(atr)
    assert len(answer) == len(atr) // 2 + (profile.protocol is not ChipProtocol.T0)
    assert has_extended_length(answer) is profile.announces_extended_length


def test_extended_length_is_announced_in_a_file_that_outlives_a_wipe() -> None:
    terminal, _, _ = begin_card(VirtualCard.blank(profile=ChipProfile(longest_command_bytes=2048)))
    terminal.must("00A40000", bytes.fromhex("3F00"))
    content = "7F66080202080002027FFF"
    assert terminal.must("00B09D00", le=11).hex().upper() == content
    assert terminal.sw("00E00000", file_control("2F01", 10, NEVER * 3)) == 0x6A89
    terminal.must("00E40000", bytes.fromhex("83023F00"))
    terminal.reset()
    assert terminal.must("00B09D00", le=11).hex().upper() == content
    assert terminal.must("00CA0110", le=256)[0] == 0


def test_it_may_always_be_read_and_never_written() -> None:
    terminal = Terminal(make_desk().card)
    assert terminal.must("00B09D00", le=4) == bytes.fromhex("7F660802")
    assert terminal.sw("00D69D00", b"x") == 0x6985


@pytest.mark.parametrize("profile", [T0, SHORT_T1])
def test_a_chip_without_extended_length_has_no_such_file_and_refuses_the_form(profile: ChipProfile) -> None:
    terminal = Terminal(VirtualCard.blank(profile=profile))
    assert terminal.sw("00B09D00", le=4) == 0x6A82
    assert terminal.raw("00CA0110000100") == "6700"
    assert terminal.raw("00A4040C000005F000000001") == "6700"
    assert terminal.raw("00CA011009") == "00" + terminal.card.serial_hex + "9000"


def test_announced_lengths_hold() -> None:
    profile = ChipProfile(longest_command_bytes=1000, longest_answer_bytes=600)
    terminal = Terminal(VirtualCard.blank(profile=profile))
    terminal.must("00E00000", file_control("0101", 2000, NEVER * 3, 1))
    assert terminal.raw("00D68100" + "0003E1" + "5A" * 0x3E1) == "9000"
    assert terminal.raw("00D68100" + "0003E2" + "5A" * 0x3E2) == "6700"
    answer = terminal.card.transmit(bytes.fromhex("00B08100000400"))
    assert (len(answer), answer[-2:].hex()) == (600, "6100")
    assert len(terminal.card.transmit(bytes.fromhex("00C00000000400"))) == 0x400 - 598 + 2


def test_over_t_0_an_answer_to_data_is_fetched_and_its_length_must_be_right() -> None:
    terminal = Terminal(VirtualCard.blank(profile=T0))
    terminal.must("00E00000", directory_control("0100", AID_ONE))
    assert terminal.raw("00468000" + "05" + "A603840101" + "00") == "6146"
    assert terminal.raw("00C0000000") == "6c46"
    assert terminal.raw("00C0000047") == "6c46"
    first = terminal.raw("00C0000040")
    assert (len(first) // 2, first[-4:]) == (0x42, "6106")
    assert terminal.raw("00C0000006")[-4:] == "9000"
    assert terminal.raw("00C0000006") == "6985"


def test_over_t_0_a_read_says_how_much_there_is() -> None:
    terminal = Terminal(VirtualCard.blank(profile=T0))
    terminal.must("00E00000", file_control("0101", 300, NEVER * 3, 1))
    assert terminal.raw("00B0811400")[-4:] == "9000"
    assert terminal.raw("00B0812D00") == "6cff"
    assert terminal.raw("00B0812DFF")[-4:] == "9000"
    assert terminal.raw("00CA011000") == "6c09"


def test_a_dual_interface_chip_speaks_t_0_only_through_its_contacts() -> None:
    card = VirtualCard.blank(profile=T0)
    card.is_contact = False
    terminal = Terminal(card)
    assert terminal.raw("00CA011000") == "00" + card.serial_hex + "9000"


@pytest.mark.parametrize("profile", [T0, SHORT_T1, CONTACTLESS])
def test_a_whole_card_is_made_opened_and_read_on_every_protocol(profile: ChipProfile) -> None:
    terminal = make_desk(VirtualCard.blank(profile=profile)).terminal(0x0001)
    terminal.select(AID_ONE)
    assert terminal.must("00B08100", le=100) == bytes(range(100))
    assert terminal.must("00B08200", le=100) == bytes(range(100))


def test_pace_on_brainpool_agrees_with_the_worked_example_of_icao_9303_11_g_1() -> None:
    # ICAO 9303-11, 8th edition, appendix G.1
    drawn = PaceSecrets(
        nonce=bytes.fromhex("3F00C4D39D153F2B2A214A078D899B22"),
        mapping_scalar=0x498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560,
        ephemeral_scalar=0x107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A,
    )
    run = PaceRun(bytes.fromhex("89DED1B26624EC1E634C1989302849DD"), BRAINPOOL_P256R1, drawn)
    assert get_value(run.step(b"\x7c\x00"), 0x7C, 0x80).hex().upper() == "95A3A016522EE98D01E76CB6B98B42C3"
    mapped = run.step(
        _dynamic(
            0x81,
            "047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E"
            "544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D",
        )
    )
    assert get_value(mapped, 0x7C, 0x82).hex().upper() == (
        "04824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F57"
        "30D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C54"
    )
    agreed = run.step(
        _dynamic(
            0x83,
            "042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C"
            "3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB36462",
        )
    )
    assert get_value(agreed, 0x7C, 0x84).hex().upper() == (
        "049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB"
        "7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F094"
    )
    finished = run.finish(_dynamic(0x85, "C2B0BD78D94BA866"))
    assert finished is not None
    assert get_value(finished[0], 0x86).hex().upper() == "3ABB9674BCE93C08"


def _dynamic(tag: int, value_hex: str) -> bytes:
    return encode_tlv(0x7C, encode_tlv(tag, bytes.fromhex(value_hex)))


def test_a_brainpool_chip_agrees_keys_on_its_curve_and_signs_on_p_256() -> None:
    desk = make_desk(VirtualCard.blank(profile=BRAINPOOL))
    BRAINPOOL_P256R1.checked_point(desk.agreement_point)
    P256.checked_point(desk.receipt_point)
    terminal = Terminal(desk.card)
    terminal.channel = _open_on_brainpool(terminal)
    terminal.select(AID_ONE)
    scalar = BRAINPOOL_P256R1.random_scalar()
    terminal.must("002241A4", encode_tlv(0x80, OID_CA_ECDH_AES_128) + bytes.fromhex("840101"))
    own = encode_tlv(0x80, BRAINPOOL_P256R1.public_point(scalar))
    terminal.must("00860000", encode_tlv(0x7C, own), 256)
    secret = x_coordinate(BRAINPOOL_P256R1.multiply(desk.agreement_point, scalar))
    terminal.channel = _channel(terminal, SessionKeys.from_secret(secret))
    assert terminal.must("00B08100", le=100) == bytes(range(100))


def _open_on_brainpool(terminal: Terminal) -> SecureChannel:
    """PACE by hand: the worked example above stands for the arithmetic."""
    curve, key = BRAINPOOL_P256R1, derive_key(CAN.encode(), KeyPurpose.PASSWORD)
    parameters = bytes.fromhex("83010284010D")
    terminal.must("0022C1A4", encode_tlv(0x80, OID_PACE_ECDH_GM_AES_128) + parameters)
    encrypted = get_value(terminal.must("10860000", b"\x7c\x00", 256), 0x7C, 0x80)
    mapping, ephemeral = curve.random_scalar(), curve.random_scalar()
    first = _dynamic(0x81, curve.public_point(mapping).hex())
    chip_map = get_value(terminal.must("10860000", first, 256), 0x7C, 0x82)
    generator = curve.map_generator(curve.multiply(chip_map, mapping), decrypt(key, bytes(16), encrypted))
    own = curve.multiply(generator, ephemeral)
    chip_key = get_value(terminal.must("10860000", _dynamic(0x83, own.hex()), 256), 0x7C, 0x84)
    keys = SessionKeys.from_secret(x_coordinate(curve.multiply(chip_key, ephemeral)))
    content = encode_tlv(0x06, OID_PACE_ECDH_GM_AES_128) + encode_tlv(0x86, chip_key)
    token = mac(keys.authentication, encode_tlv(0x7F49, content))
    terminal.must("00860000", _dynamic(0x85, token.hex()), 256)
    return _channel(terminal, keys)


def _channel(terminal: Terminal, keys: SessionKeys) -> SecureChannel:
    return SecureChannel(terminal.transport, ChannelKeys(keys.encryption, keys.authentication))


def test_the_wrong_curve_is_refused_by_either_chip() -> None:
    environment = encode_tlv(0x80, OID_PACE_ECDH_GM_AES_128) + bytes.fromhex("830102")
    for profile, wrong in ((ChipProfile(), "84010D"), (BRAINPOOL, "84010C")):
        terminal = Terminal(make_desk(VirtualCard.blank(profile=profile)).card)
        assert terminal.sw("0022C1A4", environment + bytes.fromhex(wrong)) == 0x6A80
    for curve, other in ((P256, BRAINPOOL_P256R1), (BRAINPOOL_P256R1, P256)):
        for malformed in (other.generator, b"", curve.generator[:-1], b"\x04" + bytes(64), bytes(65)):
            with pytest.raises(StatusError):
                curve.multiply(malformed, 2)


@pytest.mark.parametrize("curve", [P256, BRAINPOOL_P256R1])
def test_adding_and_multiplying_agree(curve: Curve) -> None:
    three = curve.multiply(curve.generator, 3)
    assert curve.map_generator(curve.multiply(curve.generator, 2), b"\x01") == three
    assert curve.map_generator(curve.generator, b"\x01") == curve.multiply(curve.generator, 2)
    minus_one = curve.multiply(curve.generator, curve.order - 1)
    assert curve.map_generator(minus_one, b"\x04") == three
    with pytest.raises(StatusError):
        curve.map_generator(minus_one, b"\x01")
    with pytest.raises(StatusError):
        curve.multiply(three, curve.order)


def test_multiplications_are_counted() -> None:
    with counted_multiplications() as tally:
        P256.multiply(P256.generator, 5)
        is_signed(P256.generator, bytes(64), b"")
    P256.multiply(P256.generator, 5)
    assert tally.count == 2


def test_a_chip_from_stock_takes_the_travel_document_only() -> None:
    terminal = Terminal(VirtualCard.blank(profile=STOCK))
    assert terminal.sw("00E00000", directory_control("0200", AID_TWO)) == 0x6985
    terminal.must("00E00000", directory_control("0100", AID_EMRTD))
    assert terminal.sw("00E00000", file_control("0230", 4, NEVER * 3, 0x10, record_bytes=112)) == 0x6985
    terminal.must("00E00000", file_control("0101", 100, "030000" + NEVER * 2, 1))
    agreement = get_value(terminal.must("00468000", bytes.fromhex("A603840101"), 256), 0x7F49, 0x86)
    receipt = get_value(terminal.must("00468000", bytes.fromhex("B603840102"), 256), 0x7F49, 0x86)
    for data_object in ("0103", "0104", "0105", "0106", "0201"):
        assert terminal.sw("00DA" + data_object, b"\x01\x01") == 0x6A88
    terminal.must("00DA0100", CAN.encode())
    terminal.must("00440000")
    terminal.reset()
    terminal.open()
    terminal.select(AID_EMRTD)
    terminal.prove_chip(agreement)
    assert terminal.must("00B08100", le=4) == bytes(4)
    for apdu in ("00E20080", "00B20083", "00CB0210"):
        assert terminal.sw(apdu, b"\0\0\0\x01", 256) == 0x6D00
    assert terminal.sw("00CA0211", le=256) == terminal.sw("00CA0212", le=256) == 0x6A88
    challenge = bytes(range(8))
    assert is_signed(receipt, terminal.must("00880000", challenge, 256), challenge)
