"""The pilot: another process looks at the kiosk and touches it, over a unix socket. For tests and the demo.

One JSON object a line each way. Requests:

- ``{"do": "state"}``; ``{"do": "press", "action": ID}``; ``{"do": "pick", "value": V}``
- ``{"do": "type", "text": T}``; ``{"do": "number", "value": N}``; ``{"do": "birth", "value": "YYYY-MM-DD" or age}``
- ``{"do": "wait", "screen": NAME or [NAMES], "timeout_s": S}``; ``{"do": "shot", "path": P}``

Answers: ``{"ok": true, …}`` or ``{"ok": false, "reason": …}``.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from domain.errors import ProjectError

LONGEST_LINE_BYTES = 65_536
_ANSWER_MARGIN_S = 30.0
_DEFAULT_WAIT_S = 10.0


class PilotRefused(ProjectError):
    """The kiosk could not do what the pilot asked; the text says why."""

    code = "kiosk.pilot_refused"
    message_key = "error.unexpected"


class Touches(Protocol):
    """What the pilot can do to a screen; ``kiosk.screens.hands`` does it with real touches."""

    def state(self) -> dict[str, object]: ...
    async def press(self, action_id: str) -> None: ...
    async def pick(self, value: str) -> None: ...
    async def type_text(self, text: str) -> None: ...
    async def enter_number(self, value: int) -> None: ...
    async def enter_birth(self, value: str) -> None: ...
    async def wait_for(self, names: tuple[str, ...], timeout_s: float) -> str: ...
    async def shot(self, path: Path) -> None: ...


class PilotServer:
    """Serves the socket on the event loop of the window, one request at a time."""

    def __init__(self, touches: Touches, socket_path: Path) -> None:
        self._touches = touches
        self._path = socket_path
        self._turn = asyncio.Lock()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._path.unlink(missing_ok=True)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, str(self._path), limit=LONGEST_LINE_BYTES)
        self._path.chmod(0o600)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                async with self._turn:
                    answer = await self._answer(line)
                writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # the other side went away, or sent a line without an end
            pass
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, object]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("a request is an object")
            return {"ok": True, **await self._do(request)}
        except ProjectError as error:
            return {"ok": False, "reason": str(error), "state": self._touches.state()}
        except (ValueError, KeyError, TypeError) as error:
            return {"ok": False, "reason": f"not a request: {error!r}"}

    async def _do(self, request: Mapping[str, object]) -> dict[str, object]:
        match request["do"]:
            case "state":
                return self._touches.state()
            case "press":
                await self._touches.press(str(request["action"]))
            case "pick":
                await self._touches.pick(str(request["value"]))
            case "type":
                await self._touches.type_text(str(request["text"]))
            case "number":
                await self._touches.enter_number(int(str(request["value"])))
            case "birth":
                await self._touches.enter_birth(str(request["value"]))
            case "shot":
                await self._touches.shot(Path(str(request["path"])))
            case "wait":
                return {"screen": await self._wait(request)}
            case other:
                raise ValueError(f"unknown: {other}")
        return {}

    async def _wait(self, request: Mapping[str, object]) -> str:
        asked = request["screen"]
        names = tuple(str(name) for name in asked) if isinstance(asked, list) else (str(asked),)
        return await self._touches.wait_for(names, float(str(request.get("timeout_s", _DEFAULT_WAIT_S))))


class PilotClient:
    """The other end, blocking. Raises PilotRefused with the kiosk's reason."""

    def __init__(self, socket_path: Path, *, timeout_s: float = 60.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._timeout_s = timeout_s
        self._socket.settimeout(timeout_s)
        self._socket.connect(str(socket_path))
        self._lines = self._socket.makefile("rb")

    def state(self) -> dict[str, object]:
        return self._ask({"do": "state"})

    def press(self, action: str) -> None:
        self._ask({"do": "press", "action": action})

    def pick(self, value: str) -> None:
        self._ask({"do": "pick", "value": value})

    def type_text(self, text: str) -> None:
        self._ask({"do": "type", "text": text})

    def number(self, value: int) -> None:
        self._ask({"do": "number", "value": value})

    def birth(self, value: str) -> None:
        self._ask({"do": "birth", "value": value})

    def wait(self, *screens: str, timeout_s: float = _DEFAULT_WAIT_S) -> str:
        """The name of the screen that came, of those waited for."""
        self._socket.settimeout(timeout_s + _ANSWER_MARGIN_S)
        answer = self._ask({"do": "wait", "screen": list(screens), "timeout_s": timeout_s})
        self._socket.settimeout(self._timeout_s)
        return str(answer["screen"])

    def shot(self, path: Path) -> None:
        self._ask({"do": "shot", "path": str(path)})

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: dict[str, object]) -> dict[str, object]:
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        line = self._lines.readline()
        if not line:
            raise PilotRefused("the kiosk closed the connection")
        answer: dict[str, object] = json.loads(line)
        if not answer.get("ok"):
            raise PilotRefused(str(answer.get("reason")))
        return answer
