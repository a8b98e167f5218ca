"""One message, one picture, one colour."""

from __future__ import annotations

from kiosk.screen_models.general import Mood, Notice
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.surface import Card
from kiosk.screens.kit.words import Mark, Words

load_kv(__file__)

#: Surface and ink of each mood.
_LOOKS = {
    Mood.WAIT: (tokens.SOFT, tokens.PRIMARY),
    Mood.INFO: (tokens.INFO_SOFT, tokens.INFO),
    Mood.SUCCESS: (tokens.OK_SOFT, tokens.OK),
    Mood.WARNING: (tokens.WARNING_SOFT, tokens.WARNING),
    Mood.REFUSED: (tokens.DANGER_SOFT, tokens.DANGER),
    Mood.PROBLEM: (tokens.WARNING_SOFT, tokens.WARNING),
}


_REFERENCE_MM = 20.0


class NoticeBody(Body[Notice]):
    shows = Notice

    def draw(self, model: Notice) -> None:
        surface, ink = _LOOKS[model.mood]
        self.part("sheet", Card).fill = surface
        mark = self.part("mark", Mark)
        mark.icon, mark.ink = model.icon, ink
        self.part("message", Words).text = self.say(model.body)
        self._draw_reference(model.reference)

    def _draw_reference(self, reference: str | None) -> None:
        card, line = self.part("reference_card", Card), self.part("reference", Words)
        card.opacity = 0.0 if reference is None else 1.0
        card.height = 0 if reference is None else tokens.text_mm(_REFERENCE_MM)
        line.language = "en"
        line.text = reference or ""
