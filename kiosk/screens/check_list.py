"""Conditions with their ticks, one below the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.screen_models.base import CheckLine
from kiosk.screen_models.text import Text
from kiosk.screens import tokens
from kiosk.screens.kit.progress import MarkedLine
from kiosk.screens.kit.surface import Down
from kiosk.screens.toolkit import Widget

#: A line is at most so high, in millimetres; fewer lines leave room below.
_TALLEST_MM = 15.0


def draw_points(column: Down, points: Sequence[CheckLine], say: Callable[[Text], str]) -> None:
    """Show what is only said, not checked: a dot before each."""
    draw_checks(column, points, say)
    for line in column.children:
        if isinstance(line, MarkedLine) and line.mark.icon == "circle_outline":
            line.mark.icon, line.mark.ink, line.mark.share, line.label.ink = "circle", tokens.PRIMARY, 0.42, tokens.INK


def draw_checks(column: Down, checks: Sequence[CheckLine], say: Callable[[Text], str]) -> None:
    """Show the checks; the lines there are used again, so that a live picture costs nothing."""
    lines = [child for child in reversed(column.children) if isinstance(child, MarkedLine)]
    if len(lines) != len(checks):
        column.clear_widgets()
        lines = [MarkedLine() for _ in checks]
        for line in lines:
            line.size_hint_y = None
            column.add_widget(line)
        column.add_widget(Widget(size_hint_y=0.001))
        column.fbind("size", lambda *_: _share_height(column))
    for line, check in zip(lines, checks, strict=True):
        line.show_check(say(check.text), check.passed)
    _share_height(column)


def _share_height(column: Down) -> None:
    lines = [child for child in column.children if isinstance(child, MarkedLine)]
    if not lines:
        return
    room = (column.height - column.spacing * len(lines)) / len(lines)
    for line in lines:
        line.height = max(1.0, min(tokens.text_mm(_TALLEST_MM), room))
