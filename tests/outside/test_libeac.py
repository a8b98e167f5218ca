"""OpenPACE on the other side: as terminal it opens our card, as chip our reader opens it; tokens hold both ways."""

from __future__ import annotations

import pytest

from card_service.apdu import CommandApdu, ResponseApdu
from card_service.data_groups import EfCardAccess, encode_ef_card_access
from card_service.errors import WrongCan
from card_service.layout import AID_EMRTD, EF_SOD, Directory
from card_service.session import CardSession
from hardware_sim.card.profile import AgreementCurve, ChipProfile
from hardware_sim.card.virtual_card import VirtualCard
from tests.outside.libeac import LibeacRefused, is_installed
from tests.outside.libeac_sides import LibeacChip, LibeacTerminal
from tests.unit.card_service_terminal.desk import active_card, issue
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import CAN
from tests.unit.hardware_sim_card.terminal import AID_ONE, make_desk
from tests.unit.hardware_sim_card.terminal import CAN as DESK_CAN

pytestmark = pytest.mark.skipif(not is_installed(), reason="libeac is not installed (Debian: libeac3)")
RUNS = 10
WRONG_CAN = "482914"
SELECT_EMRTD = CommandApdu(0, 0xA4, 4, 0x0C, AID_EMRTD)
AES_128_P256 = encode_ef_card_access(EfCardAccess())
AES_128_BRAINPOOL = encode_ef_card_access(EfCardAccess(13))
OK = ResponseApdu(b"", 0x9000)


def test_libeac_as_terminal_opens_our_card_and_both_tokens_hold() -> None:
    for _ in range(RUNS):
        reader = SimulatedReader(active_card())
        terminal = LibeacTerminal(reader, AES_128_P256, CAN)
        assert terminal.open() == 0x9000
        assert terminal.send(SELECT_EMRTD).sw == 0x9000
    print(f"\nlibeac as terminal: {RUNS} channels with our card")  # noqa: T201


def test_libeac_reads_the_security_object_through_its_own_channel() -> None:
    terminal = LibeacTerminal(SimulatedReader(active_card()), AES_128_P256, CAN)
    terminal.open()
    terminal.send(SELECT_EMRTD)
    expected, content = issue()["active"].data.files[EF_SOD.key], b""
    while len(content) < len(expected):
        at = len(content)
        answer = terminal.send(CommandApdu(0, 0xB0, at >> 8, at & 0xFF, le=200) if at else SOD_BY_SFI)
        content += answer.data
    assert content == expected


SOD_BY_SFI = CommandApdu(0, 0xB0, 0x9D, 0, le=200)


def test_libeac_with_another_access_number_is_refused_by_our_card() -> None:
    terminal = LibeacTerminal(SimulatedReader(active_card()), AES_128_P256, WRONG_CAN)
    assert terminal.open() == 0x6300


def test_libeac_as_chip_is_opened_by_our_reader_and_both_tokens_hold() -> None:
    for _ in range(RUNS):
        chip = LibeacChip(AES_128_P256, CAN, [OK, ResponseApdu(bytes(range(100)), 0x6282)])
        session = CardSession(chip)
        session.open_with_can(CAN)
        assert chip.has_believed_token
        session.select(Directory.EMRTD)
        assert session.find_beginning(EF_SOD, 100) == bytes(range(100))
        assert chip.received[0] == SELECT_EMRTD
    print(f"\nlibeac as chip: {RUNS} channels with our reader")  # noqa: T201


def test_our_reader_with_another_access_number_is_refused_by_libeac() -> None:
    with pytest.raises(WrongCan):
        CardSession(LibeacChip(AES_128_P256, CAN, [])).open_with_can(WRONG_CAN)


def test_an_answer_of_our_card_that_was_altered_is_refused_by_libeac() -> None:
    reader = SimulatedReader(active_card())
    terminal = LibeacTerminal(Flipping(reader), AES_128_P256, CAN)
    terminal.open()
    with pytest.raises(LibeacRefused, match="checksum"):
        terminal.send(SELECT_EMRTD)


class Flipping:
    """Alters the last byte of every protected answer's checksum."""

    def __init__(self, reader: SimulatedReader) -> None:
        self._reader = reader

    def transmit(self, apdu: bytes) -> bytes:
        answer = self._reader.transmit(apdu)
        is_protected = apdu[0] & 0x0C
        return answer[:-3] + bytes((answer[-3] ^ 1,)) + answer[-2:] if is_protected else answer


def test_on_brainpool_libeac_as_chip_is_opened_by_our_reader() -> None:
    chip = LibeacChip(AES_128_BRAINPOOL, CAN, [OK])
    session = CardSession(chip)
    session.open_with_can(CAN)
    assert chip.has_believed_token
    session.select(Directory.EMRTD)
    assert chip.received == [SELECT_EMRTD]


def test_on_brainpool_libeac_as_terminal_opens_our_chip() -> None:
    profile = ChipProfile(curve=AgreementCurve.BRAINPOOL_P256R1)
    card = make_desk(VirtualCard.blank(profile=profile)).card
    terminal = LibeacTerminal(SimulatedReader(card), AES_128_BRAINPOOL, DESK_CAN)
    assert terminal.open() == 0x9000
    assert terminal.send(CommandApdu(0, 0xA4, 4, 0x0C, AID_ONE)).sw == 0x9000


def test_libeac_on_the_wrong_curve_is_refused_by_our_chip() -> None:
    terminal = LibeacTerminal(SimulatedReader(active_card()), AES_128_BRAINPOOL, CAN)
    with pytest.raises(LibeacRefused, match="6A80"):
        terminal.open()
