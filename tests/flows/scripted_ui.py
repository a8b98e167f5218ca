"""A person who answers each screen as the script says; a screen that the script does not expect fails the test."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from kiosk.screen_models.base import Screen
from kiosk.screen_models.people import FaceComparison
from kiosk.screen_models.text import Text
from kiosk.ui import Answer


@dataclass(frozen=True)
class Step:
    """When a screen of that class (and, if given, title key) asks, this is the answer."""

    screen: type[Screen]
    answer: Answer
    title: str | None = None
    #: Touched while a device works, not when the flow asks.
    is_touch: bool = False

    def fits(self, screen: Screen) -> bool:
        return isinstance(screen, self.screen) and self.title in (None, screen.title.key)


def press(screen: type[Screen], action: str, title: str | None = None) -> Step:
    return Step(screen, Answer(action), title)


def touch(screen: type[Screen], action: str, title: str | None = None) -> Step:
    return Step(screen, Answer(action), title, is_touch=True)


def give(screen: type[Screen], action: str, value: str | int, title: str | None = None) -> Step:
    return Step(screen, Answer(action, value), title)


class ScriptedUi:
    """kiosk.ui.Ui without a screen."""

    def __init__(self, *steps: Step, language: str = "en") -> None:
        self._steps = list(steps)
        self._language = language
        self.seen: list[Screen] = []
        self.spoken: list[Text] = []

    @property
    def language(self) -> str:
        return self._language

    def set_language(self, code: str) -> None:
        self._language = code

    def show(self, screen: Screen) -> None:
        if not self.seen or self.seen[-1] != screen:
            self.seen.append(screen)
        if screen.speak is not None:
            self.spoken.append(screen.speak)

    async def ask(self, screen: Screen) -> Answer:
        self.show(screen)
        await asyncio.sleep(0)
        assert self._steps, f"nobody expected to be asked {_describe(screen)}"
        step = self._steps.pop(0)
        assert step.fits(screen), f"expected {step}, was asked {_describe(screen)}"
        return step.answer

    async def answer(self) -> Answer:
        while True:
            if self._steps and self._steps[0].is_touch and self.seen and self._may_touch(self.seen[-1]):
                return self._steps.pop(0).answer
            await asyncio.sleep(0.001)

    def _may_touch(self, screen: Screen) -> bool:
        """Nobody touches what a face comparison does not offer yet."""
        step = self._steps[0]
        offered = {action.id for action in screen.actions}
        return step.fits(screen) and (not isinstance(screen, FaceComparison) or step.answer.action in offered)

    def speak(self, text: Text) -> None:
        self.spoken.append(text)

    @property
    def is_done(self) -> bool:
        """Every step of the script was asked for."""
        return not self._steps

    def titles(self) -> list[str]:
        """Keys of the titles in the order in which they were shown, each run once."""
        keys = [screen.title.key for screen in self.seen]
        return [key for at, key in enumerate(keys) if at == 0 or keys[at - 1] != key]


def _describe(screen: Screen) -> str:
    body = getattr(screen, "body", None) or getattr(screen, "question", None)
    return f"{type(screen).__name__} {screen.title.key} {body}"
