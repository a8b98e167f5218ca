"""Messages between the kiosk and a device process: CBOR behind a length, over a private socket.

CBOR and not pickle, because a device process decodes what came from outside: if it is ever taken over, it still can
say no more than these plain values.
"""

from __future__ import annotations

import io
import select
import socket
import struct
import time
from typing import TypeAlias

import cbor2

from domain.errors import ProjectError

Value: TypeAlias = "bool | int | float | str | bytes | list[Value] | dict[str, Value] | None"

_LENGTH = struct.Struct(">I")
#: A camera frame of four million pixels fits; nothing larger is meant.
MAX_FRAME_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_MAX_DEPTH = 16


class FrameRefused(ProjectError):
    """The other side sent what is no message, or too large a one."""

    code = "device.frame_refused"
    message_key = "error.device"


class LineClosed(ProjectError):
    """The other side is gone."""

    code = "device.line_closed"
    message_key = "error.device"


class LineSilent(ProjectError):
    """No whole message came before the deadline."""

    code = "device.line_silent"
    message_key = "error.device"


def send_message(line: socket.socket, message: dict[str, Value]) -> None:
    """Send one message whole; LineClosed when the other side is gone."""
    body = cbor2.dumps(message)
    if len(body) > MAX_FRAME_BYTES:
        raise FrameRefused("the message is too large to send")
    try:
        line.sendall(_LENGTH.pack(len(body)) + body)
    except OSError as error:
        raise LineClosed("the other side does not listen") from error


def receive_message(line: socket.socket, *, deadline_s: float | None = None) -> dict[str, Value]:
    """The next message. ``deadline_s`` is a time of ``time.monotonic``; past it LineSilent is raised."""
    (length,) = _LENGTH.unpack(_receive_exactly(line, _LENGTH.size, deadline_s))
    if length > MAX_FRAME_BYTES:
        raise FrameRefused("the message is too large to receive")
    body = io.BytesIO(_receive_exactly(line, length, deadline_s))
    try:
        message = cbor2.load(body, read_size=1, max_depth=_MAX_DEPTH, allow_indefinite=False)
    except (cbor2.CBORDecodeError, RecursionError) as error:
        raise FrameRefused("the message is not CBOR") from error
    if not isinstance(message, dict) or body.tell() != length:
        raise FrameRefused("a message is one map and nothing after it")
    return message


def _receive_exactly(line: socket.socket, length: int, deadline_s: float | None) -> bytes:
    parts: list[bytes] = []
    while length:
        _wait_readable(line, deadline_s)
        try:
            part = line.recv(min(length, _CHUNK_BYTES))
        except OSError as error:
            raise LineClosed("the line broke") from error
        if not part:
            raise LineClosed("the other side closed the line")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _wait_readable(line: socket.socket, deadline_s: float | None) -> None:
    if deadline_s is None:
        return
    left_s = max(0.0, deadline_s - time.monotonic())
    waiting = select.poll()
    try:
        waiting.register(line, select.POLLIN)
        is_ready = bool(waiting.poll(left_s * 1000))
    except (OSError, ValueError) as error:
        raise LineClosed("the line was closed") from error
    if not is_ready:
        raise LineSilent("no answer before the deadline")
