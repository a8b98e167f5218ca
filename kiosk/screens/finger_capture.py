"""Place this finger: the hand, the live print, the quality, and one hint."""

from __future__ import annotations

from kiosk.screen_models.people import FingerCapture, FingerPhase
from kiosk.screen_models.text import Text, t
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.hand_picture import HandPicture
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.progress import QualityBar
from kiosk.screens.kit.surface import Across
from kiosk.screens.kit.words import Mark, Words

load_kv(__file__)

#: Sign and colour of each phase.
_PHASES = {
    FingerPhase.WAITING: ("finger", tokens.PRIMARY),
    FingerPhase.READING: ("wait", tokens.PRIMARY),
    FingerPhase.GOOD: ("check_circle", tokens.OK),
    FingerPhase.TRY_AGAIN: ("retry", tokens.WARNING),
}


class FingerCaptureBody(Body[FingerCapture]):
    shows = FingerCapture

    def draw(self, model: FingerCapture) -> None:
        icon, colour = _PHASES[model.phase]
        self.part("hand", HandPicture).show(model.position, model.done, colour)
        self.part("person", Words).text = self.say(model.person)
        self.part("finger", Words).text = self.say(_finger_name(model))
        sign, word = self.part("sign", Mark), self.part("word", Words)
        sign.icon, sign.ink, word.ink = icon, colour, colour
        word.text = self.say(t(f"finger.phase.{model.phase}"))
        self._draw_preview(model, colour)
        self.part("quality", QualityBar).quality = -1 if model.quality is None else model.quality
        self.part("hint", Words).text = "" if model.hint is None else self.say(model.hint)
        self._draw_attempts(model)

    def _draw_preview(self, model: FingerCapture, colour: str) -> None:
        preview = self.part("preview", PictureBox)
        preview.show_live(model.preview)
        preview.edge, preview.edge_mm = colour, tokens.MARK_STROKE_MM
        preview.mark.ink = tokens.LINE

    def _draw_attempts(self, model: FingerCapture) -> None:
        """A pill for each try: used up, now, left."""
        row = self.part("attempts", Across)
        if len(row.children) != model.tries:
            row.clear_widgets()
            row.width = tokens.mm(7.6) * model.tries
            for _ in range(model.tries):
                row.add_widget(Mark(share=0.9))
        marks = [child for child in reversed(row.children) if isinstance(child, Mark)]
        for number, mark in enumerate(marks, start=1):
            mark.icon = "circle" if number < model.attempt else "half" if number == model.attempt else "circle_outline"
            mark.ink = tokens.PRIMARY if number == model.attempt else tokens.CONTROL_LINE

    def spoken(self, model: FingerCapture) -> tuple[Text, ...]:
        return super().spoken(model) + (() if model.hint is None else (model.hint,))


def _finger_name(model: FingerCapture) -> Text:
    return t(f"finger.{model.position.name.lower()}")
