"""Invented faces and prints, drawn: no real person's picture is needed to look at a screen."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from kiosk.screen_models.base import Picture, RawPicture

_WIDTH_PX, _HEIGHT_PX = 360, 450
_SMOOTHING = 2


@dataclass(frozen=True, slots=True)
class Face:
    """Colours of one drawn face. ``scarf`` covers the hair; ``beard`` for old men."""

    skin: str
    hair: str
    clothes: str
    scarf: str | None = None
    beard: str | None = None
    backdrop: str = "#D8E2E6"
    is_child: bool = False


MOTHER = Face("#B98158", "#2B1D16", "#8E3B46", scarf="#B5475A")
FATHER = Face("#A9714A", "#1E1613", "#35506B")
GRANDFATHER = Face("#AD7850", "#D9D6D0", "#E8E2D6", beard="#E3E0DA")
GIRL = Face("#BB855D", "#241812", "#D9A441", is_child=True)
BOY = Face("#B07A52", "#1B1411", "#4C8C6B", is_child=True)
OFFICER = Face("#B17B55", "#241A15", "#1F5A8C")


@lru_cache(maxsize=16)
def portrait(face: Face) -> Picture:
    """The face as a PNG portrait."""
    data = io.BytesIO()
    _draw(face).save(data, format="PNG")
    return Picture(data.getvalue(), "png")


@lru_cache(maxsize=16)
def live_frame(face: Face) -> RawPicture:
    """The face in the middle of a wide camera picture."""
    wide = Image.new("RGB", (800, 600), face.backdrop)
    drawn = _draw(face).resize((480, 600))
    wide.paste(drawn, (160, 0))
    wide = wide.filter(ImageFilter.GaussianBlur(1.2))
    return RawPicture(wide.tobytes(), wide.width, wide.height, "RGB")


class _Sketch:
    """Draws at twice the size, in units of the finished picture."""

    def __init__(self, backdrop: str) -> None:
        self.image = Image.new("RGB", (_WIDTH_PX * _SMOOTHING, _HEIGHT_PX * _SMOOTHING), backdrop)
        self._draw = ImageDraw.Draw(self.image)

    def oval(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self._draw.ellipse(self._box(x, y, width, height), fill=colour)

    def curve(self, x: float, y: float, width: float, height: float, angles: tuple[int, int], colour: str) -> None:
        self._draw.arc(self._box(x, y, width, height), *angles, fill=colour, width=5 * _SMOOTHING)

    def _box(self, x: float, y: float, width: float, height: float) -> list[float]:
        return [v * _SMOOTHING for v in (x - width / 2, y - height / 2, x + width / 2, y + height / 2)]

    def finished(self) -> Image.Image:
        return self.image.resize((_WIDTH_PX, _HEIGHT_PX), Image.Resampling.LANCZOS)


_MIDDLE = _WIDTH_PX / 2


def _draw(face: Face) -> Image.Image:
    sketch = _Sketch(face.backdrop)
    head = 140 if face.is_child else 148
    if face.scarf:
        sketch.oval(_MIDDLE, 225, 246, 300, face.scarf)
    else:
        sketch.oval(_MIDDLE, 184, head + 30, 190, face.hair)
    sketch.oval(_MIDDLE, 505, 330, 290, face.clothes)
    sketch.oval(_MIDDLE, 345, 72, 110, _darker(face.skin))
    if not face.scarf:
        for side in (-1, 1):
            sketch.oval(_MIDDLE + side * head / 2, 226, 26, 44, face.skin)
    sketch.oval(_MIDDLE, 224, head, 194, face.skin)
    _draw_hairline(sketch, face, head)
    if face.beard:
        sketch.oval(_MIDDLE, 290, head - 24, 92, face.beard)
        sketch.oval(_MIDDLE, 258, head - 66, 56, face.skin)
    _draw_features(sketch, face)
    return sketch.finished()


def _draw_hairline(sketch: _Sketch, face: Face, head: float) -> None:
    sketch.oval(_MIDDLE, 140, head - 14, 62, face.hair)
    sketch.oval(_MIDDLE, 184, head - 22, 100, face.skin)
    if face.scarf:
        sketch.curve(_MIDDLE, 226, head + 2, 204, (180, 360), face.scarf)


def _draw_features(sketch: _Sketch, face: Face) -> None:
    brow = face.beard or face.hair
    for side in (-1, 1):
        sketch.curve(_MIDDLE + side * 33, 204, 40, 30, (205, 335), brow)
        sketch.oval(_MIDDLE + side * 33, 216, 26, 17, "#F7F3EE")
        sketch.oval(_MIDDLE + side * 33, 216, 14, 15, "#2A1B14")
        sketch.oval(_MIDDLE + side * 36, 212, 5, 5, "#F7F3EE")
    sketch.curve(_MIDDLE, 244, 26, 20, (25, 155), _darker(face.skin))
    sketch.curve(_MIDDLE, 268, 54, 34, (25, 155), "#8C3F36")


def _darker(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) * 4 // 5 for i in (1, 3, 5))
    return f"#{red:02X}{green:02X}{blue:02X}"


@lru_cache(maxsize=2)
def fingerprint() -> RawPicture:
    """A whorl, by arithmetic."""
    height, width = 320, 280
    y, x = np.mgrid[0:height, 0:width].astype(float)
    dx, dy = (x - width / 2) / 1.05, (y - height * 0.46) / 1.25
    radius, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    ridges = np.sin(radius / 1.55 + 1.4 * angle + 0.9 * np.sin(y / 31) + 0.7 * np.sin(x / 23 + y / 47))
    inside = np.clip(1.35 - (dx / 112) ** 2 - (dy / 118) ** 2, 0, 1) ** 0.5
    grey = 235 - inside * (ridges > -0.1) * 165
    image = Image.fromarray(grey.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    return RawPicture(image.tobytes(), width, height, "L")
