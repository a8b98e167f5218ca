"""A card printer on the network: lays a face on the card that is in its reader, and labels that card."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from hardware_sim.card_box import CardKind
from hardware_sim.faults import FaultSwitch, PrinterFault
from hardware_sim.loopback_server import LOOPBACK, LoopbackServer

MAX_FACE_BYTES = 20_000_000
ENDINGS = {b"%PDF-": "pdf", b"\x89PNG": "png"}
CARD_NUMBER = re.compile(r"[A-Za-z0-9-]{1,40}")
CAN = re.compile(r"[0-9]{6}")
READERS = ("0", "1")
KINDS_TO_PRINT = (CardKind.HOUSEHOLD.value, CardKind.OFFICER.value)

#: Told (reader, number, can, kind) when a face is printed; False when no card lies in that reader.
LabelCard = Callable[[int, str, str, CardKind], bool]


@dataclass(frozen=True)
class CardJob:
    """What is to be printed on which card."""

    number: str
    can: str
    reader: int
    kind: CardKind

    @staticmethod
    def parse(query: str) -> CardJob | None:
        """The job of a query string, None when it is none."""
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        number, can, reader = asked.get("number", ""), asked.get("can", ""), asked.get("reader", "0")
        kind = asked.get("kind", CardKind.HOUSEHOLD.value)
        is_good = CARD_NUMBER.fullmatch(number) and CAN.fullmatch(can)
        if not is_good or reader not in READERS or kind not in KINDS_TO_PRINT:
            return None
        return CardJob(number, can, int(reader), CardKind(kind))


class CardPrinterSim:
    """A printer at ``url``: POST /jobs?number=...&can=...&reader=0&kind=household with a PNG or PDF body.

    Answers 201 {"number": ...}; 409 {"error": "no_card"} without a card in the reader; 503 {"error": "out_of_cards"},
    {"error": "jammed"} or no answer at all as the fault says; 400 or 415 for what is no job.
    """

    def __init__(self, directory: Path, label_card: LabelCard) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._label_card = label_card
        self.faults = FaultSwitch(PrinterFault.NONE)
        self._server: _Server | None = None
        self._port = 0
        self.replug()

    @property
    def url(self) -> str:
        """Where jobs are sent."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return self._server is not None

    def faces(self) -> list[Path]:
        """The printed faces, the newest last."""
        return sorted(self._directory.glob("card-*"), key=lambda path: path.stat().st_mtime_ns)

    def unplug(self) -> None:
        """Pull the network cable."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def replug(self) -> None:
        """Put the cable back."""
        self.unplug()
        self._server = _Server(self, self._port)
        self._port = self._server.port

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def print_face(self, job: CardJob, face: bytes) -> tuple[int, dict[str, str]]:
        """Print and label; the HTTP status and the answer."""
        fault = self.faults.use()
        if fault is PrinterFault.PAPER_OUT:
            return 503, {"error": "out_of_cards"}
        if fault is PrinterFault.JAMMED:
            return 503, {"error": "jammed"}
        kind = next((ending for start, ending in ENDINGS.items() if face.startswith(start)), None)
        if kind is None:
            return 415, {"error": "not_png_or_pdf"}
        if not self._label_card(job.reader, job.number, job.can, job.kind):
            return 409, {"error": "no_card"}
        path = self._directory / f"card-{job.number}.{kind}"
        fresh = path.with_name(f".{path.name}.part")
        fresh.write_bytes(face)
        fresh.replace(path)
        return 201, {"number": job.number}


class _Server(LoopbackServer):
    def __init__(self, printer: CardPrinterSim, port: int) -> None:
        self.printer = printer
        super().__init__(port, _Handler)


class _Handler(BaseHTTPRequestHandler):
    """One job."""

    server: _Server

    def do_POST(self) -> None:
        if self.server.printer.faults.now is PrinterFault.OFFLINE:
            return
        with contextlib.suppress(OSError):
            self._answer(*self._do_job())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: card numbers are not for a log."""

    def _do_job(self) -> tuple[int, dict[str, str]]:
        address = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if address.path != "/jobs":
            return 404, {"error": "no_such_path"}
        job = CardJob.parse(address.query)
        if job is None or not 0 < length <= MAX_FACE_BYTES:
            return 400, {"error": "bad_job"}
        return self.server.printer.print_face(job, self.rfile.read(length))

    def _answer(self, status: int, content: dict[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
