"""A pcscd of our own with two virtual readers, hidden from the system's in namespaces."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.errors import ProjectError
from hardware_sim.pcscd_namespace import ANSWER_OK, REQUEST_PID, VPCD_PORT
from hardware_sim.vpcd import VirtualReaderSlot

SLOTS = 2  # compiled into Debian's vpcd
READER_NAME = "Single Window Virtual Reader"
START_TIMEOUT_S = 10.0
_POLL_S = 0.01
_SOCKET_NAME = "pcscd.comm"
_MAX_SOCKET_PATH_BYTES = 107  # sun_path, unix(7)
_DRIVERS = (
    Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so"),
    Path("/usr/local/lib/pcsc/drivers/serial/libifdvpcd.so"),
)
_NAMESPACE_MODULE = "hardware_sim.pcscd_namespace"
_PROJECT_ROOT = Path(__file__).resolve().parent.parent


class PcscUnavailable(ProjectError):
    """pcscd or the virtual reader driver is missing, or the daemon does not start."""

    code = "sim.pcsc_unavailable"
    message_key = "error.pcsc_unavailable"


def find_daemon() -> str:
    """The path of pcscd; raises PcscUnavailable with what to install."""
    found = shutil.which("pcscd") or shutil.which("pcscd", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise PcscUnavailable("pcscd is not installed (Debian package pcscd)")
    return found


def find_driver() -> Path:
    """The path of the virtual reader's driver; raises PcscUnavailable with what to install."""
    for path in _DRIVERS:
        if path.exists():
            return path
    raise PcscUnavailable("The virtual reader is not installed (Debian package vsmartcard-vpcd)")


def write_reader_config(directory: Path, port: int) -> None:
    """One entry for the virtual reader; several would share the last one's sockets (measured)."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "vpcd").write_text(
        f'FRIENDLYNAME "{READER_NAME}"\n'
        f"DEVICENAME   /dev/null:{port}\n"
        f"LIBPATH      {find_driver()}\n"
        f"CHANNELID    {port}\n",
        encoding="ascii",
    )


class PrivatePcscd:
    """A private daemon and its two slots.

    Clients reach it by ``PCSCLITE_CSOCK_NAME`` = ``socket_path``, set before they load PC/SC. Needs root, or user
    namespaces. Several can run side by side: no port or file is shared.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._run = directory / "run"
        self._readers = directory / "readers"
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._lock = threading.Lock()
        self._slots = [VirtualReaderSlot("", 0, connector=_Connector(self, index)) for index in range(SLOTS)]

    @property
    def socket_path(self) -> Path:
        """What ``PCSCLITE_CSOCK_NAME`` must name."""
        return self._run / _SOCKET_NAME

    @property
    def reader_names(self) -> tuple[str, str]:
        """The readers as PC/SC lists them, slot 0 and slot 1."""
        return f"{READER_NAME} 00 00", f"{READER_NAME} 00 01"

    @property
    def is_running(self) -> bool:
        """Whether the daemon lives."""
        return self._process is not None and self._process.poll() is None

    def slot(self, index: int) -> VirtualReaderSlot:
        """The slot behind ``reader_names[index]``."""
        return self._slots[index]

    def start(self) -> None:
        """Start the daemon and wait until it answers. Raises PcscUnavailable."""
        if len(os.fsencode(self.socket_path)) > _MAX_SOCKET_PATH_BYTES:
            raise PcscUnavailable("The directory's path is too long for a socket")
        daemon = find_daemon()
        self._run.mkdir(parents=True, exist_ok=True)
        write_reader_config(self._readers, VPCD_PORT)
        for leftover in self._run.iterdir():
            leftover.unlink()
        command: list[str | Path] = [
            *_unshare(),
            sys.executable,
            "-m",
            _NAMESPACE_MODULE,
            daemon,
            self._run,
            self._readers,
        ]
        ours, theirs = socket.socketpair()
        with theirs, (self._directory / "pcscd.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                cwd=_PROJECT_ROOT,
            )
        self._control = ours
        self._wait_until_ready()

    def stop(self) -> None:
        """Take the cards out and end the daemon."""
        for slot in self._slots:
            slot.remove()
        self._close_control()
        if self._process is not None:
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End the daemon as a crash would (SIGKILL). Cards stay in their slots, and are there after ``restart``."""
        if self._process is None:
            return
        os.kill(self.daemon_pid(), 9)
        self._close_control()
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Start again after ``kill``, or kill and start."""
        self.kill()
        self.start()

    def daemon_pid(self) -> int:
        """The process id of pcscd itself, for tests that stop or end it."""
        with self._lock:
            control = self._require_control()
            control.sendall(REQUEST_PID)
            return int.from_bytes(control.recv(5)[1:], "big")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not is_listening(self.socket_path):
            if not self.is_running or time.monotonic() > deadline_s:
                self.stop()
                raise PcscUnavailable(f"pcscd did not start; its log is {self._directory / 'pcscd.log'}")
            time.sleep(_POLL_S)

    def connect_slot(self, index: int) -> socket.socket:
        """A connection to the reader's slot, made inside the namespace. OSError when there is none."""
        with self._lock:
            control = self._require_control()
            control.sendall(bytes((index,)))
            answer, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if answer != ANSWER_OK or not descriptors:
            raise ConnectionRefusedError("The virtual reader takes no card")
        return socket.socket(fileno=descriptors[0])

    def _require_control(self) -> socket.socket:
        if self._control is None:
            raise ConnectionRefusedError("The private pcscd is not running")
        return self._control

    def _close_control(self) -> None:
        with self._lock:
            if self._control is not None:
                self._control.close()
            self._control = None


class _Connector:
    """How a slot reaches its reader, also after the daemon was started anew."""

    def __init__(self, daemon: PrivatePcscd, index: int) -> None:
        self._daemon = daemon
        self._index = index

    def __call__(self) -> socket.socket:
        return self._daemon.connect_slot(self._index)


def is_listening(path: Path) -> bool:
    """Whether a daemon accepts connections on this socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _unshare() -> list[str]:
    """New mount and network namespaces; without root also a user namespace, in which this user is root."""
    return ["unshare", "-m", "-n"] if os.geteuid() == 0 else ["unshare", "-U", "-r", "-m", "-n"]
