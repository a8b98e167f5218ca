"""Digits in the fixed order 1 2 3: shuffling makes every entry slower and eight digits more often wrong."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.screens import tokens
from kiosk.screens.kit.key_grid import Key
from kiosk.screens.kit.surface import Across, Down
from kiosk.screens.toolkit import Widget

CLEAR, DELETE = "clear", "delete"
_LAYOUT = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), (CLEAR, "0", DELETE))
_ICONS = {CLEAR: "trash", DELETE: "delete"}


class _DigitRow(Across):
    """Digits run from left to right in every language."""

    def do_layout(self, *ignored: object) -> None:
        super().do_layout(*ignored)
        if tokens.PANEL.is_right_to_left:
            for child in self.children:
                child.x = self.x + self.right - child.right


class NumberPad(Down):
    """Calls ``typed`` with a digit, ``clear`` or ``delete``."""

    def __init__(self, **properties: object) -> None:
        self.typed: Callable[[str], None] = lambda _key: None
        super().__init__(**properties)
        for row in _LAYOUT:
            self.add_widget(self._row(row))

    def _row(self, keys: tuple[str, ...]) -> Widget:
        line = _DigitRow()
        for value in keys:
            key = Key(value, shown=value, icon=_ICONS.get(value, ""))
            key.choose = lambda value=value: self.typed(value)
            line.add_widget(key)
        return line
