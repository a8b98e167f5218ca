"""One line of text on our own keys."""

from __future__ import annotations

from kiosk.screen_models.base import Action
from kiosk.screen_models.general import TextEntry
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.body import DONE, Body, load_kv, with_done
from kiosk.screens.kit.key_grid import KeyGrid
from kiosk.screens.kit.surface import Across
from kiosk.screens.kit.words import Words
from kiosk.ui import BACK

load_kv(__file__)

LONGEST_TEXT = 80
CARET = "|"
_LANGUAGE_OF_SCRIPT = {"Latn": "en", "Deva": "hi", "Arab": "ur"}


class TextEntryBody(Body[TextEntry]):
    shows = TextEntry
    audience = tokens.Audience.STAFF
    owns_footer = True

    def built(self) -> None:
        self._text = ""
        self._script = "Latn"
        self.part("keys", KeyGrid).typed = self._type

    def owns_header(self) -> bool:
        """On a low panel every row is needed for keys; the question stands in the field then."""
        return tokens.PANEL.is_short

    def heading(self, model: TextEntry) -> Text:
        return model.question

    def draw(self, model: TextEntry) -> None:
        self._text, self._script = model.value, model.script
        asked, problem = self.part("asked", Words), self.part("problem", Words)
        asked.text = self.say(model.question) if self.owns_header() else ""
        asked.size_hint_y = 0.55 if self.owns_header() else 0.001
        problem.text = "" if model.problem is None else self.say(model.problem)
        problem.height = 0 if model.problem is None else tokens.mm(8)
        self._draw_ways(model)
        self._draw_text()

    def _draw_ways(self, model: TextEntry) -> None:
        ways = self.part("ways", Across)
        ways.clear_widgets()
        buttons = [self.cta(Action(BACK, t("action.back"), "back"))] if model.has_back else []
        for action in with_done(model.actions):
            button = self.cta(action)
            if action.id == DONE.id:
                self._done = button
            buttons.append(button)
        for button in buttons:
            button.size_hint_x = None
            button.width = max(tokens.mm(15), button.natural_width())
            ways.add_widget(button)
        ways.width = sum(b.width for b in buttons) + ways.spacing * (len(buttons) - 1)

    def _type(self, typed: str | None) -> None:
        """Delete takes one code point: a wrong vowel sign can be corrected without its consonant."""
        if typed is None:
            self._text = self._text[:-1]
        elif len(self._text) + len(typed) <= LONGEST_TEXT:
            self._text = (self._text + typed).lstrip()
        self._draw_text()

    def _draw_text(self) -> None:
        line = self.part("value", Words)
        line.language = _LANGUAGE_OF_SCRIPT.get(self._script, "en")
        line.text = self._text + CARET
        self._done.disabled = not self._text.strip()
        starts_word = not self._text or self._text.endswith((" ", "-", "."))
        self.part("keys", KeyGrid).show(self._script, is_shifted=starts_word)

    def value_of(self, action_id: str) -> str | int | None:
        return " ".join(self._text.split()) if action_id == DONE.id else None
