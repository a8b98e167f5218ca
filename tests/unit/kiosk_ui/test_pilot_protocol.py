"""The pilot's lines over the socket, with hands that only write down."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import ProjectError
from kiosk.pilot import PilotClient, PilotRefused, PilotServer


class NotThere(ProjectError):
    code = "test.not_there"


class WrittenTouches:
    def __init__(self) -> None:
        self.done: list[tuple[str, object]] = []

    def state(self) -> dict[str, object]:
        return {"screen": "Attract", "actions": []}

    async def press(self, action_id: str) -> None:
        if action_id == "nowhere":
            raise NotThere("not on this screen")
        self.done.append(("press", action_id))

    async def pick(self, value: str) -> None:
        self.done.append(("pick", value))

    async def type_text(self, text: str) -> None:
        self.done.append(("type", text))

    async def enter_number(self, value: int) -> None:
        self.done.append(("number", value))

    async def enter_birth(self, value: str) -> None:
        self.done.append(("birth", value))

    async def wait_for(self, names: tuple[str, ...], timeout_s: float) -> str:
        self.done.append(("wait", (names, timeout_s)))
        return names[0]

    async def shot(self, path: Path) -> None:
        self.done.append(("shot", str(path)))


class ServedPilot:
    """The server on a loop in a thread."""

    def __init__(self, path: Path) -> None:
        self.touches = WrittenTouches()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server = PilotServer(self.touches, path)
        asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(5)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[ServedPilot, PilotClient]]:
    pilot = ServedPilot(tmp_path / "pilot.sock")
    client = PilotClient(tmp_path / "pilot.sock", timeout_s=5)
    yield pilot, client
    client.close()
    pilot.close()


def test_every_request_reaches_the_hands(served: tuple[ServedPilot, PilotClient]) -> None:
    pilot, client = served
    client.press("staff")
    client.pick("42")
    client.type_text("सुनीता")
    client.number(4500)
    client.birth("1986-03-09")
    client.shot(Path("out.png"))
    assert client.wait("Choice", "Notice", timeout_s=3) == "Choice"
    assert client.state()["screen"] == "Attract"
    assert pilot.touches.done == [
        ("press", "staff"),
        ("pick", "42"),
        ("type", "सुनीता"),
        ("number", 4500),
        ("birth", "1986-03-09"),
        ("shot", "out.png"),
        ("wait", (("Choice", "Notice"), 3.0)),
    ]


def test_what_cannot_be_touched_is_refused_with_its_reason(served: tuple[ServedPilot, PilotClient]) -> None:
    _, client = served
    with pytest.raises(PilotRefused, match="not on this screen"):
        client.press("nowhere")
    assert client.state()["screen"] == "Attract"


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"do": "fly"}', b'{"do": "press"}', b'{"do": "number", "value": "x"}'])
def test_a_line_that_is_no_request_is_answered_with_a_reason(
    served: tuple[ServedPilot, PilotClient], line: bytes
) -> None:
    _, client = served
    client._socket.sendall(line + b"\n")
    answer = json.loads(client._lines.readline())
    assert answer["ok"] is False
    assert answer["reason"]


def test_only_the_owner_may_steer(served: tuple[ServedPilot, PilotClient], tmp_path: Path) -> None:
    assert (tmp_path / "pilot.sock").stat().st_mode & 0o077 == 0
