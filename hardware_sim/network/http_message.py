"""Taking whole HTTP/1.1 messages off a connection without understanding them (RFC 9112)."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BufferedIOBase

MAX_LINE_BYTES = 65536
NO_BODY_STATUSES = (b"204", b"304")


class BrokenMessage(ValueError):
    """The peer stopped in the middle, or does not speak HTTP."""


@dataclass(frozen=True)
class HttpMessage:
    """One request or answer, byte for byte as it came."""

    start_line: bytes
    headers: bytes = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def data(self) -> bytes:
        """All of it, ready to be sent on."""
        return self.start_line + self.headers + self.body

    @property
    def method(self) -> bytes:
        """The request's method."""
        return self.start_line.split(b" ", 1)[0]

    @property
    def is_last(self) -> bool:
        """Whether the sender means to close afterwards."""
        return b"close" in _header(self.headers, b"connection").lower()


def read_request(stream: BufferedIOBase) -> HttpMessage | None:
    """The next request, None when the client has closed."""
    start_line = stream.readline(MAX_LINE_BYTES)
    if not start_line:
        return None
    headers = _read_headers(stream)
    return HttpMessage(start_line, headers, _read_body(stream, headers, ends_at_close=False))


def read_answer(stream: BufferedIOBase, method: bytes) -> HttpMessage:
    """The answer to a request with that method."""
    start_line = stream.readline(MAX_LINE_BYTES)
    if not start_line.startswith(b"HTTP/"):
        raise BrokenMessage("no HTTP answer")
    status = start_line.split(maxsplit=2)[1]
    headers = _read_headers(stream)
    if method == b"HEAD" or status in NO_BODY_STATUSES:
        return HttpMessage(start_line, headers, b"")
    return HttpMessage(start_line, headers, _read_body(stream, headers, ends_at_close=True))


def _read_headers(stream: BufferedIOBase) -> bytes:
    lines = []
    while True:
        line = stream.readline(MAX_LINE_BYTES)
        if not line:
            raise BrokenMessage("closed among the headers")
        lines.append(line)
        if line in (b"\r\n", b"\n"):
            return b"".join(lines)


def _read_body(stream: BufferedIOBase, headers: bytes, *, ends_at_close: bool) -> bytes:
    if b"chunked" in _header(headers, b"transfer-encoding").lower():
        return _read_chunks(stream)
    length = _header(headers, b"content-length")
    if length:
        return _read_exactly(stream, int(length))
    return stream.read() if ends_at_close else b""


def _read_chunks(stream: BufferedIOBase) -> bytes:
    parts = []
    while True:
        size_line = stream.readline(MAX_LINE_BYTES)
        parts.append(size_line)
        size = int(size_line.split(b";")[0] or b"0", 16)
        parts.append(_read_exactly(stream, size) + stream.readline(MAX_LINE_BYTES))
        if size == 0:
            return b"".join(parts)


def _read_exactly(stream: BufferedIOBase, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise BrokenMessage("closed in the middle of the body")
    return data


def _header(headers: bytes, name: bytes) -> bytes:
    for line in headers.split(b"\n"):
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return b""
