"""The window with a person's finger on it, without waiting for frames to be drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from kiosk.screen_models.text import Text
from kiosk.screens import tokens, window
from kiosk.screens.hands import Hands
from kiosk.screens.presenter import KivyUi

T = TypeVar("T")

_STEP_S = 0.004


class HeardVoice:
    """Remembers what would have been said."""

    def __init__(self) -> None:
        self.said: list[Text] = []
        self.chimes = 0

    def say(self, sentences: tuple[Text, ...] | list[Text], language: str) -> None:
        self.said.extend(sentences)

    def chime(self) -> None:
        self.chimes += 1


class Desk:
    """A window in the test: a Ui, hands, and a clock that the test turns."""

    def __init__(self, language: str = "en") -> None:
        self.now_s = 1_000.0
        self.voice = HeardVoice()
        tokens.set_panel((1280, 800))
        self.ui = KivyUi(language, self.voice, clock=lambda: self.now_s)
        self.hands = Hands(self.ui)
        window.put_in_window(self.ui.frame)

    def run(self, job: Coroutine[object, object, T]) -> T:
        """Run the job while Kivy lays out beside it."""
        return asyncio.run(self._beside_layout(job))

    async def _beside_layout(self, job: Coroutine[object, object, T]) -> T:
        layout = asyncio.create_task(self._keep_laying_out())
        try:
            return await job
        finally:
            layout.cancel()

    async def _keep_laying_out(self) -> None:
        while True:
            window.lay_out(1)
            await asyncio.sleep(_STEP_S)

    def pass_time(self, seconds: float) -> None:
        """Let the person do nothing for so long."""
        self.now_s += seconds
        self.ui.watch()
