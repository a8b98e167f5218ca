"""A kiosk without a window: the same flows and the same pilot, for crash tests and for preparing a day."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from domain.errors import ProjectError
from kiosk.pilot import PilotServer
from kiosk.screen_models.base import Screen
from kiosk.screen_models.general import BirthEntry, MultiChoice, NumberEntry, TextEntry
from kiosk.screen_models.text import Text
from kiosk.screen_state import describe, values_of
from kiosk.ui import TIMEOUT, Answer, Ui

_POLL_S = 0.01


class NothingToTouch(ProjectError):
    """The screen shown now does not offer what was asked for."""

    code = "kiosk.nothing_to_touch"
    message_key = "error.unexpected"


class HeadlessUi:
    """The ``Ui`` as values only. An answer given to a screen that nobody awaits is kept for the next ``answer``."""

    def __init__(self, language: str = "en") -> None:
        self._language = language
        self.model: Screen | None = None
        self.last_said: Text | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self.waits = 0
        self._pending: Answer | None = None

    @property
    def language(self) -> str:
        return self._language

    def set_language(self, code: str) -> None:
        self._language = code

    def show(self, screen: Screen) -> None:
        is_new = type(screen) is not type(self.model) or self.model is None or screen.title != self.model.title
        if is_new:
            self._pending = None
        self.model = screen

    async def ask(self, screen: Screen) -> Answer:
        self._pending = None
        self.show(screen)
        return await self.answer()

    async def answer(self) -> Answer:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            return pending
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        self.waits += 1
        shown = self.model
        try:
            return await asyncio.wait_for(waiter, None if shown is None else shown.timeout_s)
        except TimeoutError:
            return Answer(TIMEOUT)
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def speak(self, text: Text) -> None:
        self.last_said = text

    @property
    def is_waiting(self) -> bool:
        """A flow waits for somebody to touch."""
        return self._waiter is not None and not self._waiter.done()

    def give(self, answer: Answer) -> None:
        """What the person does now."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)
        else:
            self._pending = answer


def _in_keys(text: Text) -> str:
    """The sentence as its key with the values in it, without a catalogue."""
    if text.verbatim is not None:
        return text.verbatim
    values = [_in_keys(value) if isinstance(value, Text) else str(value) for value in text.params.values()]
    return f"{text.key}({', '.join(values)})" if values else text.key


class HeadlessHands:
    """The pilot's touches on values. What a real screen would not offer is refused in the same way."""

    def __init__(self, ui: HeadlessUi) -> None:
        self._ui = ui
        self._typed = ""
        self._picked: list[str] = []

    def state(self) -> dict[str, object]:
        model = self._ui.model
        return {
            **describe(model, _in_keys),
            "language": self._ui.language,
            "waits": self._ui.waits,
            "is_waiting": self._ui.is_waiting,
            "actions": [] if model is None else [{"id": a.id, "enabled": True} for a in model.actions],
            "overlay": None,
        }

    def _values(self) -> list[str]:
        return [] if self._ui.model is None else values_of(self._ui.model)

    async def press(self, action_id: str) -> None:
        model = self._ui.model
        if isinstance(model, TextEntry) and action_id == "done":
            self._ui.give(Answer("done", self._typed))
            self._typed = ""
            return
        if isinstance(model, MultiChoice) and action_id == "done":
            self._ui.give(Answer("done", ",".join(self._picked)))
            self._picked = []
            return
        offered = [] if model is None else [a.id for a in model.actions] + ["back"] * model.has_back
        if action_id not in offered:
            raise NothingToTouch(f"no action {action_id}; there are {offered}")
        self._ui.give(Answer(action_id))

    async def pick(self, value: str) -> None:
        model = self._ui.model
        if value not in self._values():
            raise NothingToTouch(f"no value {value}; there are {self._values()}")
        if isinstance(model, MultiChoice):
            self._picked = [each for each in self._picked if each != value] + [value] * (value not in self._picked)
            return
        if hasattr(model, "members"):
            self._ui.give(Answer("open", value))
        elif hasattr(model, "rows"):
            self._ui.give(Answer("take", int(value)))
        else:
            self._ui.give(Answer("choose", value))

    async def type_text(self, text: str) -> None:
        if not isinstance(self._ui.model, TextEntry):
            raise NothingToTouch("there are no keys on this screen")
        self._typed += text

    async def enter_number(self, value: int) -> None:
        if not isinstance(self._ui.model, NumberEntry):
            raise NothingToTouch("there is no number pad on this screen")
        self._ui.give(Answer("done", value))

    async def enter_birth(self, value: str) -> None:
        if not isinstance(self._ui.model, BirthEntry):
            raise NothingToTouch("no date is asked for on this screen")
        if value.isdigit():
            self._ui.give(Answer("about", int(value)))
        else:
            self._ui.give(Answer("done", date.fromisoformat(value).isoformat()))

    async def wait_for(self, names: tuple[str, ...], timeout_s: float) -> str:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout_s
        while type(self._ui.model).__name__ not in names:
            if loop.time() > end:
                shown = type(self._ui.model).__name__
                raise NothingToTouch(f"waited {timeout_s} s for {' or '.join(names)}; the screen is {shown}")
            await asyncio.sleep(_POLL_S)
        return type(self._ui.model).__name__

    async def shot(self, path: Path) -> None:
        raise NothingToTouch(f"a kiosk without a window draws no picture for {path.name}")


def run_headless(main: Callable[[Ui], Awaitable[None]], *, pilot_socket: Path | None, language: str = "en") -> None:
    """Run the flows without a window until they end or SIGTERM comes."""
    asyncio.run(_run(main, pilot_socket, language))


async def _run(main: Callable[[Ui], Awaitable[None]], pilot_socket: Path | None, language: str) -> None:
    ui = HeadlessUi(language)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pilot = None if pilot_socket is None else PilotServer(HeadlessHands(ui), pilot_socket)
    if pilot is not None:
        await pilot.start()
    flows = asyncio.ensure_future(main(ui))
    waiting = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([flows, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        is_ended = flows.done()
        flows.cancel()
        await asyncio.gather(flows, waiting, return_exceptions=True)
        if pilot is not None:
            await pilot.close()
    if is_ended:
        flows.result()
