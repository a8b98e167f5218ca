"""Messages between the kiosk and its device processes."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

import cbor2
import pytest

from kiosk.devices.frames import FrameRefused, LineClosed, LineSilent, receive_message, send_message

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_message_comes_through(pair: Pair) -> None:
    send_message(pair[0], {"id": 1, "args": {"b": b"\x00" * 1000}})
    assert receive_message(pair[1]) == {"id": 1, "args": {"b": b"\x00" * 1000}}


def test_a_message_cut_off_at_any_byte_is_a_closed_line_or_silence(pair: Pair) -> None:
    body = cbor2.dumps({"id": 1})
    whole = struct.pack(">I", len(body)) + body
    for end in range(len(whole)):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(whole[:end])
            with pytest.raises(LineSilent):
                receive_message(theirs, deadline_s=time.monotonic())
            ours.close()
            with pytest.raises(LineClosed):
                receive_message(theirs, deadline_s=time.monotonic() + 1)


@pytest.mark.parametrize(
    "body", [b"\xff", cbor2.dumps([1]), cbor2.dumps(7), b"\x9f", b"\x81" * 5000, cbor2.dumps({"a": 1}) + b"\x00"]
)
def test_what_is_no_message_is_refused(pair: Pair, body: bytes) -> None:
    pair[0].sendall(struct.pack(">I", len(body)) + body)
    with pytest.raises(FrameRefused):
        receive_message(pair[1], deadline_s=time.monotonic() + 1)


def test_a_length_beyond_the_bound_is_refused_before_anything_is_read(pair: Pair) -> None:
    pair[0].sendall(struct.pack(">I", 0xFFFF_FFFF))
    with pytest.raises(FrameRefused):
        receive_message(pair[1], deadline_s=time.monotonic() + 1)
