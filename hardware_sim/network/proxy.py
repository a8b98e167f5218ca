"""The road between a kiosk and the registry, and everything that can happen on it (rows F-28 to F-31).

The kiosk is given this proxy's address instead of the registry's. Requests and answers pass unchanged unless a
fault is on; each request counts as one use of the fault.
"""

from __future__ import annotations

import random
import socket
import socketserver
import struct
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from hardware_sim.faults import FaultSwitch, NetworkFault
from hardware_sim.loopback_server import LOOPBACK, LoopbackServer
from hardware_sim.network.http_message import BrokenMessage, HttpMessage, read_answer, read_request

UPSTREAM_TIMEOUT_S = 60.0
ABANDONED_AFTER_S = 120.0
SLOW_CHUNK_BYTES = 512
GARBAGE_BYTES = 400
PORTAL_PAGE = b"<!doctype html><title>Welcome</title><h1>Free Wi-Fi</h1><p>Please accept the terms.</p>"
ERROR_BODY = b'{"detail":"Internal Server Error"}'
READ_METHODS = (b"GET", b"HEAD", b"OPTIONS")


class NetworkProxy:
    """A road to ``registry_url`` that begins at ``url``."""

    def __init__(self, registry_url: str, *, seed: int = 0) -> None:
        address = urlsplit(registry_url)
        self._registry = (address.hostname or LOOPBACK, address.port or 80)
        self.faults = FaultSwitch(NetworkFault.NONE)
        self.latency_s = 0.0
        self.late_s = 30.0
        self.bytes_per_s: int | None = None
        self.requests_seen = 0
        self._random = random.Random(seed)
        self._earlier: list[HttpMessage] = []
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._port = 0
        self.up()

    @property
    def url(self) -> str:
        """What the kiosk is told to be the registry."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def is_up(self) -> bool:
        """Whether there is a network at all."""
        return self._server is not None

    def down(self) -> None:
        """Take the network away: connections break and new ones are refused."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def up(self) -> None:
        """Bring the network back, at the same address."""
        if self._server is None:
            self._server = _Server(self, self._port)
            self._port = self._server.port

    def close(self) -> None:
        """Take it away for good."""
        self.down()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask_registry(self, request: HttpMessage) -> HttpMessage:
        """Deliver a request and take its answer. Raises OSError or BrokenMessage when there is none."""
        with (
            socket.create_connection(self._registry, UPSTREAM_TIMEOUT_S) as upstream,
            upstream.makefile("rb") as stream,
        ):
            upstream.sendall(request.data)
            return read_answer(stream, request.method)

    def note(self, request: HttpMessage) -> HttpMessage | None:
        """Count a request; gives an earlier one that changed something, when there is one."""
        with self._lock:
            self.requests_seen += 1
            earlier = self._random.choice(self._earlier) if self._earlier else None
            if request.method not in READ_METHODS:
                self._earlier = [*self._earlier[-20:], request]
            return earlier

    def garbage(self) -> bytes:
        """Bytes that are no HTTP."""
        return self._random.randbytes(GARBAGE_BYTES)


class _Server(LoopbackServer):
    def __init__(self, proxy: NetworkProxy, port: int) -> None:
        self.proxy = proxy
        super().__init__(port, _Handler)


class _Handler(socketserver.StreamRequestHandler):
    """One connection of the kiosk."""

    server: _Server

    def handle(self) -> None:
        proxy = self.server.proxy
        try:
            while (request := read_request(self.rfile)) is not None:
                earlier = proxy.note(request)
                self.server.stopping.wait(proxy.latency_s)
                if not self._serve(request, earlier, proxy.faults.use()) or request.is_last:
                    return
        except (OSError, ValueError):
            self._reset()  # the road ends here; the kiosk sees a broken connection

    def _serve(self, request: HttpMessage, earlier: HttpMessage | None, fault: NetworkFault) -> bool:
        """Carry one request as the fault has it; False when the connection is over."""
        proxy = self.server.proxy
        instead = _answer_instead(fault, proxy)
        if instead is not None:
            self._send(instead)
            return fault is not NetworkFault.GARBAGE
        if fault in (NetworkFault.RESET, NetworkFault.DOWN):
            self._reset()
            return False
        if fault is NetworkFault.HALF_OPEN:
            self.server.stopping.wait(ABANDONED_AFTER_S)
            return False
        answer = proxy.ask_registry(request)
        if fault is NetworkFault.REQUEST_TWICE:
            proxy.ask_registry(request)
        if fault is NetworkFault.OLD_REQUEST_AGAIN and earlier is not None:
            proxy.ask_registry(earlier)
        return self._give(answer, fault)

    def _give(self, answer: HttpMessage, fault: NetworkFault) -> bool:
        if fault is NetworkFault.ANSWER_LOST:
            self._reset()
            return False
        if fault is NetworkFault.ANSWER_CUT:
            self._send(answer.data[: len(answer.data) * 2 // 3])
            self._reset()
            return False
        if fault is NetworkFault.ANSWER_LATE:
            self.server.stopping.wait(self.server.proxy.late_s)
        self._send(answer.data)
        return not answer.is_last

    def _send(self, data: bytes) -> None:
        proxy, stopping = self.server.proxy, self.server.stopping
        stopping.wait(proxy.latency_s)
        if proxy.bytes_per_s is None:
            self.wfile.write(data)
            return
        for start in range(0, len(data), SLOW_CHUNK_BYTES):
            chunk = data[start : start + SLOW_CHUNK_BYTES]
            if stopping.wait(len(chunk) / proxy.bytes_per_s):
                return
            self.wfile.write(chunk)

    def _reset(self) -> None:
        """Break the connection the hard way, so that nobody waits for more."""
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _answer_instead(fault: NetworkFault, proxy: NetworkProxy) -> bytes | None:
    """What somebody on the road answers in place of the registry, if anybody does."""
    if fault is NetworkFault.SERVER_ERROR:
        return _http_answer(b"500 Internal Server Error", b"application/json", ERROR_BODY)
    if fault is NetworkFault.CAPTIVE_PORTAL:
        return _http_answer(b"200 OK", b"text/html; charset=utf-8", PORTAL_PAGE)
    if fault is NetworkFault.GARBAGE:
        return proxy.garbage()
    return None


def _http_answer(status: bytes, kind: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (status, kind, len(body)) + body


__all__ = ["BrokenMessage", "NetworkProxy"]
