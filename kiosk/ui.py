"""What a flow may ask of the screen. Flows decide, screens draw: a flow runs the same with a window or without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kiosk.screen_models.base import Screen
from kiosk.screen_models.text import Text


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person did: the id of the touched action, and the value for screens that collect one.

    Every screen may also answer ``back`` (the way back) and ``timeout`` (nobody touched it in time).
    """

    action: str
    value: str | int | None = None


BACK = "back"
TIMEOUT = "timeout"


class Ui(Protocol):
    """Screen and voice. Calls are made on the event loop and return at once; only ``ask`` waits."""

    @property
    def language(self) -> str:
        """Language code of everything shown and spoken now, e.g. ``hi``."""
        ...

    def set_language(self, code: str) -> None: ...

    def show(self, screen: Screen) -> None:
        """Draw the screen. The same class again only updates what changed (a live preview, a quality bar)."""
        ...

    async def ask(self, screen: Screen) -> Answer:
        """Draw the screen and wait for the person's answer. Cancelling is safe at any moment."""
        ...

    async def answer(self) -> Answer:
        """Wait for an answer to the screen shown now, whichever ``show`` drew it last."""
        ...

    def speak(self, text: Text) -> None:
        """Say it in the person's language; says nothing where there is no sound."""
        ...
