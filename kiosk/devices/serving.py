"""The device process's side: takes calls one by one, and ends with the kiosk."""

from __future__ import annotations

import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.errors import ProjectError
from kiosk.devices.frames import FrameRefused, LineClosed, Value, receive_message, send_message

_log = logging.getLogger(__name__)
CODE_CRASHED = "device.crashed"


class MethodUnknown(ProjectError):
    """The device has no such call."""

    code = "device.method_unknown"


class Call:
    """The call being served: whether the kiosk still wants it, and until when."""

    def __init__(self, deadline_s: float) -> None:
        self._until_s = time.monotonic() + deadline_s
        self._cancelled = threading.Event()

    @property
    def is_wanted(self) -> bool:
        return not self._cancelled.is_set() and time.monotonic() < self._until_s

    def cancel(self) -> None:
        self._cancelled.set()

    def pause(self, seconds: float) -> None:
        """Wait, but not past the moment nobody wants the answer."""
        self._cancelled.wait(seconds)


class Servant(Protocol):
    """A device driver behind the line. ``serve`` may block; it raises ProjectError for what it can name."""

    def serve(self, method: str, args: Mapping[str, Value], call: Call, /) -> Value: ...

    def close(self) -> None: ...


def serve_forever(line: socket.socket, servant: Servant) -> None:
    """Answer calls until the kiosk closes the line. A thread listens meanwhile, so that a stuck call still ends."""
    requests: queue.Queue[_Request] = queue.Queue()
    threading.Thread(target=_listen, args=(line, requests), daemon=True).start()
    while True:
        request = requests.get()
        answer = _answer(servant, request)
        send_message(line, {"id": request.number, **answer})


@dataclass(frozen=True)
class _Request:
    number: int
    method: str
    args: Mapping[str, Value]
    call: Call


def _read_request(message: Mapping[str, Value]) -> _Request | None:
    number, args, deadline = message.get("id"), message.get("args"), message.get("deadline_s")
    if not isinstance(number, int) or not isinstance(deadline, int | float) or not isinstance(args, dict):
        return None
    # A call that waits for a person ends itself at its time-out; the deadline after it is for a driver that is stuck.
    own = args.get("timeout_s", deadline)
    wanted_s = min(float(own), float(deadline)) if isinstance(own, int | float) else float(deadline)
    return _Request(number, str(message.get("method")), args, Call(wanted_s))


def _listen(line: socket.socket, requests: queue.Queue[_Request]) -> None:
    newest: _Request | None = None
    while True:
        try:
            message = receive_message(line)
        except (LineClosed, FrameRefused):
            # The kiosk is gone: nobody will kill a stuck driver for us, so end here and now.
            os._exit(0)
        if "cancel" in message:
            # The kiosk has one call under way at a time, so only the newest can be meant.
            if newest is not None and newest.number == message["cancel"]:
                newest.call.cancel()
            continue
        newest = _read_request(message)
        if newest is not None:
            requests.put(newest)


def _answer(servant: Servant, request: _Request) -> dict[str, Value]:
    try:
        return {"value": servant.serve(request.method, request.args, request.call)}
    except ProjectError as error:
        return {"error": error.code, "params": dict(error.params)}
    except MemoryError:
        return {"error": CODE_CRASHED}
    except Exception as error:  # noqa: BLE001  the one edge of the process: whatever a driver throws becomes an answer
        # Only the type: the text of a driver's exception may hold pixels or card data.
        _log.error("device call %s failed: %s", request.method, type(error).__name__)
        return {"error": CODE_CRASHED}
