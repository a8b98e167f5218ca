"""A long piece of work, step by step."""

from __future__ import annotations

from kiosk.screen_models.base import Picture
from kiosk.screen_models.general import Steps
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.progress import Bar, MarkedLine
from kiosk.screens.kit.surface import Across, Down
from kiosk.screens.kit.words import Words

load_kv(__file__)


class StepsBody(Body[Steps]):
    shows = Steps

    def built(self) -> None:
        self._lines: list[MarkedLine] = []
        self._picture = PictureBox(size_hint_x=0.6, edge="", fill="")
        self._shown: Picture | None = None

    def draw(self, model: Steps) -> None:
        self._match_lines(len(model.steps))
        for line, step in zip(self._lines, model.steps, strict=True):
            line.show_step(self.say(step.text), step.state)
        self.part("bar", Bar).share = model.share_done
        note = self.part("note", Words)
        note.text = "" if model.note is None else self.say(model.note)
        note.height = tokens.text_mm(10) if note.text else 0
        self._draw_picture(model.picture)

    def _draw_picture(self, picture: Picture | None) -> None:
        upper = self.part("upper", Across)
        if picture is None and self._picture.parent is not None:
            upper.remove_widget(self._picture)
        if picture is not None and self._picture.parent is None:
            upper.add_widget(self._picture)
        if picture is not None and picture is not self._shown:
            self._picture.show(picture)
        self._shown = picture

    def _match_lines(self, count: int) -> None:
        if len(self._lines) == count:
            return
        column = self.part("lines", Down)
        column.clear_widgets()
        self._lines = [MarkedLine() for _ in range(count)]
        for line in self._lines:
            column.add_widget(line)
