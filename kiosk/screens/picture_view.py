"""A receipt or a card face as it was printed."""

from __future__ import annotations

from kiosk.screen_models.general import PictureView
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.words import Words

load_kv(__file__)


class PictureViewBody(Body[PictureView]):
    shows = PictureView

    def draw(self, model: PictureView) -> None:
        note = self.part("note", Words)
        note.text = "" if model.note is None else self.say(model.note)
        note.height = tokens.text_mm(16) if note.text else 0
        self.part("picture", PictureBox).show(model.picture)
