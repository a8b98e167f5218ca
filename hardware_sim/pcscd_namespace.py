"""Runs inside the namespaces of a private pcscd: starts the daemon, and hands out connections to its readers.

vpcd listens on every address of the machine. In a network namespace of its own nobody outside can reach it, and its
ports are free; the price is that a connection must be made from inside, so this process makes it and passes it out
over the socket on file descriptor 0. When that socket closes, the daemon is ended: nothing is left behind.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

REQUEST_PID = b"P"
ANSWER_OK = b"+"
ANSWER_FAILED = b"-"
CONTROL_DESCRIPTOR = 0
TERMINATE_TIMEOUT_S = 1.0
VPCD_PORT = 35_963  # the port inside the namespace; the second slot has the next one

_RUN = Path("/run")
_DAEMON_DIRECTORY = _RUN / "pcscd"
_MS_BIND = 0x1000  # mount(2)
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1  # netdevice(7)
_IFREQ = struct.Struct("16sh22x")
_PR_SET_PDEATHSIG = 1  # prctl(2)


def main(daemon: str, run_directory: str, config_directory: str) -> int:
    """Serve until the other end of the control socket closes; returns the daemon's exit status or 0."""
    _hide_run_directory(run_directory)
    _raise_loopback()
    process = subprocess.Popen(
        [daemon, "--foreground", "--config", config_directory], preexec_fn=_die_with_parent, stdin=subprocess.DEVNULL
    )
    with socket.socket(fileno=CONTROL_DESCRIPTOR) as control:
        while request := control.recv(1):
            _answer(control, request, process.pid)
    process.terminate()
    try:
        return process.wait(TERMINATE_TIMEOUT_S)
    except subprocess.TimeoutExpired:  # stopped by a test
        process.kill()
        return process.wait()


def _answer(control: socket.socket, request: bytes, pid: int) -> None:
    if request == REQUEST_PID:
        control.sendall(ANSWER_OK + pid.to_bytes(4, "big"))
        return
    try:
        with socket.create_connection(("127.0.0.1", VPCD_PORT + request[0]), 1.0) as connection:
            socket.send_fds(control, [ANSWER_OK], [connection.fileno()])
    except OSError:
        control.sendall(ANSWER_FAILED)


def _hide_run_directory(run_directory: str) -> None:
    """Put the private directory in the place of the system's /run/pcscd, for this namespace only."""
    descriptor = os.open(run_directory, os.O_RDONLY | os.O_DIRECTORY)
    if not _DAEMON_DIRECTORY.is_dir():
        _mount("tmpfs", str(_RUN), "tmpfs", 0)
        _DAEMON_DIRECTORY.mkdir()
    os.chdir(descriptor)  # reachable even if it lay below /run
    _mount(".", str(_DAEMON_DIRECTORY), "", _MS_BIND)
    os.close(descriptor)


def _mount(source: str, target: str, kind: str, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, _IFREQ.pack(b"lo", 0))
        name, flags = _IFREQ.unpack(request)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, _IFREQ.pack(name, flags | _IFF_UP))


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
