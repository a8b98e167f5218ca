"""A PIN on big digits: what was typed is never shown, spoken or kept."""

from __future__ import annotations

from kiosk.screen_models.base import Action
from kiosk.screen_models.general import PinEntry
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.body import DONE, Body, load_kv, with_done
from kiosk.screens.kit.number_pad import CLEAR, DELETE, NumberPad
from kiosk.screens.kit.surface import Across
from kiosk.screens.kit.words import Words
from kiosk.ui import BACK

load_kv(__file__)

_TYPED, _OPEN = "•", "–"


class PinEntryBody(Body[PinEntry]):
    shows = PinEntry
    owns_footer = True

    def built(self) -> None:
        self._digits = ""
        self._shortest = self._longest = 0
        self.part("pad", NumberPad).typed = self._type

    def owns_header(self) -> bool:
        """On a low panel the keys need the height: the question says enough."""
        return tokens.PANEL.is_short

    def draw(self, model: PinEntry) -> None:
        self._digits = ""
        self._shortest, self._longest = model.shortest, model.longest
        self.part("question", Words).text = self.say(model.question)
        self.part("problem", Words).text = "" if model.problem is None else self.say(model.problem)
        self._draw_ways(model)
        self._draw_value()

    def spoken(self, model: PinEntry) -> tuple[Text, ...]:
        return (model.speak or model.question,) if model.problem is None else (model.problem, model.question)

    def _draw_ways(self, model: PinEntry) -> None:
        ways = self.part("ways", Across)
        ways.clear_widgets()
        if model.has_back:
            ways.add_widget(self.cta(Action(BACK, t("action.back"), "back")))
        for action in with_done(model.actions):
            button = self.cta(action)
            if action.id == DONE.id:
                self._done = button
            ways.add_widget(button)

    def _type(self, key: str) -> None:
        if key == CLEAR:
            self._digits = ""
        elif key == DELETE:
            self._digits = self._digits[:-1]
        elif len(self._digits) < self._longest:
            self._digits += key
        self._draw_value()

    def _draw_value(self) -> None:
        line = self.part("value", Words)
        line.language = "en"
        line.text = " ".join(_TYPED * len(self._digits)) or _OPEN
        self._done.disabled = len(self._digits) < self._shortest

    def value_of(self, action_id: str) -> str | int | None:
        typed, self._digits = self._digits, ""
        return typed if action_id == DONE.id else None
