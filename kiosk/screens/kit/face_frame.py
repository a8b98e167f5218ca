"""The live picture of a face with the oval that it should fill."""

from __future__ import annotations

from kiosk.screens import tokens
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.toolkit import BooleanProperty, Color, Line, centre_of

#: Head in the middle of the frame: width and height of the oval as shares of the picture's height.
_OVAL = (0.50, 0.68)


class FaceFrame(PictureBox):
    """``is_guided`` draws the oval; a picture already taken has none."""

    is_guided = BooleanProperty(True)
    is_good = BooleanProperty(False)

    def __init__(self, **properties: object) -> None:
        super().__init__(**properties)
        self.fbind("is_guided", self._draw)
        self.fbind("is_good", self._draw)

    def _draw(self, *changed: object) -> None:
        super()._draw(*changed)
        if not self.is_guided or not self.has_picture:
            return
        width, height = self.height * _OVAL[0], self.height * _OVAL[1]
        colour = tokens.OK if self.is_good else tokens.ON_COLOUR
        with self.canvas.after:
            Color(*tokens.rgba(tokens.SHADE, 0.35))
            self._oval(width, height, tokens.mm(1.1))
            Color(*tokens.rgba(colour))
            self._oval(width, height, tokens.mm(0.7))

    def _oval(self, width: float, height: float, stroke: float) -> None:
        middle = centre_of(self)
        x, y = middle[0] - width / 2, middle[1] - height * 0.47
        Line(ellipse=(x, y, width, height), width=stroke)
