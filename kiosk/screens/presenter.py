"""``KivyUi``: shows screen models in the window, waits for touches, speaks, and asks whether anybody is still there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from kiosk.i18n.phrasebook import Phrasebook
from kiosk.screen_models.base import Screen
from kiosk.screen_models.general import Attract
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.frame import Frame
from kiosk.screens.kit.overlays import HelperCalled, StillThere
from kiosk.screens.registry import body_for
from kiosk.screens.toolkit import ClockEvent, every
from kiosk.text_shaping import forget_drawn_text
from kiosk.ui import TIMEOUT, Answer

_WATCH_S = 0.25
#: Screens that close themselves sooner than this are messages; nobody is asked whether they are still there.
_SHORTEST_WARNED_S = 30.0


class Voice(Protocol):
    """What speaks. ``say`` returns at once; a new sentence takes the place of the one before."""

    def say(self, sentences: Sequence[Text], language: str) -> None: ...

    def chime(self) -> None:
        """The sound that calls the helper."""
        ...


class SilentVoice:
    """No voice: tests, and desks without sound."""

    def say(self, sentences: Sequence[Text], language: str) -> None: ...

    def chime(self) -> None: ...


class KivyUi:
    """The ``Ui`` of the kiosk window. Lives on the event loop that Kivy runs on."""

    def __init__(self, language: str, voice: Voice, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._language = language
        self._voice = voice
        self._clock = clock
        self._model: Screen | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        #: How often a flow has waited for an answer; a pilot touches once for each.
        self.waits = 0
        self._pending: Answer | None = None
        self._last_touch_s = clock()
        self._watch: ClockEvent | None = None
        tokens.PANEL.language = language
        self.frame = Frame(self._reply, self._replay, self._call_helper)
        self.frame.touched = self._note_touch

    @property
    def language(self) -> str:
        return self._language

    @property
    def is_waiting(self) -> bool:
        """A flow waits for somebody to touch."""
        return self._waiter is not None and not self._waiter.done()

    @property
    def model(self) -> Screen | None:
        """The screen shown now."""
        return self._model

    def set_language(self, code: str) -> None:
        self._language = code
        tokens.PANEL.language = code
        if self._model is not None:
            self._draw(self._model)

    def start_watching(self) -> None:
        """Begin to look for time-outs; needs Kivy's clock to run."""
        self._watch = every(self.watch, _WATCH_S)

    def show(self, screen: Screen) -> None:
        is_new = self._model is None or type(screen) is not type(self._model) or screen.title != self._model.title
        said_before = None if self._model is None else self._model.speak
        if is_new:
            self._begin(screen)
        self._model = screen
        self._draw(screen)
        if is_new or (screen.speak is not None and screen.speak != said_before):
            self._say_screen(screen)

    def _begin(self, screen: Screen) -> None:
        """A new question: old answers are void, the person has the whole time again."""
        self._pending = None
        self._last_touch_s = self._clock()
        self.frame.lay_over(None)
        self.frame.guard()
        if isinstance(screen, Attract):
            forget_drawn_text()

    def _draw(self, screen: Screen) -> None:
        self.frame.show(screen, body_for(screen), Phrasebook(self._language))

    async def ask(self, screen: Screen) -> Answer:
        self._begin(screen)
        self.show(screen)
        return await self.answer()

    async def answer(self) -> Answer:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            return pending
        waiter: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiter = waiter
        self.waits += 1
        try:
            return await waiter
        finally:
            if self._waiter is waiter:
                self._waiter = None

    def speak(self, text: Text) -> None:
        self._voice.say((text,), self._language)

    def _say_screen(self, screen: Screen) -> None:
        if screen.speak is not None:
            self._voice.say((screen.speak,), self._language)

    def _replay(self) -> None:
        """The speaker button: read the whole screen."""
        if self._model is not None and self.frame.body is not None:
            self._voice.say(self.frame.body.spoken(self._model), self._language)

    def _reply(self, action: str, value: str | int | None) -> None:
        self.frame.guard()
        self._answer_with(Answer(action, value))

    def _answer_with(self, answer: Answer) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)
        else:
            self._pending = answer

    def _call_helper(self) -> None:
        """A chime, and a sheet that says so until it is touched away."""
        sheet = HelperCalled()
        sheet.sentence.text = self._text(t("help.called"))
        sheet.button.text = self._text(t("action.close"))
        sheet.button.choose = lambda: self.frame.lay_over(None)
        self.frame.lay_over(sheet)
        self._voice.chime()
        self._voice.say((t("help.called"),), self._language)

    def _text(self, text: Text) -> str:
        return Phrasebook(self._language).text(text)

    def _note_touch(self) -> None:
        self._last_touch_s = self._clock()
        if isinstance(self.frame.overlay, StillThere):
            self.frame.lay_over(None)
            self.frame.guard()

    def watch(self) -> None:
        """Look at the clock: warn, then answer ``timeout``."""
        model = self._model
        if model is None or model.timeout_s is None:
            return
        left_s = model.timeout_s - (self._clock() - self._last_touch_s)
        if left_s <= 0:
            self._time_out()
        elif model.timeout_s >= _SHORTEST_WARNED_S and left_s <= tokens.WARN_BEFORE_S:
            self._warn(left_s / tokens.WARN_BEFORE_S)

    def _warn(self, share_left: float) -> None:
        sheet = self.frame.overlay
        if not isinstance(sheet, StillThere):
            sheet = StillThere()
            sheet.sentence.text = self._text(t("timeout.still_there"))
            sheet.button.text = self._text(t("timeout.still_here"))
            self.frame.lay_over(sheet)
            self._voice.say((t("timeout.still_there"),), self._language)
        sheet.ring.share = share_left

    def _time_out(self) -> None:
        """Once for each stretch of silence; the flow decides what it means."""
        self._last_touch_s = self._clock()
        self.frame.lay_over(None)
        self._answer_with(Answer(TIMEOUT))
