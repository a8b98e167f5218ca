from __future__ import annotations

from pathlib import Path

import pytest

from card_service.errors import ChipNotGenuine
from hardware_sim.card.chip import LifeState
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.hardware_sim_card.terminal import (
    AID_ONE,
    AID_TWO,
    NEVER,
    Terminal,
    begin_card,
    directory_control,
    file_control,
    make_desk,
)

SERIAL = bytes.fromhex("0102030405060708")
WIPE = bytes.fromhex("83023F00")


def test_a_blank_chip_tells_its_serial_and_does_nothing_but_begin() -> None:
    terminal = Terminal(VirtualCard.blank(serial=SERIAL))
    assert terminal.must("00CA0110", le=256) == b"\x00" + SERIAL
    for apdu, data in (("00DA0100", b"123456"), ("00440000", b""), ("00E40000", WIPE)):
        assert terminal.sw(apdu, data) == 0x6985
    assert terminal.sw("00468000", bytes.fromhex("A603840101"), 256) == 0x6985
    terminal.must("00E00000", directory_control("0100", AID_ONE))
    assert terminal.must("00CA0110", le=256) == b"\x01" + SERIAL


def test_an_operational_chip_hides_its_serial_and_refuses_every_personalisation_command() -> None:
    desk = make_desk()
    terminal = Terminal(desk.card)
    assert terminal.must("00CA0110", le=256) == b"\x05"
    terminal.select(AID_ONE)
    control = file_control("0105", 10, NEVER * 3)
    for apdu, data in (
        ("00E00000", control),
        ("00DA0100", b"123456"),
        ("00DA0101", desk.authority.root),
        ("00D68100", b"x"),
        ("00440000", b""),
        ("00E40000", WIPE),
        ("00468000", bytes.fromhex("A603840101")),
    ):
        assert terminal.sw(apdu, data) == 0x6985, apdu
    assert desk.card.life is LifeState.OPERATIONAL


def test_wiping_an_open_chip_leaves_only_its_serial() -> None:
    terminal, _, _ = begin_card(VirtualCard.blank(serial=SERIAL))
    terminal.must("00E40000", WIPE)
    assert terminal.must("00CA0110", le=256) == b"\x00" + SERIAL
    assert terminal.sw("00A4040C", AID_ONE) == 0x6A82


def test_a_file_reads_back_what_was_written_and_zeros_elsewhere() -> None:
    terminal, _, _ = begin_card()
    terminal.must("00E00000", file_control("0101", 300, "000000" + NEVER + NEVER, 1))
    terminal.must("00D68105", b"hello")
    answer = terminal.send("00B08100", le=256)
    assert (answer.sw, answer.data) == (0x9000, bytes(5) + b"hello" + bytes(246))
    answer = terminal.send("00B00100", le=256)
    assert (answer.sw, answer.data) == (0x6282, bytes(44))
    assert terminal.sw("00B0012C", le=1) == 0x6B00
    assert terminal.sw("00B00000") == 0x6700
    assert terminal.sw("00D6012B", b"12") == 0x6A84
    assert terminal.sw("00B09F00", le=1) == 0x6A82
    assert terminal.sw("00B0E100", le=1) == 0x6A86


def test_the_far_end_of_a_large_file_is_reached_with_the_odd_instruction() -> None:
    terminal, _, _ = begin_card()
    terminal.must("00E00000", file_control("0101", 40_000, "000000" + NEVER + NEVER, 1))
    terminal.must("00D67FFF", b"ab")
    assert terminal.must("00B10000", bytes.fromhex("54027FFF"), 4) == bytes.fromhex("53026162")
    answer = terminal.send("00B10001", bytes.fromhex("54029C3F"), 256)
    assert (answer.sw, answer.data) == (0x6282, bytes.fromhex("530100"))
    assert terminal.sw("00B10000", bytes.fromhex("54029C40"), 256) == 0x6B00
    assert terminal.sw("00B10000", bytes.fromhex("55020000"), 256) == 0x6A80
    for le in (131, 258, 2000):
        answer = terminal.send("00B10000", bytes.fromhex("540100"), le)
        assert answer.sw == 0x9000
        assert len(answer.data) in (le, le - 1)


def test_select_finds_by_name_by_identifier_and_under_the_current_directory_only() -> None:
    terminal = Terminal(make_desk().card)
    assert terminal.must("00A40400", AID_ONE, 256).startswith(bytes.fromhex("6F"))
    assert terminal.must("00A4020C", bytes.fromhex("0101")) == b""
    assert terminal.sw("00A4020C", bytes.fromhex("0201")) == 0x6A82
    assert terminal.must("00A40004", bytes.fromhex("0200"), 256) == directory_control("0200", AID_TWO)
    assert terminal.must("00A4000C", bytes.fromhex("0201")) == b""
    assert terminal.sw("00A4000C", bytes.fromhex("0101")) == 0x6A82
    assert terminal.must("00A40004", bytes.fromhex("3F00"), 256) == bytes.fromhex("620782013883023F00")
    assert terminal.sw("00A4040C", AID_ONE[:-1]) == 0x6A82
    assert terminal.sw("00A4080C", AID_ONE) == 0x6A86
    assert terminal.sw("00A40408", AID_ONE) == 0x6A86


def test_nothing_is_created_twice_and_the_chip_can_be_full() -> None:
    terminal, _, _ = begin_card()
    rules = NEVER * 3
    terminal.must("00E00000", file_control("0101", 10, rules, 1))
    assert terminal.sw("00E00000", file_control("0101", 10, rules)) == 0x6A89
    assert terminal.sw("00E00000", file_control("0102", 10, rules, 1)) == 0x6A89
    assert terminal.sw("00E00000", directory_control("0300", AID_ONE)) == 0x6A89
    assert terminal.sw("00E00000", directory_control("3F00", AID_TWO)) == 0x6A89
    terminal.must("00E00000", file_control("0103", 60_000, rules))
    assert terminal.sw("00E00000", file_control("0104", 60_000, rules)) == 0x6A84


_MALFORMED = {
    "nothing": "",
    "empty": "6200",
    "not an FCP": "6F07820101830201018002000A",
    "cut off": "620B8201018302010180020010"[:-2],
    "unknown tag": "620E82010183020101800200109900",
    "unknown descriptor": "620B8201398302010180020010",
    "two descriptors": "620E8201018201018302010180020010",
    "records of no bytes": "620E820402410000830201018002000A",
    "no size": "620782010183020101",
    "rule too short": "621382010183020101800200108606000000FF0000",
    "short identifier 32": "620E8201018302010180020010880120",
    "name on an EF": "621182010183020101800200108404F0000001",
    "DF without name": "620782013883020101",
}


@pytest.mark.parametrize("control", _MALFORMED.values(), ids=_MALFORMED.keys())
def test_a_malformed_control_template_is_refused_and_creates_nothing(control: str) -> None:
    terminal = Terminal(VirtualCard.blank())
    assert terminal.sw("00E00000", bytes.fromhex(control)) == 0x6A80
    assert terminal.must("00CA0110", le=256)[:1] == b"\x00"


def test_an_access_rule_holds_once_the_card_is_operational() -> None:
    desk = make_desk()
    plain = Terminal(desk.card)
    plain.select(AID_ONE)
    assert [plain.sw(f"00B0{sfi}00", le=4) for sfi in ("81", "82", "83")] == [0x6982, 0x6982, 0x6982]
    in_channel = desk.terminal()
    in_channel.select(AID_ONE)
    assert [in_channel.sw(f"00B0{sfi}00", le=4) for sfi in ("81", "82", "83")] == [0x9000, 0x6982, 0x6982]
    without_right = desk.terminal(rights=0x0002)
    without_right.select(AID_ONE)
    assert without_right.sw("00B08200", le=4) == 0x6982
    with_right = desk.terminal(rights=0x0001)
    with_right.select(AID_ONE)
    assert with_right.must("00B08200", le=4) == bytes(range(4))
    assert with_right.sw("00B08300", le=4) == 0x6982


@pytest.mark.parametrize(("is_contact", "sw"), [(True, 0x9000), (False, 0x6982)])
def test_a_contact_rule_looks_at_the_interface(is_contact: bool, sw: int) -> None:
    terminal = Terminal(VirtualCard.blank())
    terminal.must("00E00000", file_control("0120", 6, "100000" + NEVER + NEVER, 0x1F))
    terminal.must("00440000")
    terminal.card.is_contact = is_contact
    terminal.reset()
    assert terminal.sw("00B09F00", le=6) == sw
    assert terminal.atr.startswith(bytes.fromhex("3B8A81" if is_contact else "3B8A80"))


def test_both_answers_to_reset_end_in_the_right_check_byte() -> None:
    card = VirtualCard.blank()
    for is_contact in (True, False):
        card.is_contact = is_contact
        check = 0
        for byte in card.power_on()[1:]:
            check ^= byte
        assert check == 0


def test_a_card_lives_in_its_file_and_its_clone_has_other_keys(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    desk = make_desk(VirtualCard.blank(path))
    again = VirtualCard.load(path)
    assert again.serial_hex == desk.card.serial_hex
    assert path.stat().st_mode & 0o777 == 0o600
    clone = again.copy_files_without_keys(path.with_name("clone.json"))
    assert clone.serial_hex != again.serial_hex
    copied, original = Terminal(clone), Terminal(again)
    for terminal in (copied, original):
        terminal.open()
        terminal.select(AID_ONE)
    assert copied.must("00B08100", le=100) == original.must("00B08100", le=100)
    original.prove_chip(desk.agreement_point)
    original.must("00B08100", le=4)
    copied.prove_chip(desk.agreement_point)
    with pytest.raises(ChipNotGenuine):
        copied.must("00B08100", le=4)
