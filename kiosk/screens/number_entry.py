"""A number on a pad of digits."""

from __future__ import annotations

from kiosk.screen_models.base import Action
from kiosk.screen_models.general import NumberEntry
from kiosk.screen_models.text import t
from kiosk.screens import tokens
from kiosk.screens.body import DONE, Body, load_kv, with_done
from kiosk.screens.kit.number_pad import CLEAR, DELETE, NumberPad
from kiosk.screens.kit.surface import Across
from kiosk.screens.kit.words import Words
from kiosk.ui import BACK

load_kv(__file__)


class NumberEntryBody(Body[NumberEntry]):
    shows = NumberEntry
    audience = tokens.Audience.STAFF
    owns_footer = True

    def built(self) -> None:
        self._digits = ""
        self._largest = 0
        self.part("pad", NumberPad).typed = self._type

    def draw(self, model: NumberEntry) -> None:
        self._largest = model.largest
        self._digits = "" if model.value is None else str(model.value)
        self.part("question", Words).text = self.say(model.question)
        self.part("unit", Words).text = "" if model.unit is None else self.say(model.unit)
        self.part("problem", Words).text = "" if model.problem is None else self.say(model.problem)
        self._draw_ways(model)
        self._draw_value()

    def _draw_ways(self, model: NumberEntry) -> None:
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
        elif int(self._digits + key) <= self._largest:
            self._digits = (self._digits + key).lstrip("0") or "0"
        self._draw_value()

    def _draw_value(self) -> None:
        line = self.part("value", Words)
        line.language = "en"
        line.text = f"{int(self._digits):,}" if self._digits else "–"
        self._done.disabled = not self._digits

    def value_of(self, action_id: str) -> str | int | None:
        return int(self._digits) if action_id == DONE.id else None
