"""A receipt or a card face as it was printed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PIL import Image

from kiosk.screen_models.base import Picture
from kiosk.screen_models.general import PictureView
from kiosk.screens import tokens
from kiosk.screens.body import Body, load_kv
from kiosk.screens.kit.picture_box import PictureBox, image_of_picture
from kiosk.screens.kit.surface import Across
from kiosk.screens.kit.words import Words

load_kv(__file__)

#: A strip of paper this many times as high as wide is shown in pieces beside one another, to be read.
_TALL = 1.3
_MOST_PIECES = 3
#: The cut is made at the palest row within this share of the height around the even place.
_CUT_PLAY = 0.12


class PictureViewBody(Body[PictureView]):
    shows = PictureView

    def built(self) -> None:
        self._shown: Picture | None = None

    def draw(self, model: PictureView) -> None:
        note = self.part("note", Words)
        note.text = "" if model.note is None else self.say(model.note)
        note.height = tokens.text_mm(16) if note.text else 0
        if model.picture is not self._shown:
            self._shown = model.picture
            self._draw_picture(image_of_picture(model.picture))

    def _draw_picture(self, image: Image.Image | None) -> None:
        row = self.part("pieces", Across)
        row.clear_widgets()
        for piece in [None] if image is None else cut_in_pieces(image, _piece_count(image)):
            box = PictureBox(edge="", fill="", empty_icon="receipt")
            box.show_image(piece)
            row.add_widget(box)


def _piece_count(image: Image.Image) -> int:
    if tokens.PANEL.is_portrait or image.height < image.width * _TALL:
        return 1
    return min(_MOST_PIECES, max(2, round(image.height / image.width)))


def cut_in_pieces(image: Image.Image, count: int) -> list[Image.Image]:
    """The picture cut across into so many pieces, between lines of writing where it can be."""
    inked = (np.asarray(image.convert("L")) < 128).sum(axis=1)
    play = int(image.height * _CUT_PLAY)
    cuts = [0]
    for number in range(1, count):
        even = image.height * number // count
        low, high = max(cuts[-1] + 1, even - play), min(image.height - 1, even + play)
        # of the rows with the least ink, the one nearest to the even place
        cuts.append(min(range(low, high), key=lambda y: (int(inked[y]), abs(y - even))))
    cuts.append(image.height)
    return [image.crop((0, top, image.width, bottom)) for top, bottom in pairwise(cuts)]
