import json
from pathlib import Path

import pytest

from hardware_sim.fingerprint_sensor.frames import (
    BROADCAST_ADDRESS,
    Frame,
    FrameError,
    FrameType,
    decode,
    take,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "zfm20_commands.json").read_text())["frames"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["call"])
def test_a_recorded_command_is_read_and_written_byte_for_byte(vector):
    frame = Frame(BROADCAST_ADDRESS, FrameType(vector["type"]), bytes.fromhex(vector["payload"]))
    data = bytes.fromhex(vector["hex"])
    assert frame.encode() == data
    assert decode(data) == frame


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["call"])
def test_a_command_cut_at_any_byte_is_not_taken(vector):
    data = bytes.fromhex(vector["hex"])
    for size in range(len(data)):
        assert take(data[:size]) == (None, 0)
        with pytest.raises(FrameError):
            decode(data[:size])


def test_trailing_bytes_are_refused():
    with pytest.raises(FrameError):
        decode(bytes.fromhex(VECTORS[0]["hex"]) + b"\0")


@pytest.mark.parametrize("at", range(12))
def test_a_wrong_byte_anywhere_but_in_the_address_is_noticed(at):
    data = bytearray(Frame(BROADCAST_ADDRESS, FrameType.COMMAND, b"\x01").encode())
    data[at] ^= 0x11
    try:
        frame, _ = take(bytes(data))
    except FrameError:
        return
    assert frame is None or frame.address != BROADCAST_ADDRESS


def test_an_impossible_length_is_noticed_at_once():
    with pytest.raises(FrameError):
        take(b"\xef\x01\xff\xff\xff\xff\x07\xff\xff")


def test_the_longest_payload_fits_and_a_longer_one_does_not():
    frame = Frame(1, FrameType.DATA, bytes(256))
    assert decode(frame.encode()) == frame
    with pytest.raises(FrameError):
        Frame(1, FrameType.DATA, bytes(257)).encode()
