"""A screen that knows when it was last used."""

from __future__ import annotations

import asyncio

from kiosk.screen_models.base import Screen
from kiosk.screen_models.text import Text
from kiosk.ui import Answer, Ui

#: What tells one step of a capture from the next; a live picture that moves is nobody's doing.
_STEP_FIELDS = ("title", "position", "phase", "attempt", "steps", "person", "question", "body")


class WatchedUi:
    """``kiosk.ui.Ui`` around another one. Used means: touched, or shown another step."""

    def __init__(self, ui: Ui) -> None:
        self._ui = ui
        self._step: tuple[object, ...] = ()
        self._used_at = self._now()
        #: Somebody with a card is being served right now.
        self.is_serving = False

    @property
    def idle_s(self) -> float:
        """Seconds since it was used."""
        return self._now() - self._used_at

    def use(self) -> None:
        """Something else shows that somebody is there."""
        self._used_at = self._now()

    @property
    def language(self) -> str:
        return self._ui.language

    def set_language(self, code: str) -> None:
        self._ui.set_language(code)

    def show(self, screen: Screen) -> None:
        self._note(screen)
        self._ui.show(screen)

    async def ask(self, screen: Screen) -> Answer:
        self._note(screen)
        answer = await self._ui.ask(screen)
        self.use()
        return answer

    async def answer(self) -> Answer:
        answer = await self._ui.answer()
        self.use()
        return answer

    def speak(self, text: Text) -> None:
        self._ui.speak(text)

    def _note(self, screen: Screen) -> None:
        step = (type(screen), *(getattr(screen, name, None) for name in _STEP_FIELDS))
        if step != self._step:
            self._step = step
            self.use()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
