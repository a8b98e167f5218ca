"""Serving the control API on a free port of 127.0.0.1."""

from __future__ import annotations

import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn

from hardware_sim.control.api import make_app
from hardware_sim.desk.simulated_desk import SimulatedDesk
from hardware_sim.loopback_server import LOOPBACK

START_TIMEOUT_S = 10.0
POLL_S = 0.01


class ControlServer:
    """Serves from construction until ``close``, in a thread of its own."""

    def __init__(self, desk: SimulatedDesk, *, port: int = 0) -> None:
        self._socket = socket.create_server((LOOPBACK, port))
        self.url = f"http://{LOOPBACK}:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(make_app(desk, self.url), log_level="warning", access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        self._wait_until_started()

    def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._server.force_exit = True  # a browser may keep its connection open for ever
        self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait_until_started(self) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not self._server.started and self._thread.is_alive() and time.monotonic() < deadline_s:
            time.sleep(POLL_S)
