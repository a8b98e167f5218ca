"""The scanner's service: real HTTP on 127.0.0.1 with the interface's own verbs."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509

from domain.fingers import FingerPosition
from enrolment.devices.ports import FingerImage
from hardware_sim.faults import FaultSwitch
from hardware_sim.loopback_server import LoopbackServer
from hardware_sim.sbi_device.credentials import DeviceCredentials, make_credentials
from hardware_sim.sbi_device.faults import SbiFault
from hardware_sim.sbi_device.preview import stream_frames
from hardware_sim.sbi_device.scanner import Scanner, place_in

MOST_QUESTION_BYTES = 64 * 1024
WIDTH_PX, HEIGHT_PX, DPI = 256, 288, 500
GOOD_QUALITY = 80.0
BOUNDARY = "frame"


def _now() -> datetime:
    return datetime.now(UTC)


class SbiDeviceSim:
    """A registered finger scanner that any program can talk to at ``port``. ``faults`` is what goes wrong.

    A real one takes the first free port of 4501 to 4600; ``port`` 0 takes any free one.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        credentials: DeviceCredentials | None = None,
        env: str = "Developer",
        now: Callable[[], datetime] = _now,
        server: x509.Certificate | None = None,
    ) -> None:
        """With ``server`` the device is registered for authentication (CAPTURE), else for enrolment (RCAPTURE)."""
        self.credentials = credentials or make_credentials(now())
        self.scanner = Scanner(self.credentials, env, now, server)
        self._wanted_port = port
        self._server: LoopbackServer | None = None
        self.replug()

    @property
    def faults(self) -> FaultSwitch[SbiFault]:
        """What goes wrong."""
        return self.scanner.faults

    @property
    def port(self) -> int:
        """Where the service listens, the same after replugging."""
        return self._wanted_port

    @property
    def is_plugged(self) -> bool:
        """Whether the service runs."""
        return self._server is not None

    def place(
        self,
        pixels: bytes,
        *,
        quality: float = GOOD_QUALITY,
        finger: FingerPosition = FingerPosition.UNKNOWN,
        nfiq2: int | None = None,
    ) -> None:
        """Lay a finger on the window: 256 x 288 pixels, 8-bit grey, 500 dpi.

        A scanner that tells fingers apart knows that it is this ``finger``; by UNKNOWN it believes what it is asked.
        One that computes ``nfiq2`` writes it into its record.
        """
        place_in(self.scanner, FingerImage(pixels, WIDTH_PX, HEIGHT_PX, DPI, nfiq2), quality, finger)

    def lift(self) -> None:
        """Take the finger away."""
        place_in(self.scanner, None, 0.0)

    def write_trust(self, path: Path) -> Path:
        """Write what a kiosk must trust to believe this device."""
        path.write_bytes(self.credentials.maker_pem)
        return path

    def unplug(self) -> None:
        """End the service."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def replug(self) -> None:
        """Start the service again at the same port."""
        if self._server is None:
            handler = type("_BoundHandler", (_Handler,), {"scanner": self.scanner})
            self._server = LoopbackServer(self._wanted_port, handler)
            self._wanted_port = self._server.port

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()


class _Handler(BaseHTTPRequestHandler):
    scanner: Scanner

    def do_MOSIPDISC(self) -> None:
        self._answer("/device", lambda _: self.scanner.discover())

    def do_MOSIPDINFO(self) -> None:
        self._answer("/info", lambda _: self.scanner.inform())

    def do_RCAPTURE(self) -> None:
        self._answer("" if self.scanner.seals else "/capture", self.scanner.capture)

    def do_CAPTURE(self) -> None:
        self._answer("/capture" if self.scanner.seals else "", self.scanner.capture)

    def do_STREAM(self) -> None:
        self._read_question()
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={BOUNDARY}")
        self.end_headers()
        with contextlib.suppress(OSError):
            for part in self._parts():
                self.wfile.write(part)

    def _parts(self) -> Iterator[bytes]:
        for jpeg in stream_frames(self.scanner, lambda: _server_of(self).stopping.is_set()):
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            yield head.encode() + jpeg + b"\r\n"

    def _answer(self, path: str, make: Callable[[dict[str, object]], object]) -> None:
        question = self._read_question()
        fault = self.scanner.faults.now
        if fault is SbiFault.SILENT:
            _server_of(self).stopping.wait()
            return
        if fault is SbiFault.ERROR_PAGE or self.path != path:
            self.send_error(404)
            return
        body = b"<html>" if fault is SbiFault.NOT_JSON else json.dumps(make(question)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault is SbiFault.HALF_ANSWER else body)

    def _read_question(self) -> dict[str, object]:
        size = min(int(self.headers.get("Content-Length", "0")), MOST_QUESTION_BYTES)
        question = json.loads(self.rfile.read(size) or b"{}")
        return question if isinstance(question, dict) else {}

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to the terminal."""


def _server_of(handler: _Handler) -> LoopbackServer:
    assert isinstance(handler.server, LoopbackServer)
    return handler.server
