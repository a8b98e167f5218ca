"""A receipt printer on the network: takes ESC/POS on a TCP port and leaves each receipt as a PNG."""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from PIL import Image

from hardware_sim.faults import FaultSwitch, PrinterFault
from hardware_sim.loopback_server import LOOPBACK, LoopbackServer
from hardware_sim.receipt_printer.commands import AskStatus, Command, CommandReader, NotEscPos
from hardware_sim.receipt_printer.paper import Paper

READ_BYTES = 65536
# Answers to DLE EOT n: bits 1 and 4 are always set (Epson, "DLE EOT").
STATUS_FIXED = 0x12
STATUS_OFFLINE = 0x08  # n = 1
CAUSE_PAPER_END, CAUSE_ERROR = 0x20, 0x40  # n = 2
ERROR_UNRECOVERABLE = 0x20  # n = 3
PAPER_END = 0x60  # n = 4


class ReceiptPrinterSim:
    """A printer at ``host``:``port``; receipts appear in the directory as receipt-0001.png and so on.

    OFFLINE refuses connections. PAPER_OUT and JAMMED take the data, print nothing and say so when asked (DLE EOT).
    """

    host = LOOPBACK

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.faults = FaultSwitch(PrinterFault.NONE)
        self._paper = Paper()
        self._printing = threading.Lock()
        self._server: _Server | None = None
        self.port = 0
        self.replug()

    @property
    def is_plugged(self) -> bool:
        """Whether the cable is in."""
        return self._server is not None

    def receipts(self) -> list[Path]:
        """Every receipt so far, the newest last."""
        return sorted(self._directory.glob("receipt-*.png"))

    def unplug(self) -> None:
        """Pull the network cable."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def replug(self) -> None:
        """Put the cable back."""
        self.unplug()
        self._server = _Server(self, self.port)
        self.port = self._server.port

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def status(self, kind: int) -> int:
        """The answer to DLE EOT ``kind``."""
        fault = self.faults.now
        if fault is PrinterFault.NONE:
            return STATUS_FIXED
        is_paper_out = fault is PrinterFault.PAPER_OUT
        causes = {
            1: STATUS_OFFLINE,
            2: CAUSE_PAPER_END if is_paper_out else CAUSE_ERROR,
            3: 0 if is_paper_out else ERROR_UNRECOVERABLE,
            4: PAPER_END if is_paper_out else 0,
        }
        return STATUS_FIXED | causes.get(kind, 0)

    def print_command(self, command: Command) -> None:
        """Print, unless a fault prevents it."""
        with self._printing:
            if self.faults.now is not PrinterFault.NONE:
                return
            receipt = self._paper.print_command(command)
            if receipt is not None:
                self._keep(receipt)

    def _keep(self, receipt: Image.Image) -> None:
        path = self._directory / f"receipt-{len(self.receipts()) + 1:04d}.png"
        fresh = path.with_suffix(".part")
        receipt.save(fresh, format="PNG")
        fresh.replace(path)


class _Server(LoopbackServer):
    def __init__(self, printer: ReceiptPrinterSim, port: int) -> None:
        self.printer = printer
        super().__init__(port, _Handler)


class _Handler(socketserver.BaseRequestHandler):
    """One connection of a host."""

    server: _Server

    def handle(self) -> None:
        printer, reader = self.server.printer, CommandReader()
        if printer.faults.now is PrinterFault.OFFLINE:
            return
        while data := self.request.recv(READ_BYTES):
            try:
                for command in reader.feed(data):
                    if isinstance(command, AskStatus):
                        self.request.sendall(bytes((printer.status(command.kind),)))
                    else:
                        printer.print_command(command)
            except NotEscPos:
                return  # a printer fed with nonsense spews paper; ours hangs up
