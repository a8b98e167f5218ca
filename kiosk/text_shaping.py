"""Shaped text: measured, wrapped and drawn as every script needs it. Screens, receipts and card faces share it.

Pillow draws through raqm (HarfBuzz and FriBidi). Without FriBidi it falls back to letters one by one, silently, and
every Indic and Arabic word is broken: ``check_shaping`` refuses to start then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import regex  # type: ignore[import-untyped]
from PIL import Image, ImageDraw, ImageFont, features

from domain.errors import ProjectError

FONT_DIR = Path(__file__).parent / "assets" / "fonts"
_REGULAR, _BOLD, _ICONS = "SingleWindowSans-Regular.ttf", "SingleWindowSans-Bold.ttf", "Icons.ttf"

RIGHT_TO_LEFT = frozenset({"ar", "fa", "ur"})

_BREAK = regex.compile(r"(?<=[ \u200b])")
_TRAILING = " \u200b"
_ISOLATE_OPENERS, _ISOLATE_END = "\u2066\u2067\u2068", "\u2069"
_ARABIC = regex.compile(r"\p{Arabic}")
_DEVANAGARI = regex.compile(r"\p{Devanagari}")
ELLIPSIS = "…"


class TextShapingUnavailable(ProjectError):
    code = "kiosk.text_shaping_unavailable"
    message_key = "error.text_shaping_unavailable"


def check_shaping() -> None:
    """Raise TextShapingUnavailable, naming what to install, when text would be drawn broken."""
    missing = [name for name in ("raqm", "fribidi", "harfbuzz") if not features.check(name)]
    if missing:
        raise TextShapingUnavailable(
            f"text shaping is unavailable, missing: {', '.join(missing)}. Install the system package libfribidi0 "
            "and Pillow 12 or newer from its wheel."
        )


def is_right_to_left(language: str) -> bool:
    return language in RIGHT_TO_LEFT


@dataclass(frozen=True, slots=True)
class TextStyle:
    """Size of the em in pixels, weight, and the language that gives base direction and letter forms."""

    size_px: int
    bold: bool = False
    language: str = "en"
    is_icon: bool = False

    @property
    def direction(self) -> str:
        return "rtl" if is_right_to_left(self.language) else "ltr"


@dataclass(frozen=True, slots=True)
class LineBox:
    """Room above and below the baseline, in ems."""

    ascent: float
    descent: float


_LATIN_BOX = LineBox(0.98, 0.30)
_DEVANAGARI_BOX = LineBox(1.02, 0.40)
_ARABIC_BOX = LineBox(1.04, 0.58)
_ICON_BOX = LineBox(0.875, 0.125)


def line_box(text: str, style: TextStyle) -> LineBox:
    """The line that this text needs: Naskh and Devanagari reach farther up and down than Latin."""
    if style.is_icon:
        return _ICON_BOX
    if style.language in RIGHT_TO_LEFT or _ARABIC.search(text):
        return _ARABIC_BOX
    if style.language in ("hi", "mr", "ne") or _DEVANAGARI.search(text):
        return _DEVANAGARI_BOX
    return _LATIN_BOX


@lru_cache(maxsize=64)
def _font(size_px: int, bold: bool, is_icon: bool) -> ImageFont.FreeTypeFont:
    name = _ICONS if is_icon else (_BOLD if bold else _REGULAR)
    return ImageFont.truetype(str(FONT_DIR / name), size_px, layout_engine=ImageFont.Layout.RAQM)


def font_of(style: TextStyle) -> ImageFont.FreeTypeFont:
    return _font(style.size_px, style.bold, style.is_icon)


@lru_cache(maxsize=4096)
def text_width(text: str, style: TextStyle) -> int:
    """Advance width in pixels, rounded up."""
    if not text:
        return 0
    length = font_of(style).getlength(text, direction=style.direction, language=style.language)
    return int(length + 0.999)


def wrap(text: str, width_px: int, style: TextStyle) -> list[str]:
    """Lines no wider than the width: broken at spaces and U+200B, else between grapheme clusters, never inside one."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, width_px, style))
    return _carry_isolates(lines)


def _wrap_paragraph(paragraph: str, width_px: int, style: TextStyle) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in _BREAK.split(paragraph):
        if line and text_width((line + word).rstrip(_TRAILING), style) > width_px:
            lines.append(line.rstrip(_TRAILING))
            line = ""
        while text_width(word.rstrip(_TRAILING), style) > width_px:
            head, word = _split_word(word, width_px, style)
            lines.append(head)
        line += word
    lines.append(line.rstrip(_TRAILING))
    return lines


def _split_word(word: str, width_px: int, style: TextStyle) -> tuple[str, str]:
    clusters = regex.findall(r"\X", word)
    count = len(clusters)
    while count > 1 and text_width("".join(clusters[:count]), style) > width_px:
        count -= 1
    return "".join(clusters[:count]), "".join(clusters[count:])


def _carry_isolates(lines: list[str]) -> list[str]:
    """Close an isolate that a line break cut, and open it again on the next line, so that its direction holds."""
    carried: list[str] = []
    open_isolates: list[str] = []
    for line in lines:
        start = "".join(open_isolates)
        for character in line:
            if character in _ISOLATE_OPENERS:
                open_isolates.append(character)
            elif character == _ISOLATE_END and open_isolates:
                open_isolates.pop()
        carried.append(start + line + _ISOLATE_END * len(open_isolates))
    return carried


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Wrapped lines in a style; ``is_cut`` when words had to be left out."""

    lines: tuple[str, ...]
    style: TextStyle
    line_px: int
    ascent_px: int
    width_px: int
    is_cut: bool = False

    @property
    def height_px(self) -> int:
        return self.line_px * len(self.lines)


def lay_out(text: str, width_px: int | None, style: TextStyle) -> TextBlock:
    """The text in lines; without a width, only at its own line breaks."""
    lines = text.split("\n") if width_px is None else wrap(text, max(1, width_px), style)
    box = line_box(text, style)
    ascent_px = round(box.ascent * style.size_px)
    line_px = ascent_px + round(box.descent * style.size_px)
    width = max(text_width(line, style) for line in lines)
    return TextBlock(tuple(lines), style, line_px, ascent_px, width)


@lru_cache(maxsize=1024)
def fit(text: str, width_px: int, height_px: int, style: TextStyle, smallest_px: int) -> TextBlock:
    """The text as large as it may be up to the style's size: smaller if it must, cut with an ellipsis at the last."""
    size_px = style.size_px
    while True:
        block = lay_out(text, width_px, replace(style, size_px=size_px))
        if block.height_px <= height_px and not _breaks_words(text, block):
            return block
        if size_px <= smallest_px:
            return block if block.height_px <= height_px else _cut(block, width_px, height_px)
        size_px = max(smallest_px, int(size_px * 0.94))


def _breaks_words(text: str, block: TextBlock) -> bool:
    """Whether some word is wider than the line, so that it was broken inside."""
    return len(_BREAK.split(text)) < len(block.lines) and "\n" not in text


def _cut(block: TextBlock, width_px: int, height_px: int) -> TextBlock:
    room = max(1, height_px // block.line_px)
    kept = list(block.lines[:room])
    clusters = regex.findall(r"\X", kept[-1])
    while clusters and text_width("".join(clusters) + ELLIPSIS, block.style) > width_px:
        clusters.pop()
    kept[-1] = "".join(clusters) + ELLIPSIS
    return replace(block, lines=tuple(kept), is_cut=True)


def pad_px(style: TextStyle) -> int:
    """Room around a drawn block: signs of Devanagari and Naskh reach over the advance width."""
    return max(2, round(style.size_px * 0.2))


def draw_block(block: TextBlock, width_px: int, align: str) -> Image.Image:
    """An 8-bit mask of the block with ``pad_px`` around it; ``align`` is left, center or right."""
    pad = pad_px(block.style)
    mask = Image.new("L", (width_px + 2 * pad, block.height_px + 2 * pad), 0)
    draw_lines(ImageDraw.Draw(mask), block, (pad, pad), width_px, align, 255)
    return mask


def draw_lines(
    draw: ImageDraw.ImageDraw, block: TextBlock, at: tuple[int, int], width_px: int, align: str, ink: int | str
) -> None:
    """Draw the block's lines with their top left corner at ``at``."""
    font, style = font_of(block.style), block.style
    for number, line in enumerate(block.lines):
        slack = width_px - text_width(line, style)
        x = at[0] + {"left": 0, "center": slack // 2, "right": slack}[align]
        y = at[1] + number * block.line_px + block.ascent_px
        draw.text((x, y), line, fill=ink, font=font, anchor="ls", direction=style.direction, language=style.language)


def forget_drawn_text() -> None:
    """Drop every cached line: names of the person before are not kept in memory."""
    text_width.cache_clear()
    fit.cache_clear()
