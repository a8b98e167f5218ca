"""Text and icons on the screen, drawn by ``kiosk.text_shaping``; they fill the room that the layout gives them."""

from __future__ import annotations

from PIL import Image

from kiosk.icons import glyph
from kiosk.screens import tokens
from kiosk.screens.toolkit import (
    BooleanProperty,
    Color,
    NumericProperty,
    Rectangle,
    StringProperty,
    Texture,
    Widget,
    centre_of,
    later,
)
from kiosk.text_shaping import TextBlock, TextStyle, draw_block, fit, is_right_to_left, pad_px

_START_END = {False: {"start": "left", "end": "right"}, True: {"start": "right", "end": "left"}}
#: Icons that point: they turn round where reading runs from right to left.
_TURNED = {"back": "next", "next": "back", "left": "right", "right": "left", "delete": "delete"}


def texture_of_mask(mask: Image.Image) -> Texture:
    """White with the mask as alpha, to be tinted by a Color."""
    white = Image.new("L", mask.size, 255)
    texture = Texture.create(size=mask.size, colorfmt="luminance_alpha")
    data = Image.merge("LA", (white, mask)).tobytes()
    texture.blit_buffer(data, colorfmt="luminance_alpha", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


class Words(Widget):
    """A sentence. Shrinks down to ``tokens.SMALLEST_SHARE`` to fit; the lint reads ``block`` to see what happened."""

    text = StringProperty("")
    role = StringProperty("body")
    bold = BooleanProperty(False)
    ink = StringProperty(tokens.INK)
    align = StringProperty("start")
    #: top, middle or bottom of the room
    rise = StringProperty("middle")
    #: Language of this text when it is not the screen's.
    language = StringProperty("")
    #: The height follows the text, for lists of sentences.
    hug = BooleanProperty(False)

    def __init__(self, **properties: object) -> None:
        self.block: TextBlock | None = None
        self._due = False
        super().__init__(**properties)
        if self.hug:
            self.size_hint_y = None
        with self.canvas:
            self._colour = Color()
            self._box = Rectangle(size=(0, 0))
        for name in ("text", "role", "bold", "ink", "align", "rise", "language", "size"):
            self.fbind(name, self._mark_due)
        self.fbind("pos", self._place)
        self._mark_due()

    @property
    def nominal_px(self) -> int:
        return tokens.type_px(self.role)

    def style(self) -> TextStyle:
        return TextStyle(self.nominal_px, self.bold, self.language or tokens.PANEL.language)

    def height_for(self, width: float) -> int:
        """How high the whole text is at its full size."""
        return fit(self.text, max(1, int(width)), 1_000_000, self.style(), self._smallest()).height_px

    def _smallest(self) -> int:
        return max(1, round(self.nominal_px * tokens.SMALLEST_SHARE))

    def _mark_due(self, *_changed: object) -> None:
        if not self._due:
            self._due = True
            later(self.redraw, -1)

    def redraw(self) -> None:
        """Draw now; normally this comes once before the next frame, after layout."""
        self._due = False
        width = int(self.width)
        if not self.text or width < 2 or self.height < 2:
            self.block = None
            self._box.size = (0, 0)
            if self.hug and not self.text:
                self.height = 0
            elif self.hug and width >= 2 and self.height < 2:
                self.height = self.height_for(width)
            return
        if self.hug:
            self.height = self.height_for(width)
        self.block = fit(self.text, width, int(self.height) + 1, self.style(), self._smallest())
        sides = _START_END[is_right_to_left(tokens.PANEL.language)]
        mask = draw_block(self.block, width, sides.get(self.align, "center"))
        self._colour.rgba = tokens.rgba(self.ink)
        self._box.texture = texture_of_mask(mask)
        self._box.size = mask.size
        self._place()

    def _place(self, *_changed: object) -> None:
        if self.block is None:
            return
        pad = pad_px(self.block.style)
        slack = self.height - self.block.height_px
        rise = {"top": slack, "middle": slack / 2, "bottom": 0.0}[self.rise]
        self._box.pos = (round(self.x) - pad, round(self.y + rise) - pad)


class Mark(Widget):
    """An icon, as large as its room times ``share``."""

    icon = StringProperty("")
    ink = StringProperty(tokens.INK)
    share = NumericProperty(1.0)

    def __init__(self, **properties: object) -> None:
        self._due = False
        super().__init__(**properties)
        with self.canvas:
            self._colour = Color()
            self._box = Rectangle(size=(0, 0))
        for name in ("icon", "ink", "share", "size"):
            self.fbind(name, self._mark_due)
        self.fbind("pos", self._place)
        self._mark_due()

    def _mark_due(self, *_changed: object) -> None:
        if not self._due:
            self._due = True
            later(self.redraw, -1)

    def redraw(self) -> None:
        self._due = False
        size_px = int(min(self.width, self.height) * self.share)
        if not self.icon or size_px < 4:
            self._box.size = (0, 0)
            return
        name = _TURNED.get(self.icon, self.icon) if tokens.PANEL.is_right_to_left else self.icon
        style = TextStyle(size_px, is_icon=True)
        block = fit(glyph(name), size_px * 2, size_px * 2, style, size_px)
        mask = draw_block(block, size_px, "center")
        self._colour.rgba = tokens.rgba(self.ink)
        self._box.texture = texture_of_mask(mask)
        self._box.size = mask.size
        self._place()

    def _place(self, *_changed: object) -> None:
        width, height = self._box.size
        x, y = centre_of(self)
        self._box.pos = (round(x - width / 2), round(y - height / 2))
