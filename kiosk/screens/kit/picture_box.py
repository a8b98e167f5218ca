"""Photographs, live frames and printed papers inside a card."""

from __future__ import annotations

import io
import logging

from PIL import Image

from kiosk.screen_models.base import Picture, RawPicture
from kiosk.screens import tokens
from kiosk.screens.kit.surface import Card
from kiosk.screens.kit.words import Mark
from kiosk.screens.toolkit import BooleanProperty, Color, Line, Rectangle, StringProperty, Texture, centre_of

_log = logging.getLogger(__name__)

#: More pixels than any portrait, receipt or card face of ours; a picture that claims more is not decoded.
LARGEST_PIXELS = 8_000_000
#: Width of a filled box for its height, and the other way round.
_WIDEST_COVER, _TALLEST_COVER = 1.1, 1.4
_FORMATS = {"png": "PNG", "jpeg": "JPEG", "jpg": "JPEG", "jp2": "JPEG2000"}


def image_of_picture(picture: Picture) -> Image.Image | None:
    """The decoded picture, or None when it is not one: a broken portrait never stops a screen."""
    wanted = _FORMATS.get(picture.format.lower())
    if wanted is None:
        return None
    try:
        with Image.open(io.BytesIO(picture.data), formats=[wanted]) as image:
            if image.width * image.height > LARGEST_PIXELS:
                return None
            return image.convert("RGB")
    except (OSError, ValueError, SyntaxError):  # what Pillow raises for broken files
        _log.warning("a picture of %d bytes could not be decoded", len(picture.data))
        return None


def texture_of_picture(picture: Picture) -> Texture | None:
    image = image_of_picture(picture)
    return None if image is None else texture_of_image(image)


def texture_of_image(image: Image.Image) -> Texture:
    texture = Texture.create(size=image.size, colorfmt="rgb")
    texture.blit_buffer(image.convert("RGB").tobytes(), colorfmt="rgb", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


class PictureBox(Card):
    """A picture that keeps its shape: whole (``cover`` false) or filling the box; an icon while there is none."""

    cover = BooleanProperty(False)
    empty_icon = StringProperty("person")

    def __init__(self, **properties: object) -> None:
        self._texture: Texture | None = None
        self._live_key: tuple[int, int, str] | None = None
        super().__init__(**properties)
        self.mark = Mark(share=0.5, ink=tokens.CONTROL_LINE, icon=self.empty_icon)
        self.add_widget(self.mark)
        self.fbind("empty_icon", lambda *_: setattr(self.mark, "icon", self.empty_icon))
        self.fbind("pos", self._draw)
        self.fbind("size", self._draw)

    @property
    def has_picture(self) -> bool:
        return self._texture is not None

    def show(self, picture: Picture | None) -> None:
        self._live_key = None
        self._set(None if picture is None else texture_of_picture(picture))

    def show_image(self, image: Image.Image | None) -> None:
        self._live_key = None
        self._set(None if image is None else texture_of_image(image))

    def show_live(self, frame: RawPicture | None) -> None:
        """A frame from a device; the texture of the frame before is written over."""
        if frame is None:
            self._set(None)
            return
        key = (frame.width_px, frame.height_px, frame.mode)
        colorfmt = "luminance" if frame.mode == "L" else "rgb"
        if self._texture is None or self._live_key != key:
            texture = Texture.create(size=(frame.width_px, frame.height_px), colorfmt=colorfmt)
            texture.flip_vertical()
            texture.blit_buffer(frame.pixels, colorfmt=colorfmt, bufferfmt="ubyte")
            self._live_key = key
            self._set(texture)
        else:
            self._texture.blit_buffer(frame.pixels, colorfmt=colorfmt, bufferfmt="ubyte")
            self.canvas.ask_update()

    def _set(self, texture: Texture | None) -> None:
        self._texture = texture
        self.mark.opacity = 1.0 if texture is None else 0.0
        self._draw()

    def _draw(self, *_changed: object) -> None:
        canvas = self.canvas.after
        canvas.clear()
        texture = self._texture
        if texture is None or not texture.width or self.width < 2:
            return
        inset = tokens.mm(0.8)
        room = (self.width - 2 * inset, self.height - 2 * inset)
        if self.cover:
            # a face is not cut to a strip, however long the box is
            room = (min(room[0], room[1] * _WIDEST_COVER), min(room[1], room[0] * _TALLEST_COVER))
        scales = (room[0] / texture.width, room[1] / texture.height)
        scale = max(scales) if self.cover else min(scales)
        shown = (min(room[0], texture.width * scale), min(room[1], texture.height * scale))
        middle = centre_of(self)
        pos = (middle[0] - shown[0] / 2, middle[1] - shown[1] / 2)
        with canvas:
            Color(1, 1, 1, 1)
            if self.cover:
                part = (shown[0] / scale, shown[1] / scale)
                corner = ((texture.width - part[0]) / 2, (texture.height - part[1]) / 2)
                region = texture.get_region(*corner, *part)
                Rectangle(texture=region, pos=pos, size=shown)
            else:
                Rectangle(texture=texture, pos=pos, size=shown)
                Color(*tokens.rgba(tokens.LINE))
                Line(rectangle=(*pos, *shown), width=1)
