"""One help desk: readers, sensor, camera, printers and a network of its own, all simulated, all real to a driver."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware_sim.camera import CameraSim
from hardware_sim.card_box import CardBox
from hardware_sim.card_printer import CardPrinterSim
from hardware_sim.desk.addresses import DeskAddresses
from hardware_sim.desk.hand import Hand
from hardware_sim.desk.readers import CardReaders
from hardware_sim.fingerprint_sensor import FingerprintSensorSim
from hardware_sim.fingers.finger import FingerSource
from hardware_sim.network import NetworkProxy
from hardware_sim.people import Part, get_person
from hardware_sim.receipt_printer import ReceiptPrinterSim

LONGEST_DIRECTORY_BYTES = 80  # a socket's path may have 107 bytes


class SimulatedDesk:
    """A running desk; leaving the block switches everything off.

    ``directory`` keeps what this desk prints; ``box`` may be shared with other desks.
    """

    def __init__(self, directory: Path, *, name: str, registry_url: str, fingers: FingerSource, box: CardBox) -> None:
        self.name = name
        self._cleanup = contextlib.ExitStack()
        try:
            sockets = self._socket_directory(directory)
            self.readers = CardReaders(sockets / "pcsc", box)
            self._cleanup.callback(self.readers.stop)
            self.readers.plug()
            self.sensor = self._cleanup.enter_context(FingerprintSensorSim(sockets / "fingerprint-sensor"))
            self.hand = Hand(self.sensor, fingers, name)
            self.camera = self._cleanup.enter_context(CameraSim())
            self.receipt_printer = self._cleanup.enter_context(ReceiptPrinterSim(directory / "receipts"))
            card_printer = CardPrinterSim(directory / "card-faces", self.readers.label)
            self.card_printer = self._cleanup.enter_context(card_printer)
            self.network = self._cleanup.enter_context(NetworkProxy(registry_url))
        except BaseException:
            self._cleanup.close()
            raise
        self._seated: Part | None = None

    @property
    def seated(self) -> Part | None:
        """Who sits before the camera."""
        return self._seated

    def show_face(self, part: Part | None) -> None:
        """Seat somebody before the camera, or nobody."""
        self.camera.show(None if part is None else get_person(part).face)
        self._seated = part

    def addresses(self, control_url: str) -> DeskAddresses:
        """Where everything is."""
        return DeskAddresses(
            name=self.name,
            pid=os.getpid(),
            pcsc_socket=str(self.readers.pcsc_socket),
            reader_names=self.readers.reader_names,
            sensor_port=str(self.sensor.path),
            camera_url=self.camera.url,
            receipt_printer_host=self.receipt_printer.host,
            receipt_printer_port=self.receipt_printer.port,
            card_printer_url=self.card_printer.url,
            registry_url=self.network.url,
            takes_open_stock=self.readers.box.is_open_stock,
            control_url=control_url,
        )

    def close(self) -> None:
        """Switch everything off."""
        self._cleanup.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _socket_directory(self, directory: Path) -> Path:
        """Where sockets and ports are put: beside the rest, unless that path is too long for a socket."""
        directory.mkdir(parents=True, exist_ok=True)
        resolved = directory.resolve()
        if len(os.fsencode(resolved)) <= LONGEST_DIRECTORY_BYTES:
            return resolved
        return Path(self._cleanup.enter_context(tempfile.TemporaryDirectory(prefix="desk-")))
