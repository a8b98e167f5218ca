"""The surface of a card, in millimetres: background lines, band, texts, portrait, code."""

from __future__ import annotations

import io
import logging
import math
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from kiosk.icons import glyph
from kiosk.printing.sheet import qr_image
from kiosk.text_shaping import TextStyle, draw_lines, fit, font_of, is_right_to_left

_log = logging.getLogger(__name__)

#: ISO/IEC 7810, ID-1.
WIDTH_MM, HEIGHT_MM = 85.60, 53.98
_DPI, _MM_PER_INCH = 300, 25.4
_SMOOTHING = 3
_LARGEST_PORTRAIT_PIXELS = 8_000_000

Box = tuple[float, float, float, float]


def px(millimetres: float) -> int:
    return round(millimetres * _DPI / _MM_PER_INCH)


@dataclass(frozen=True, slots=True)
class Palette:
    """Main colour, paper, the fine lines on it, and the accent."""

    main: str
    paper: str
    lines: str
    accent: str
    ink: str = "#16211C"
    quiet: str = "#4F5853"


class CardCanvas:
    """Boxes are (left, top, width, height) in millimetres from the upper left corner."""

    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self._image = _background(palette)
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        return self._image

    def band(self, top_mm: float, height_mm: float) -> None:
        box = [0, px(top_mm), px(WIDTH_MM), px(top_mm + height_mm)]
        self._draw.rectangle(box, fill=self.palette.main)
        edge = px(top_mm + height_mm) if top_mm == 0 else px(top_mm) - px(0.55)
        self._draw.rectangle([0, edge, px(WIDTH_MM), edge + px(0.55)], fill=self.palette.accent)

    def text(
        self,
        text: str,
        box: Box,
        size_mm: float,
        *,
        bold: bool = False,
        ink: str | None = None,
        align: str = "",
        language: str = "en",
    ) -> None:
        """One or more lines inside the box, made smaller when they do not fit."""
        left, top, width, height = (px(v) for v in box)
        style = TextStyle(px(size_mm), bold, language)
        block = fit(text, width, height, style, px(size_mm * 0.6))
        side = align or ("right" if is_right_to_left(language) else "left")
        at = (left, top + max(0, (height - block.height_px) // 2))
        draw_lines(self._draw, block, at, width, side, ink or self.palette.ink)

    def icon(self, name: str, at: tuple[float, float], size_mm: float, ink: str) -> None:
        style = TextStyle(px(size_mm), is_icon=True)
        baseline = px(at[1]) + round(style.size_px * 0.875)
        self._draw.text((px(at[0]), baseline), glyph(name), font=font_of(style), fill=ink, anchor="ls")

    def box(self, box: Box) -> None:
        left, top, width, height = (px(v) for v in box)
        self._draw.rounded_rectangle(
            [left, top, left + width, top + height], radius=px(1.4), fill="#FFFFFF", outline=self.palette.main, width=3
        )

    def contactless(self, box: Box) -> None:
        """The place of the contacts: nothing but the sign of a contactless card."""
        left, top, width, height = (px(v) for v in box)
        size = min(width, height)
        middle = (left + width // 2 - size // 4, top + height // 2)
        for number in range(1, 5):
            radius = size * number // 7
            around = [middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius]
            self._draw.arc(around, -45, 45, fill=self.palette.main, width=px(0.75))

    def portrait(self, data: bytes | None, box: Box) -> None:
        left, top, width, height = (px(v) for v in box)
        picture = None if data is None else _decode(data)
        frame = [left - 4, top - 4, left + width + 3, top + height + 3]
        self._draw.rounded_rectangle(frame, radius=px(1.6), fill="#FFFFFF", outline=self.palette.main, width=3)
        if picture is None:
            size_mm = box[2] * 0.6
            self.icon(
                "person", (box[0] + box[2] * 0.2, box[1] + box[3] * 0.5 - size_mm / 2), size_mm, self.palette.lines
            )
            return
        fitted = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
        self._image.paste(fitted, (left, top), _rounded(width, height, px(1.3)))

    def qr(self, content: str, box: Box) -> None:
        left, top, width, height = (px(v) for v in box)
        code = qr_image(content, min(width, height))
        around = [left, top, left + width, top + height]
        self._draw.rounded_rectangle(around, radius=px(1.4), fill="#FFFFFF")
        at = (left + (width - code.width) // 2, top + (height - code.height) // 2)
        self._image.paste(code.convert("RGB"), at)


def _decode(data: bytes) -> Image.Image | None:
    """The portrait, or None when it is not one: a card without a face is still a card."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "JPEG2000"]) as picture:
            if picture.width * picture.height > _LARGEST_PORTRAIT_PIXELS:
                return None
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError):
        _log.warning("a portrait of %d bytes could not be decoded", len(data))
        return None


def _rounded(width: int, height: int, radius: int) -> Image.Image:
    mask = Image.new("L", (width * _SMOOTHING, height * _SMOOTHING), 0)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, *(s - 1 for s in mask.size)], radius * _SMOOTHING, fill=255)
    return mask.resize((width, height), Image.Resampling.LANCZOS)


def _background(palette: Palette) -> Image.Image:
    """Paper with fine waves, as on bank notes: copies on an office printer lose them."""
    size = (px(WIDTH_MM) * 2, px(HEIGHT_MM) * 2)
    image = Image.new("RGB", size, palette.paper)
    draw = ImageDraw.Draw(image)
    for number in range(34):
        phase = number * 0.31
        points = [(x, _wave(x / size[0], phase, number, size[1])) for x in range(0, size[0] + 8, 8)]
        draw.line(points, fill=palette.lines, width=2)
    return image.resize((px(WIDTH_MM), px(HEIGHT_MM)), Image.Resampling.LANCZOS)


def _wave(share: float, phase: float, number: int, height: int) -> float:
    swing = math.sin(share * 5.1 + phase) * 0.10 + math.sin(share * 11.7 - phase * 1.7) * 0.035
    return height * (number / 33 * 1.2 - 0.1 + swing)
