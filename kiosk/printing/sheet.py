"""A roll of paper that grows downwards as it is written on."""

from __future__ import annotations

import segno
from PIL import Image, ImageDraw

from kiosk.icons import glyph
from kiosk.text_shaping import TextStyle, draw_lines, fit, font_of, is_right_to_left, lay_out, text_width

INK, PAPER = 0, 255


class Sheet:
    """Writes in one language at one width; ``cut`` gives the picture as high as what was written."""

    def __init__(self, width_px: int, margin_px: int, language: str, longest_px: int = 6000) -> None:
        self._image = Image.new("L", (width_px, longest_px), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._width, self._margin, self._language = width_px, margin_px, language
        self.y = margin_px

    @property
    def inner_px(self) -> int:
        return self._width - 2 * self._margin

    def style(self, size_px: int, *, bold: bool = False) -> TextStyle:
        return TextStyle(size_px, bold, self._language)

    def space(self, height_px: int) -> None:
        self.y += height_px

    def write(self, text: str, size_px: int, *, bold: bool = False, align: str = "center", ink: int = INK) -> None:
        """A paragraph over the whole width; ``align`` is start, center or end."""
        block = lay_out(text, self.inner_px, self.style(size_px, bold=bold))
        draw_lines(self._draw, block, (self._margin, self.y), self.inner_px, self._side(align), ink)
        self.y += block.height_px

    def icon(self, name: str, size_px: int, *, ink: int = INK) -> None:
        style = TextStyle(size_px, is_icon=True)
        x = (self._width - text_width(glyph(name), style)) // 2
        at = (x, self.y + round(size_px * 0.875))
        self._draw.text(at, glyph(name), font=font_of(style), fill=ink, anchor="ls")
        self.y += size_px

    def pair(self, label: str, value: str, size_px: int) -> None:
        """A label at the start and its value at the end; below one another when both do not fit in a line."""
        plain, strong = self.style(size_px), self.style(size_px, bold=True)
        gap = size_px
        if text_width(label, plain) + gap + text_width(value, strong) <= self.inner_px:
            left, right = lay_out(label, None, plain), lay_out(value, None, strong)
            line_px = max(left.line_px, right.line_px)
            for block, align in ((left, "start"), (right, "end")):
                at = (self._margin, self.y + max(left.ascent_px, right.ascent_px) - block.ascent_px)
                draw_lines(self._draw, block, at, self.inner_px, self._side(align), INK)
            self.y += line_px
        else:
            self.write(label, size_px, align="start")
            self.write(value, size_px, bold=True, align="start")

    def rule(self, *, dashed: bool = True) -> None:
        step = 14 if dashed else self.inner_px
        for x in range(self._margin, self._width - self._margin, step):
            end = min(x + (8 if dashed else step), self._width - self._margin)
            self._draw.line([(x, self.y), (end, self.y)], fill=INK, width=3)
        self.y += 3

    def boxed(self, text: str, size_px: int) -> None:
        """A number to keep, in a frame, always from left to right."""
        style = TextStyle(size_px, bold=True)
        block = fit(text, self.inner_px - 40, size_px * 3, style, size_px // 2)
        height = block.height_px + 24
        box = [self._margin, self.y, self._width - self._margin, self.y + height]
        self._draw.rounded_rectangle(box, radius=14, outline=INK, width=4)
        draw_lines(self._draw, block, (self._margin + 20, self.y + 12), self.inner_px - 40, "center", INK)
        self.y += height

    def band(self, text: str, size_px: int) -> None:
        """White words on black."""
        block = fit(text, self.inner_px - 24, size_px * 3, self.style(size_px, bold=True), size_px // 2)
        height = block.height_px + 16
        box = [self._margin, self.y, self._width - self._margin, self.y + height]
        self._draw.rounded_rectangle(box, radius=12, fill=INK)
        draw_lines(self._draw, block, (self._margin + 12, self.y + 8), self.inner_px - 24, "center", PAPER)
        self.y += height

    def qr(self, content: str, largest_px: int) -> None:
        code = qr_image(content, largest_px)
        self._image.paste(code, ((self._width - code.width) // 2, self.y))
        self.y += code.height

    def cut(self) -> Image.Image:
        return self._image.crop((0, 0, self._width, self.y + self._margin))

    def _side(self, align: str) -> str:
        sides = {"start": "left", "end": "right"}
        if is_right_to_left(self._language):
            sides = {"start": "right", "end": "left"}
        return sides.get(align, "center")


def qr_image(content: str, largest_px: int) -> Image.Image:
    """The code with its quiet zone, in whole pixels a module, no larger than asked (ISO/IEC 18004)."""
    code = segno.make_qr(content, error="l", boost_error=True)
    rows = [list(row) for row in code.matrix_iter(scale=1, border=4)]
    side = len(rows)
    image = Image.new("L", (side, side), PAPER)
    image.putdata([INK if dark else PAPER for row in rows for dark in row])
    scale = max(1, largest_px // side)
    return image.resize((side * scale, side * scale), Image.Resampling.NEAREST)
