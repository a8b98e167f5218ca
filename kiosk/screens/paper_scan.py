"""What the camera sees while a paper is held before it."""

from __future__ import annotations

from kiosk.screen_models.people import PaperScan
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.words import Words

load_kv(__file__)


class PaperScanBody(Body[PaperScan]):
    shows = PaperScan

    def draw(self, model: PaperScan) -> None:
        self.part("live", PictureBox).show_live(model.frame)
        self.part("hint", Words).text = self.say(model.hint)
