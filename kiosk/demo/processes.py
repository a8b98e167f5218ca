"""Starting and stopping the programmes of the day, each in its own process, as on separate machines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from domain.errors import ProjectError

_POLL_S = 0.05
_STOP_S = 8.0


class ProcessFailed(ProjectError):
    """A programme of the day ended or did not become ready; its log says why."""

    code = "demo.process_failed"
    message_key = "error.process_failed"


class Processes:
    """The running programmes; leaving the block stops them, the newest first."""

    def __init__(self, log_directory: Path) -> None:
        self._log_directory = log_directory
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run ``python -m module`` in the background; its output goes to ``NAME.log``."""
        self._log_directory.mkdir(parents=True, exist_ok=True)
        with (self._log_directory / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, name: str, module: str, arguments: Sequence[str], *, told: str = "") -> str:
        """Run to the end and return what it printed; raises ProcessFailed when it ends with an error.

        ``told`` is what it reads: secrets go there and never on the command line.
        """
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            input=told,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self._log_directory.mkdir(parents=True, exist_ok=True)
        with (self._log_directory / f"{name}.log").open("a") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode != 0:
            raise ProcessFailed(f"{name}: {done.stderr.strip()[-2000:] or done.stdout.strip()[-2000:]}")
        return done.stdout

    def wait_for(self, name: str, is_ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Wait until the programme is ready; raises ProcessFailed with the end of its log otherwise."""
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            process = self._running[name]
            if process.poll() is not None or time.monotonic() > deadline:
                raise ProcessFailed(f"{name} is not ready (exit {process.poll()}): {self.log_end(name)}")
            time.sleep(_POLL_S)

    def wait_for_end(self, name: str, *, timeout_s: float) -> None:
        """Wait until it ends by itself; raises ProcessFailed when it does not, or ends with an error."""
        try:
            status = self._running[name].wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(f"{name} does not end: {self.log_end(name)}") from None
        del self._running[name]
        if status != 0:
            raise ProcessFailed(f"{name} ended with {status}: {self.log_end(name)}")

    def log_end(self, name: str) -> str:
        path = self._log_directory / f"{name}.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def kill(self, name: str) -> None:
        """End it as a power cut would: SIGKILL to the whole group, nothing is told."""
        self._signal(name, signal.SIGKILL)
        self._running.pop(name).wait()

    def stop(self, name: str) -> None:
        """End it politely, then not."""
        process = self._running.pop(name)
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._kill_group(process)
            process.wait()

    def is_running(self, name: str) -> bool:
        return name in self._running and self._running[name].poll() is None

    def _signal(self, name: str, number: signal.Signals) -> None:
        os.killpg(self._running[name].pid, number)

    @staticmethod
    def _kill_group(process: subprocess.Popen[bytes]) -> None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)
