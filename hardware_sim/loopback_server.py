"""A server on 127.0.0.1 whose cable can be pulled: every connection breaks, the port stays its own."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from typing import Any

LOOPBACK = "127.0.0.1"
POLL_S = 0.05


class LoopbackServer(socketserver.ThreadingTCPServer):
    """Serves from construction until ``stop``; port 0 takes any free one."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int, handler: type[socketserver.BaseRequestHandler]) -> None:
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), handler)
        self._loop = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": POLL_S}, daemon=True)
        self._loop.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.socket.getsockname()[1])

    def stop(self) -> None:
        """Close the door and cut every connection."""
        self.stopping.set()
        self.shutdown()
        self._loop.join()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection, then close it."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is nothing to report here."""
