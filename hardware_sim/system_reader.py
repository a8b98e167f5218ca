"""A card in the machine's own PC/SC: any program finds it there without settings (``./run sim card``)."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
import time
from pathlib import Path

from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import (
    SLOTS,
    START_TIMEOUT_S,
    PcscUnavailable,
    find_daemon,
    find_driver,
    is_listening,
    write_reader_config,
)
from hardware_sim.vpcd import ReaderUnreachable, VirtualReaderSlot

SYSTEM_SOCKET = Path("/run/pcscd/pcscd.comm")
# VPCDPORT of vsmartcard, which Debian's reader.conf.d/vpcd names; the second slot has the next one.
SYSTEM_VPCD_PORT = 0x8C7B
_HOST = "127.0.0.1"
_POLL_S = 0.05
_NO_READER = (
    "The system's virtual reader takes no card: either another one lies in it, or pcscd runs without"
    " vsmartcard-vpcd (install it, then: sudo systemctl restart pcscd)"
)
_NO_PCSCD = "The system's pcscd does not run, and only root may start it: sudo systemctl start pcscd"

_log = logging.getLogger(__name__)


class SystemReader:
    """Slot 0 or 1 of the system's virtual reader. Starts the system's pcscd if none runs, and ends only its own."""

    def __init__(self, reader: int) -> None:
        if reader not in range(SLOTS):
            raise PcscUnavailable(f"There are readers 0 to {SLOTS - 1}")
        self._port = SYSTEM_VPCD_PORT + reader
        self._daemon: subprocess.Popen[bytes] | None = None
        self._config = tempfile.TemporaryDirectory(prefix="single-window-readers-")
        self.slot = VirtualReaderSlot(_HOST, self._port)

    def ensure(self) -> None:
        """A pcscd runs when this returns; raises PcscUnavailable if that cannot be."""
        find_daemon()
        find_driver()
        if not is_listening(SYSTEM_SOCKET):
            self._start_daemon()

    def insert(self, card: VirtualCard) -> None:
        """Put the card in; raises PcscUnavailable if the system has no virtual reader, or it holds another card."""
        self.ensure()
        try:
            self.slot.insert(card, timeout_s=START_TIMEOUT_S)
        except ReaderUnreachable as unreachable:
            raise PcscUnavailable(_NO_READER) from unreachable

    def close(self) -> None:
        """Take the card out; end the daemon if this object started it."""
        self.slot.remove()
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait()
        self._daemon = None
        self._config.cleanup()

    def _start_daemon(self) -> None:
        if os.geteuid() != 0:
            raise PcscUnavailable(_NO_PCSCD)
        if self._daemon is not None:
            self._daemon.wait()  # it has just gone, or its socket would be there
        config = Path(self._config.name)
        write_reader_config(config, SYSTEM_VPCD_PORT)
        _log.info("Starting pcscd")
        self._daemon = subprocess.Popen(
            [find_daemon(), "--foreground", "--config", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not is_listening(SYSTEM_SOCKET):
            if self._daemon.poll() is not None or time.monotonic() > deadline_s:
                raise PcscUnavailable("The system's pcscd does not start")
            time.sleep(_POLL_S)
