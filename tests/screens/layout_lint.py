"""Finds what a person would stumble over on a screen: cut text, small or covered targets, boxes, faint colours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from fontTools.ttLib import TTFont

from kiosk.screens import tokens
from kiosk.screens.frame import Frame
from kiosk.screens.kit.picture_box import PictureBox
from kiosk.screens.kit.surface import Card, Touchable
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import Widget
from kiosk.text_shaping import FONT_DIR

TEXT_CONTRAST = 4.5
SIGN_CONTRAST = 3.0
_SLACK_PX = 1.5
_UNDRAWN = frozenset("\n\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def lint(frame: Frame) -> list[Finding]:
    """Everything wrong with what the frame shows now."""
    shown = list(_shown(frame))
    return [
        *_texts(shown),
        *_targets(frame, shown),
        *_inside(frame, shown),
        *_overlaps(shown),
        *_contrasts(shown),
    ]


def _shown(widget: Widget) -> Iterator[Widget]:
    if widget.opacity <= 0:
        return
    yield widget
    for child in widget.children:
        yield from _shown(child)


def _texts(shown: list[Widget]) -> Iterator[Finding]:
    for words in shown:
        if not isinstance(words, Words) or not words.text:
            continue
        if words.block is None:
            yield Finding("no room", repr(words.text))
            continue
        if words.block.is_cut:
            yield Finding("cut text", repr(words.text))
        if words.block.height_px > words.height + _SLACK_PX or words.block.width_px > words.width + _SLACK_PX:
            yield Finding("text overflows", repr(words.text))
        missing = {c for c in words.text if c not in _UNDRAWN and ord(c) not in _characters(words.bold)}
        if missing:
            yield Finding("missing glyph", f"{sorted(hex(ord(c)) for c in missing)} in {words.text!r}")


@lru_cache(maxsize=2)
def _characters(bold: bool) -> frozenset[int]:
    name = "SingleWindowSans-Bold.ttf" if bold else "SingleWindowSans-Regular.ttf"
    return frozenset(TTFont(FONT_DIR / name).getBestCmap())


def _targets(frame: Frame, shown: list[Widget]) -> Iterator[Finding]:
    assert frame.body is not None
    smallest = tokens.target_px(frame.body.audience)
    for widget in shown:
        is_target = isinstance(widget, Touchable) and callable(widget.choose)
        if is_target and min(widget.width, widget.height) < smallest - _SLACK_PX:
            size = f"{widget.width / tokens.mm(1):.1f} x {widget.height / tokens.mm(1):.1f} mm"
            yield Finding("small target", f"{_name(widget)} is {size}")


def _inside(frame: Frame, shown: list[Widget]) -> Iterator[Finding]:
    for widget in shown:
        if not isinstance(widget, Words | Mark | Touchable | PictureBox) or widget.width < 2:
            continue
        x, y = widget.x, widget.y
        if x < -1 or y < -1 or x + widget.width > frame.width + 1 or y + widget.height > frame.height + 1:
            yield Finding("outside", _name(widget))
        card = _card_of(widget)
        if card is not None and (y < card.y - _SLACK_PX or y + widget.height > card.y + card.height + _SLACK_PX):
            yield Finding("sticks out of its card", _name(widget))


def _overlaps(shown: list[Widget]) -> Iterator[Finding]:
    touchables = [w for w in shown if isinstance(w, Touchable)]
    words = [w for w in shown if isinstance(w, Words) and w.text]
    for group in (touchables, words):
        for one, other in combinations(group, 2):
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            upwards = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            if across > _SLACK_PX and upwards > _SLACK_PX:
                yield Finding("overlap", f"{_name(one)} and {_name(other)}")


def _contrasts(shown: list[Widget]) -> Iterator[Finding]:
    for widget in shown:
        if not isinstance(widget, Words | Mark) or _is_disabled(widget):
            continue
        surface = _surface_of(widget)
        wanted = TEXT_CONTRAST if isinstance(widget, Words) else SIGN_CONTRAST
        has_content = widget.text if isinstance(widget, Words) else widget.icon
        if has_content and tokens.contrast(widget.ink, surface) < wanted and widget.ink != tokens.LINE:
            yield Finding("faint", f"{_name(widget)}: {widget.ink} on {surface}")
    for widget in shown:
        if isinstance(widget, Touchable) and callable(widget.choose) and not widget.disabled:
            behind = _surface_of(widget)
            if (
                max(tokens.contrast(widget.edge or behind, behind), tokens.contrast(widget.fill, behind))
                < SIGN_CONTRAST
            ):
                yield Finding("faint border", _name(widget))


def _is_disabled(widget: Widget) -> bool:
    return widget.disabled or (widget.parent is not None and _is_disabled(widget.parent))


def _card_of(widget: Widget) -> Card | None:
    parent = widget.parent
    while parent is not None and not isinstance(parent, Card):
        parent = parent.parent
    return parent


def _surface_of(widget: Widget) -> str:
    """The colour behind the widget."""
    card = _card_of(widget)
    while card is not None and not card.fill:
        card = _card_of(card)
    return tokens.PAPER if card is None else card.fill


def _name(widget: Widget) -> str:
    for attribute in ("action_id", "value", "text", "icon"):
        value = getattr(widget, attribute, "")
        if value:
            return f"{type(widget).__name__} {value!r}"
    return type(widget).__name__
