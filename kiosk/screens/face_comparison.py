"""The photograph from the card beside the live face."""

from __future__ import annotations

from kiosk.screen_models.base import Picture
from kiosk.screen_models.people import FaceComparison
from kiosk.screen_models.text import t
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.check_list import draw_checks
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.surface import Down
from kiosk.screens.kit.words import Words

load_kv(__file__)

#: Two lines of words.
_ADVICE_MM = 15.0


class FaceComparisonBody(Body[FaceComparison]):
    shows = FaceComparison
    audience = tokens.Audience.STAFF

    def built(self) -> None:
        self._shown: Picture | None = None

    def draw(self, model: FaceComparison) -> None:
        self.part("person", Words).text = self.say(model.person)
        self.part("card_label", Words).text = self.say(t("face.on_card"))
        self.part("live_label", Words).text = self.say(t("face.now"))
        if model.from_card is not self._shown:
            self.part("card", PictureBox).show(model.from_card)
            self._shown = model.from_card
        self.part("live", PictureBox).show_live(model.frame)
        self._advise(model)

    def _advise(self, model: FaceComparison) -> None:
        """What a face model says, below both pictures; without one the pictures have the room."""
        column = self.part("advice", Down)
        if model.advice is None:
            column.height = 0
            column.clear_widgets()
            return
        column.height = tokens.text_mm(_ADVICE_MM)
        draw_checks(column, (model.advice,), self.say)
