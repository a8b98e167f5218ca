from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.apdu import SW, ApduError, CommandApdu, ResponseApdu

_BYTE = st.integers(0, 255)


@pytest.mark.parametrize(
    ("raw_hex", "command"),
    [
        ("00a40000", CommandApdu(0, 0xA4, 0, 0)),
        ("00b0000000", CommandApdu(0, 0xB0, 0, 0, le=256)),
        ("00b000000a", CommandApdu(0, 0xB0, 0, 0, le=10)),
        ("00b000000003e8", CommandApdu(0, 0xB0, 0, 0, le=1000)),
        ("00b00000000000", CommandApdu(0, 0xB0, 0, 0, le=65536)),
        ("00a4040c020102", CommandApdu(0, 0xA4, 4, 0x0C, b"\x01\x02")),
        ("00a404000201020000"[:-2], CommandApdu(0, 0xA4, 4, 0, b"\x01\x02", 256)),
        ("00a40400000002010203e8", CommandApdu(0, 0xA4, 4, 0, b"\x01\x02", 1000)),
    ],
)
def test_a_command_reads_and_writes_as_iso_7816_3_says(raw_hex: str, command: CommandApdu) -> None:
    assert command.encode().hex() == raw_hex
    assert CommandApdu.decode(bytes.fromhex(raw_hex)) == command


@given(_BYTE, _BYTE, _BYTE, _BYTE, st.binary(max_size=600), st.none() | st.integers(1, 65536), st.booleans())
def test_every_command_survives_the_round_trip(
    cla: int, ins: int, p1: int, p2: int, data: bytes, le: int | None, extended: bool
) -> None:
    command = CommandApdu(cla, ins, p1, p2, data, le)
    assert CommandApdu.decode(command.encode(extended=extended)) == command


@pytest.mark.parametrize("extended", [False, True])
def test_a_truncated_or_prolonged_command_is_never_read_as_the_same_command(extended: bool) -> None:
    command = CommandApdu(0, 0xD6, 0, 0, bytes(range(1, 40)), 256)
    raw = command.encode(extended=extended)
    for cut in [raw[:n] for n in range(len(raw))] + [raw + b"\x00", raw + b"\x00\x00"]:
        with suppress(ApduError):
            assert CommandApdu.decode(cut) != command


@pytest.mark.parametrize("raw_hex", ["", "00a404", "00a404000501", "00a404000000000102", "00a404000000"])
def test_what_is_no_command_is_refused(raw_hex: str) -> None:
    with pytest.raises(ApduError):
        CommandApdu.decode(bytes.fromhex(raw_hex))


@pytest.mark.parametrize("le", [0, -1, 65537])
def test_an_impossible_le_is_refused(le: int) -> None:
    with pytest.raises(ApduError):
        CommandApdu(0, 0xB0, 0, 0, le=le)


@given(st.binary(max_size=300), st.integers(0, 0xFFFF))
def test_every_answer_survives_the_round_trip(data: bytes, sw: int) -> None:
    answer = ResponseApdu(data, sw)
    assert ResponseApdu.decode(answer.encode()) == answer
    assert answer.is_ok == (sw == SW.OK)


@pytest.mark.parametrize("raw", [b"", b"\x90", bytes(65_539)])
def test_what_is_no_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(ApduError):
        ResponseApdu.decode(raw)
