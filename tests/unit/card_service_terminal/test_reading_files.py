"""Files longer than 32 KB, and cards that end a file in other ways than ours."""

from __future__ import annotations

import hashlib

import pytest

from card_service.apdu import SW, CommandApdu, ResponseApdu
from card_service.errors import CardMisbehaved
from card_service.file_control import encode_file_control
from card_service.file_reader import FileReader
from card_service.layout import DG2, DO_CAN, EF_DIR, IN_CHANNEL, CardFile, Directory
from card_service.personalisation import _create, _write_file, prepare_chip
from card_service.session import CardSession
from card_service.tlv import encode_tlv
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import CAN

LARGE = CardFile("EF.Large", Directory.SOCIAL_PROTECTION, 0x0240, 0x19, 60_000, IN_CHANNEL)
CONTENT = hashlib.shake_256(b"large").digest(45_000)


@pytest.fixture(scope="module")
def large_card() -> VirtualCard:
    """A chip with one file of 45,000 bytes."""
    chip = VirtualCard.blank()
    prepare_chip(SimulatedReader(chip))
    session = CardSession(SimulatedReader(chip))
    session.put_data(DO_CAN, CAN.encode())
    session.select(Directory.SOCIAL_PROTECTION)
    _create(session, encode_file_control(LARGE, len(CONTENT)))
    _write_file(session, LARGE, CONTENT)
    return chip


@pytest.mark.parametrize("is_extended", [True, False], ids=["extended", "short"])
@pytest.mark.parametrize("is_protected", [True, False], ids=["protected", "plain"])
def test_a_file_beyond_32_kb_is_written_and_read_whole(
    large_card: VirtualCard, is_extended: bool, is_protected: bool
) -> None:
    reader = SimulatedReader(large_card)
    session = CardSession(reader, is_extended=is_extended)
    if is_protected:
        session.open_with_can(CAN)
    assert session.read(LARGE) == CONTENT
    assert any(command[1] == 0xB1 for command in reader.sent)


class StockCard:
    """Transparent files behind READ BINARY, with a card maker's own idea of the end of a file."""

    max_read_bytes = 200

    def __init__(self, content: bytes, style: str) -> None:
        self.content, self.style, self.asked = content, style, 0

    def send(self, command: CommandApdu) -> ResponseApdu:
        self.asked += 1
        offset = 0 if command.p1 & 0x80 else command.p1 << 8 | command.p2
        left = self.content[offset:]
        le = command.le or 0
        if not left:
            return ResponseApdu(b"", SW.WRONG_OFFSET)
        if le <= len(left):
            return ResponseApdu(left[:le], SW.OK)
        return {
            "6282": ResponseApdu(left, SW.END_OF_FILE),
            "9000": ResponseApdu(left, SW.OK),
            "6Cxx": ResponseApdu(b"", SW.WRONG_LE + len(left)),
            "6700": ResponseApdu(b"", SW.WRONG_LENGTH),
        }[self.style]


@pytest.mark.parametrize("style", ["6282", "9000", "6Cxx", "6700"])
@pytest.mark.parametrize("size", [10, 100, 196, 197, 200, 400, 1_000])
def test_a_data_group_is_read_whole_however_the_card_ends_a_file(style: str, size: int) -> None:
    content = encode_tlv(0x75, bytes(size))
    card = StockCard(content, style)
    reader = FileReader(card)
    assert reader.read_rest(DG2, reader.read_first(DG2)) == content
    assert card.asked <= len(content) // 200 + 3


def test_a_file_that_never_ends_is_given_up() -> None:
    card = StockCard(bytes(1_000), "9000")
    reader = FileReader(card)
    with pytest.raises(CardMisbehaved, match="larger"):
        reader.read_rest(EF_DIR, reader.read_first(DG2))
