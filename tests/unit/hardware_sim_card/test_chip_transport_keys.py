"""SCP03 as the chip speaks it: against a recorded session of another card, and command by command."""

from __future__ import annotations

from pathlib import Path

import pytest

from card_service.apdu import CommandApdu, ResponseApdu
from hardware_sim.card.personalisation_gate import MAX_FAILURES, SECURITY_DOMAIN
from hardware_sim.card.personalisation_session import PersonalisationSession, card_challenge
from hardware_sim.card.status import StatusError
from hardware_sim.card.transport_keys import KEYS_SEGMENT, TransportKeys
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.card_box import CardBox
from tests.unit.hardware_sim_card.personalisation_host import HOST_CHALLENGE, MASTER, Host, kdf
from tests.unit.hardware_sim_card.terminal import (
    AID_ONE,
    CAN,
    NEVER,
    Terminal,
    directory_control,
    file_control,
    make_desk,
)

# A session of an eUICC, recorded in the tests of osmocom's pySim (test_globalplatform.py, AES-128, level 33).
RECORDED_KEYS = TransportKeys(*(bytes(range(start, start + 16)) for start in (0x00, 0x10, 0x20)))
RECORDED_APPLICATION = bytes.fromhex("A0000005591010FFFFFFFF8900000100")
RECORDED_EXCHANGES = (
    ("84e2910018267a85dfe4a98fca6fb0527e0dfecce4914e40401433c87f00", "bf3e035c015a"),
    ("84f2200208ac6a59024bed84cc", ""),
    ("84ca006608409912ad8fb7aed000", ""),
    ("84f22002185f3dafc3ac14c381536a488bf44e06d056df9d74dbd21e5a", "4f0212345c054f9f70c5"),
    ("84f280021865165105be3373347d0424d4400af2ac393f569ec779389e00", "4f00"),
)
WIPE = bytes.fromhex("83023F00")


def blank() -> Terminal:
    return Terminal(VirtualCard.blank(transport_master_key=MASTER))


def recorded() -> PersonalisationSession:
    challenges = ("fdf38259a1e0de44", "3b1aca81e821f219")
    return PersonalisationSession(RECORDED_KEYS, *(bytes.fromhex(each) for each in challenges))


def test_a_recorded_session_is_understood() -> None:
    session = recorded()
    assert session.card_cryptogram.hex() == "081cdc01c26b372d"
    proof = CommandApdu.decode(bytes.fromhex("84823300108c36f96bcc00724a4e13ad591d7da3f0"))
    assert session.is_opened_by(proof)
    for number, (sent, plain) in enumerate(RECORDED_EXCHANGES):
        assert session.unprotect(CommandApdu.decode(bytes.fromhex(sent))).data.hex() == plain
        if number == 0:
            identity = ResponseApdu(bytes.fromhex("bf3e125a1089882119900000000000000000000005"), 0x9000)
            assert session.protect(identity).data.hex() == (
                "f3ba2b1013aa6224f5e1c138d71805c569e5439b47576260b75fc021b25097cb2e68f8a0144975b9"
            )


@pytest.mark.parametrize(
    ("number", "challenge"), [(1, "30760cd2c47c1dd3"), (2, "3eb51047495b249f"), (3, "3b1aca81e821f219")]
)
def test_the_recorded_challenges_follow_from_their_counter(number: int, challenge: str) -> None:
    found = card_challenge(RECORDED_KEYS, number.to_bytes(3, "big"), RECORDED_APPLICATION)
    assert found.hex() == challenge


def test_a_recorded_command_with_any_bit_flipped_is_refused() -> None:
    proof = CommandApdu.decode(bytes.fromhex("84823300108c36f96bcc00724a4e13ad591d7da3f0"))
    sent = bytes.fromhex(RECORDED_EXCHANGES[0][0])
    refused = 0
    for at in [1, 2, 3, *range(5, len(sent) - 1)]:
        for bit in range(8):
            session = recorded()
            assert session.is_opened_by(proof)
            flipped = sent[:at] + bytes((sent[at] ^ 1 << bit,)) + sent[at + 1 :]
            with pytest.raises(StatusError) as refusal:
                session.unprotect(CommandApdu.decode(flipped))
            assert refusal.value.sw == 0x6982
            refused += 1
    print(f"{refused} one-bit changes of a protected command, all refused")  # noqa: T201


def test_the_chip_tells_who_it_is_and_proves_its_keys() -> None:
    terminal = blank()
    host = Host(terminal)
    answer = host.begin()
    serial = bytes.fromhex(terminal.card.serial_hex)
    assert answer[:13] == bytes(2) + serial + bytes.fromhex("300370")
    assert answer[13:21] == kdf(host.enc, 2, bytes.fromhex("000001") + SECURITY_DOMAIN, 64)
    assert answer[21:29] == kdf(host.s_mac, 0, host.context, 64)
    assert answer[29:] == bytes.fromhex("000001")
    assert host.prove() == 0x9000
    terminal.reset()
    assert host.begin()[29:] == bytes.fromhex("000002")


def test_outside_a_session_only_its_serial_and_select_are_free() -> None:
    terminal = blank()
    control = directory_control("0100", AID_ONE)
    for apdu, data in (
        ("00E00000", control),
        ("00DA0100", b"123456"),
        ("00440000", b""),
        ("00E40000", WIPE),
        ("00B09D00", b""),
    ):
        assert terminal.sw(apdu, data) == 0x6982, apdu
    assert terminal.sw("0022C1A4", b"\x80\x00") == 0x6982
    terminal.must("00CA0110", le=256)
    terminal.must("00A40000", bytes.fromhex("3F00"))
    assert terminal.sw("84E00000", control) == 0x6982
    assert terminal.sw("80CA0110", le=256) == 0x6D00
    assert terminal.card.transmit(bytes.fromhex("94E00000021234")).hex() == "6e00"


def test_nothing_of_a_file_leaves_outside_the_session() -> None:
    terminal = blank()
    host = Host(terminal).open()
    terminal.channel = host
    terminal.must("00E00000", file_control("0211", 64, NEVER * 3, 0x11))
    terminal.must("00D69100", b"template of a finger")
    assert terminal.must("00B09100", le=20) == b"template of a finger"
    assert not any(b"template" in answer for answer in terminal.answers)
    terminal.channel = None
    for apdu in ("00B09100", "00B10011", "00B20183", "0CB09100"):
        assert terminal.send(apdu, le=20).data == b""
        assert terminal.sw(apdu, le=20) == 0x6982


def test_a_session_ends_with_a_wrong_mac_a_replay_or_a_plain_command() -> None:
    good = CommandApdu(0, 0xCA, 0x01, 0x10, le=256)
    terminal = blank()
    host = Host(terminal)
    endings = (
        lambda sent: CommandApdu(sent.cla, sent.ins, sent.p1, sent.p2, sent.data[:-1] + b"\0", sent.le),
        lambda sent: sent,
        lambda _: CommandApdu(0x00, 0xE0, 0, 0, b"\x62\x00"),
        lambda sent: CommandApdu(sent.cla, sent.ins, sent.p1, sent.p2, b"\0", sent.le),
    )
    for ending in endings:
        host.open()
        sent = host.protect(good)
        assert terminal.transport.send(sent).sw == 0x9000
        assert terminal.transport.send(ending(sent)).sw == 0x6982
        assert host.send(good).sw == 0x6982
    host.open()
    terminal.must("00A40000", bytes.fromhex("3F00"))
    assert host.send(good).sw == 0x6982


def test_an_error_is_its_status_alone_and_the_session_goes_on() -> None:
    host = Host(blank()).open()
    assert host.send(CommandApdu(0, 0xA4, 0x04, 0x0C, AID_ONE)).sw == 0x6A82
    assert host.send(CommandApdu(0, 0xE0, 0, 0, directory_control("0100", AID_ONE))).sw == 0x9000
    assert host.send(CommandApdu(0, 0xE0, 0, 0, directory_control("0100", AID_ONE))).sw == 0x6A89
    assert host.send(CommandApdu(0, 0xCA, 0x01, 0x10, le=256)).data[:1] == b"\x01"


def test_after_32_wrong_proofs_in_a_row_the_chip_takes_no_more() -> None:
    terminal = blank()
    host = Host(terminal)
    for wrong in range(MAX_FAILURES - 1):
        host.begin()
        assert host.authenticate(bytes(8) if wrong % 2 else b"x") == 0x6300
    host.open()
    for _ in range(MAX_FAILURES):
        Host(terminal, bytes(16)).begin()
        assert host.authenticate(bytes(8)) == 0x6300
    assert terminal.sw("80503000", HOST_CHALLENGE, 256) == 0x6983
    terminal.reset()
    assert terminal.sw("80503000", HOST_CHALLENGE, 256) == 0x6983


def test_a_wrong_mac_over_a_right_cryptogram_looks_like_a_wrong_cryptogram() -> None:
    host = Host(blank())
    host.begin()
    right = kdf(host.s_mac, 1, host.context, 64)
    host.chaining = b"\x01" * 16
    assert host.authenticate(right) == 0x6300
    host.begin()
    assert host.authenticate(kdf(host.s_mac, 1, host.context, 64), level=0x03) == 0x6A86


def test_malformed_beginnings_are_refused() -> None:
    terminal = blank()
    assert terminal.sw("80503100", HOST_CHALLENGE, 256) == 0x6A88
    assert terminal.sw("80503001", HOST_CHALLENGE, 256) == 0x6A86
    assert terminal.sw("80503000", HOST_CHALLENGE[:-1], 256) == 0x6700
    assert terminal.sw("84823300", bytes(16)) == 0x6982


def test_a_whole_card_is_made_inside_a_session_and_the_keys_are_gone_for_ever() -> None:
    desk = make_desk(blank().card, lambda terminal: Host(terminal).open())
    assert desk.card._memory.read(KEYS_SEGMENT) == b""
    terminal = desk.terminal(0x0001)
    terminal.select(AID_ONE)
    assert terminal.must("00B08200", le=100) == bytes(range(100))
    plain = Terminal(desk.card)
    assert plain.sw("80503000", HOST_CHALLENGE, 256) == plain.sw("84E00000", b"x" * 8) == 0x6E00
    assert plain.must("00CA0110", le=256) == b"\x05"


def test_a_wipe_keeps_the_keys_and_ends_nothing() -> None:
    terminal = blank()
    host = Host(terminal).open()
    assert host.send(CommandApdu(0, 0xE0, 0, 0, directory_control("0100", AID_ONE))).is_ok
    assert host.send(CommandApdu(0, 0xE4, 0, 0, WIPE)).is_ok
    assert host.send(CommandApdu(0, 0xCA, 0x01, 0x10, le=256)).data[:1] == b"\x00"
    terminal.reset()
    assert terminal.sw("00DA0100", CAN.encode()) == 0x6982
    assert Host(terminal).open().begin()[29:] == bytes.fromhex("000003")


def test_a_chip_without_transport_keys_knows_no_such_class() -> None:
    terminal = Terminal(VirtualCard.blank())
    assert terminal.sw("80503000", HOST_CHALLENGE, 256) == 0x6E00
    assert terminal.sw("84E00000", bytes(8)) == 0x6E00


def test_blanks_of_a_batch_come_with_transport_keys(tmp_path: Path) -> None:
    box = CardBox(tmp_path, transport_master_key=MASTER)
    card = box.load(box.new_blank())
    Host(Terminal(card)).open()
    assert MASTER.hex() not in repr(TransportKeys.of_chip(MASTER, bytes(8)))
    open_box = CardBox(tmp_path / "open")
    assert Terminal(open_box.load(open_box.new_blank())).sw("00E00000", directory_control("0100", AID_ONE)) == 0x9000
