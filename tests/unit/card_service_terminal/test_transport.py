"""Short and extended form, chaining, GET RESPONSE and repeated Le, against a card that is a list of answers."""

from __future__ import annotations

import pytest

from card_service.apdu import CommandApdu
from card_service.atr import has_extended_length, is_t0_only
from card_service.connection import SessionLimits, Transport
from card_service.errors import CardMisbehaved
from card_service.extended_length import OUR_BUFFERS, BufferSizes, decode_atr_info, encode_atr_info
from card_service.verification import RevokedCards, verify_card
from domain.verification import Verdict
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, deliver, issue
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY

CONTACTLESS_EXTENDED = bytes.fromhex("3B8A800180739601C05453504331B9")


class Script:
    """Answers one after the other, and keeps the commands."""

    def __init__(self, *answers: str) -> None:
        self._answers = [bytes.fromhex(answer) for answer in answers]
        self.sent: list[str] = []
        self.atr = b""

    def transmit(self, apdu: bytes) -> bytes:
        self.sent.append(apdu.hex())
        return self._answers.pop(0)

    def close(self) -> None:
        """Nothing to let go of."""


def test_bytes_that_wait_are_collected() -> None:
    script = Script("aa6102", "bbcc9000")
    response = Transport(script).send(CommandApdu(0, 0xCA, 0, 0, le=1))
    assert (response.data.hex(), response.sw) == ("aabbcc", 0x9000)
    assert script.sent == ["00ca000001", "00c0000002"]


def test_a_wrong_le_is_repeated_once_with_the_right_one() -> None:
    script = Script("6c03", "0102039000")
    assert Transport(script).send(CommandApdu(0, 0xCA, 0, 0, le=256)).data.hex() == "010203"
    assert script.sent == ["00ca000000", "00ca000003"]


def test_a_wrong_le_repeated_for_ever_is_not_followed() -> None:
    script = Script("6c03", "6c03")
    assert Transport(script).send(CommandApdu(0, 0xCA, 0, 0, le=256)).sw == 0x6C03


def test_long_data_go_in_a_chain_when_extended_length_is_not_there() -> None:
    script = Script("9000", "9000", "9000")
    Transport(script).send(CommandApdu(0, 0xDA, 0, 0, bytes(600)))
    assert [command[:10] for command in script.sent] == ["10da0000ff", "10da0000ff", "00da00005a"]


def test_a_chain_that_is_refused_is_not_continued() -> None:
    script = Script("6985")
    assert Transport(script).send(CommandApdu(0, 0xDA, 0, 0, bytes(600))).sw == 0x6985


def test_a_reader_that_refuses_extended_length_gets_the_short_form_from_then_on() -> None:
    script = Script("6700", "9000", "9000", "9000", "9000")
    transport = Transport(script, is_extended=True)
    for _ in range(2):
        assert transport.send(CommandApdu(0, 0xD6, 0, 0, bytes(300))).is_ok
    assert [command[:2] for command in script.sent] == ["00", "10", "00", "10", "00"]


def test_an_answer_larger_than_a_file_is_cut_off() -> None:
    script = Script(*["00" * 200 + "61c8"] * 20)
    transport = Transport(script, limits=SessionLimits(max_answer_bytes=1_000))
    with pytest.raises(CardMisbehaved, match="larger"):
        transport.send(CommandApdu(0, 0xCA, 0, 0, le=256))


def test_traffic_is_counted() -> None:
    transport = Transport(Script("aabb9000"))
    transport.send(CommandApdu(0, 0xCA, 0, 0, le=2))
    assert (transport.traffic.apdus, transport.traffic.bytes_up, transport.traffic.bytes_down) == (1, 5, 4)


@pytest.mark.parametrize(
    ("atr", "expected"),
    [
        (CONTACTLESS_EXTENDED.hex(), True),
        ("3b8a8001807396018054535043 31f9".replace(" ", ""), False),
        ("3b8a8131fe4580739601c05453504331", True),
        ("3b6700002920006f789000", False),
        ("3b8480018065a2010131", False),
        ("", False),
        ("3b", False),
    ],
)
def test_the_answer_to_reset_says_whether_extended_length_may_be_used(atr: str, expected: bool) -> None:
    assert has_extended_length(bytes.fromhex(atr)) is expected


def test_an_answer_to_reset_cut_off_anywhere_is_read_without_error() -> None:
    for length in range(len(CONTACTLESS_EXTENDED)):
        has_extended_length(CONTACTLESS_EXTENDED[:length])


READ_ATR_INFO = bytes.fromhex("00B09D0021")


class AnnouncedInFile(SimulatedReader):
    """A card whose answer to reset says nothing: what it takes stands in EF.ATR/INFO."""

    @property
    def atr(self) -> bytes:
        return b""


class OverT0(SimulatedReader):
    """A reader that speaks T=0 with the card: no extended length, no Le behind data."""

    @property
    def is_t0(self) -> bool:
        return True

    def transmit(self, apdu: bytes) -> bytes:
        assert len(apdu) <= 260
        is_case_4 = len(apdu) > 5 and len(apdu) != 5 + apdu[4]
        assert not is_case_4
        return super().transmit(apdu)


def test_extended_length_announced_in_the_file_alone_is_used() -> None:
    reader = AnnouncedInFile(active_card())
    result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards())
    assert result.verdict is Verdict.VERIFIED
    assert READ_ATR_INFO in reader.sent
    assert max(len(command) for command in reader.sent) < 261
    assert result.card is not None
    assert result.card.session.max_read_bytes > 256
    assert len(reader.sent) == 20


def test_the_whole_check_and_delivery_work_over_t0() -> None:
    reader = OverT0(active_card())
    result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards())
    assert result.verdict is Verdict.VERIFIED
    assert READ_ATR_INFO not in reader.sent
    assert result.card is not None
    assert deliver(result.card, 7).counter == 2


@pytest.mark.parametrize(
    ("atr", "expected"),
    [
        ("3b6700002920006f789000", True),
        ("3b8a8131fe4580739601c05453504331", False),
        (CONTACTLESS_EXTENDED.hex(), False),
        ("3b80801f", True),
        ("3b8080", False),
        ("", False),
    ],
)
def test_a_card_that_offers_t0_alone_is_told_by_its_answer_to_reset(atr: str, expected: bool) -> None:
    assert is_t0_only(bytes.fromhex(atr)) is expected


def test_a_command_longer_than_the_card_announces_goes_in_a_chain() -> None:
    script = Script("9000")
    transport = Transport(script)
    transport.extend(BufferSizes(command_bytes=400, answer_bytes=600))
    transport.send(CommandApdu(0, 0xDA, 0, 0, bytes(300)))
    script_2 = Script("9000", "9000")
    transport = Transport(script_2)
    transport.extend(BufferSizes(command_bytes=300, answer_bytes=600))
    transport.send(CommandApdu(0, 0xDA, 0, 0, bytes(300)))
    assert len(script.sent) == 1
    assert [command[:10] for command in script_2.sent] == ["10da0000ff", "00da00002d"]
    assert transport.max_read_bytes == 600 - 66


def test_what_the_file_announces_reads_back_and_nothing_malformed_is_believed() -> None:
    raw = encode_atr_info(OUR_BUFFERS)
    assert raw.hex() == "7f660802027fff02027fff"
    assert decode_atr_info(raw) == OUR_BUFFERS
    assert decode_atr_info(encode_atr_info(BufferSizes(65_535, 65_535))) == BufferSizes(65_535, 65_535)
    assert decode_atr_info(bytes.fromhex("4302") + b"ab") is None
    assert decode_atr_info(encode_atr_info(BufferSizes(255, 300))) is None
    for cut in range(1, len(raw)):
        with pytest.raises(CardMisbehaved):
            decode_atr_info(raw[:cut])
    with pytest.raises(CardMisbehaved):
        decode_atr_info(raw + b"\0")


class ShortOnly(SimulatedReader):
    """A card that announces no extended length: neither in its answer to reset nor in EF.ATR/INFO."""

    @property
    def atr(self) -> bytes:
        return b""

    def transmit(self, apdu: bytes) -> bytes:
        assert len(apdu) <= 261
        if apdu == READ_ATR_INFO:
            return bytes.fromhex("6A82")
        return super().transmit(apdu)


def test_the_whole_check_and_delivery_work_with_short_commands_too() -> None:
    reader = ShortOnly(active_card())
    result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards())
    assert result.verdict is Verdict.VERIFIED
    assert result.card is not None
    assert result.card.read_photo(2) == issue()["active"].data.files[0x0200, 0x0222]
    assert deliver(result.card, 7).counter == 2
    print(f"\nshort form: {len(reader.sent)} commands for check, photograph and delivery")  # noqa: T201
