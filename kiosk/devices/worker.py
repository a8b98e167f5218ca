"""One device process as the kiosk sees it: calls with a deadline, and a fresh process after every silence."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from kiosk.devices.failure import REASON_OF_CODE, DeviceFailed, DeviceName, FailureReason, Health, WorkerAnswer
from kiosk.devices.frames import FrameRefused, LineClosed, LineSilent, Value, receive_message, send_message

#: Starting Python and importing a driver on a slow machine; counted once, on top of the first call's deadline.
START_ALLOWANCE_S = 20.0
Setting: TypeAlias = "str | int | float | bool"
_REAP_S = 2.0


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """How a device process is started: which servant (``kiosk/devices/servants``), with which settings."""

    device: DeviceName
    servant: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Ticket:
    """One call on its way: its number once it was sent, and whether its caller has left."""

    number: int = 0
    is_cancelled: bool = False


class Worker:
    """Calls into one device process. Safe from any thread; one call at a time.

    A call past its deadline ends the process with SIGKILL and starts a new one: the packages behind cards, sensors
    and cameras can wait for ever, and nothing less frees them.
    """

    def __init__(self, plan: WorkerPlan) -> None:
        self._plan = plan
        self._turn = threading.Lock()
        self._sending = threading.Lock()
        self._ids = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._is_closed = False
        self._is_warm = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"device-{plan.device}")
        self.health = Health(plan.device, is_working=True)
        #: How often the process had to be started: 1 after the first call.
        self.starts = 0

    @property
    def device(self) -> DeviceName:
        return self._plan.device

    def start(self) -> None:
        """Start the process now, so that the first call finds it warm."""
        with self._turn:
            self._ensure_started()

    async def call(self, method: str, args: Mapping[str, Value] | None = None, *, deadline_s: float) -> Value:
        """The device's answer. Raises DeviceFailed, or WorkerAnswer for an error that the device named itself.

        Cancelling tells the process to stop early; the loop never waits for it.
        """
        ticket = _Ticket()
        work = partial(self._take_turn, ticket, method, dict(args or {}), deadline_s)
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self._cancel(ticket)
            future.add_done_callback(_forget)
            raise

    def call_blocking(self, method: str, args: Mapping[str, Value] | None = None, *, deadline_s: float) -> Value:
        """The same from a thread that may wait."""
        return self._take_turn(_Ticket(), method, dict(args or {}), deadline_s)

    def _take_turn(self, ticket: _Ticket, method: str, args: dict[str, Value], deadline_s: float) -> Value:
        with self._turn:
            if ticket.is_cancelled:
                return None
            try:
                answer = self._exchange(ticket, method, args, deadline_s)
            except LineSilent as error:
                self._restart()
                raise self._failed(FailureReason.SILENT) from error
            except (LineClosed, FrameRefused) as error:
                self._restart()
                raise self._failed(FailureReason.CRASHED) from error
        if "error" in answer:
            raise self._error_of(answer)
        self.health = Health(self.device, is_working=True)
        return answer.get("value")

    def _cancel(self, ticket: _Ticket) -> None:
        """Ask the process to give up that call; it may take until its next look."""
        ticket.is_cancelled = True
        line = self._line
        if line is not None and ticket.number:
            with self._sending, contextlib.suppress(LineClosed):
                send_message(line, {"cancel": ticket.number})

    def close(self) -> None:
        """End the process; later calls raise DeviceFailed."""
        self._is_closed = True
        self._stop()
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _exchange(self, ticket: _Ticket, method: str, args: dict[str, Value], deadline_s: float) -> dict[str, Value]:
        line = self._ensure_started()
        allowance_s = 0.0 if self._is_warm else START_ALLOWANCE_S
        until_s = time.monotonic() + deadline_s + allowance_s
        number = next(self._ids)
        with self._sending:
            ticket.number = number
            send_message(line, {"id": number, "method": method, "args": args, "deadline_s": deadline_s})
        while True:
            answer = receive_message(line, deadline_s=until_s)
            self._is_warm = True
            if answer.get("id") == number:
                return answer

    def _ensure_started(self) -> socket.socket:
        if self._is_closed:
            raise self._failed(FailureReason.NOT_CONFIGURED)
        if self._line is None or self._process is None or self._process.poll() is not None:
            self._stop()
            self._launch()
        assert self._line is not None
        return self._line

    def _launch(self) -> None:
        ours, theirs = socket.socketpair()
        settings = json.dumps(dict(self._plan.settings))
        command = [sys.executable, "-m", "kiosk.devices", str(theirs.fileno()), self._plan.servant, settings]
        try:
            self._process = subprocess.Popen(
                command,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self._plan.environment},
            )
        except OSError as error:
            ours.close()
            raise self._failed(FailureReason.CRASHED) from error
        finally:
            theirs.close()
        self._line, self._is_warm = ours, False
        self.starts += 1

    def _restart(self) -> None:
        self._stop()
        if not self._is_closed:
            self._launch()

    def _stop(self) -> None:
        line, process = self._line, self._process
        self._line, self._process = None, None
        if line is not None:
            line.close()
        if process is not None:
            process.kill()
            # A process stuck in the kernel cannot be reaped at once; it must not hold up its successor.
            threading.Thread(target=_reap, args=(process,), daemon=True).start()

    def _error_of(self, answer: dict[str, Value]) -> DeviceFailed | WorkerAnswer:
        code, params = answer["error"], answer.get("params")
        reason = REASON_OF_CODE.get(str(code))
        if reason is not None:
            return self._failed(reason)
        plain = params if isinstance(params, dict) else {}
        return WorkerAnswer(str(code), {str(k): v for k, v in plain.items() if isinstance(v, str | int)})

    def _failed(self, reason: FailureReason) -> DeviceFailed:
        self.health = Health(self.device, is_working=False, reason=reason)
        return DeviceFailed(self.device, reason)


def _reap(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_REAP_S)


def _forget(future: asyncio.Future[Value]) -> None:
    """Take the outcome of an abandoned call, so that the loop does not complain that nobody did."""
    if not future.cancelled():
        future.exception()
