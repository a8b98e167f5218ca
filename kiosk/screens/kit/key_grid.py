"""The on-screen keyboard: a grid of keys as wide as the panel, one language at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from kiosk.screens import tokens
from kiosk.screens.kit.keyboards import DELETE, DOTTED_CIRCLE, KEYBOARDS, PAGE, SHIFT, SPACE, Keyboard, paginate
from kiosk.screens.kit.surface import Across, Down, Touchable
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.toolkit import StringProperty, Widget, later

#: Keys farther apart than this are slower to reach.
_TALLEST_KEY_MM = 26.0


class Key(Touchable):
    """One key: a letter, a sign or an icon. The whole cell is the target; the cap inside it is what is seen."""

    value = StringProperty("")

    def __init__(
        self, value: str, *, shown: str = "", icon: str = "", language: str = "", **properties: object
    ) -> None:
        super().__init__(**properties)
        self.value = value
        self.action_id = f"key_{value}"
        self.edge, self.radius_mm, self.inset_mm = tokens.CONTROL_LINE, 2.0, 0.5
        if icon:
            self.add_widget(Mark(icon=icon, share=0.5))
        else:
            self.add_widget(Words(text=shown or value, role="heading", align="center", language=language))


class KeyGrid(Down):
    """Answers each key by ``on_text``: what is appended, or None for delete."""

    def __init__(self, **properties: object) -> None:
        self._keyboard: Keyboard = KEYBOARDS["Latn"]
        self._page = 0
        self._is_shifted = False
        self._due = False
        self.typed: Callable[[str | None], None] = lambda _text: None
        super().__init__(**properties)
        self.fbind("size", self._mark_due)

    def show(self, script: str, *, is_shifted: bool) -> None:
        keyboard = KEYBOARDS.get(script, KEYBOARDS["Latn"])
        is_shifted = is_shifted and keyboard.has_case
        if keyboard is not self._keyboard:
            self._keyboard, self._page = keyboard, 0
        elif is_shifted == self._is_shifted and self.children:
            return
        self._is_shifted = is_shifted
        self._mark_due()

    @property
    def page(self) -> int:
        return self._page

    def pages(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        cell = tokens.target_px(tokens.Audience.STAFF)
        rows = max(1, int((self.height + 1) // cell) - 1)
        return paginate(self._keyboard, max(1, int((self.width + 1) // cell)), rows)

    def page_of(self, key: str) -> int | None:
        """Which page holds the key, in whichever case; None when none does."""
        for number, page in enumerate(self.pages()):
            if any(key.lower() == value for row in page for value in row):
                return number
        return None

    @property
    def is_shifted(self) -> bool:
        return self._is_shifted

    def shift(self) -> None:
        self._is_shifted = not self._is_shifted
        self._mark_due()

    def turn_page(self) -> None:
        self._page = (self._page + 1) % len(self.pages())
        self._mark_due()

    def _mark_due(self, *_changed: object) -> None:
        if not self._due:
            self._due = True
            later(self._build, -1)

    def _build(self) -> None:
        self._due = False
        self.clear_widgets()
        if self.width < 2 or self.height < 2:
            return
        pages = self.pages()
        self._page %= len(pages)
        page = pages[self._page]
        columns = max(len(row) for row in page)
        tallest = tokens.mm(_TALLEST_KEY_MM) * (len(page) + 1)
        if self.height > tallest:
            self.add_widget(Widget(size_hint_y=None, height=self.height - tallest))
        for row in page:
            self.add_widget(self._row(row, columns))
        self.add_widget(self._controls(len(pages)))

    def _row(self, keys: tuple[str, ...], columns: int) -> Widget:
        line = _KeyRow(is_reversed=self._keyboard.is_right_to_left)
        slack = (columns - len(keys)) / 2
        if slack:
            line.add_widget(Widget(size_hint_x=slack))
        for key in keys:
            value = key.upper() if self._is_shifted else key
            shown = DOTTED_CIRCLE + value if unicodedata.combining(value[0]) or _is_sign(value) else value
            cap = Key(value, shown=shown, language=self._keyboard.language)
            cap.choose = lambda value=value: self.typed(value)
            line.add_widget(cap)
        if slack:
            line.add_widget(Widget(size_hint_x=slack))
        return line

    def _controls(self, page_count: int) -> Widget:
        line = _KeyRow(is_reversed=self._keyboard.is_right_to_left)
        if self._keyboard.has_case:
            key = Key(SHIFT, icon="shift", size_hint_x=0.22, choose=self.shift)
            key.fill = tokens.SOFT if self._is_shifted else tokens.CARD
            line.add_widget(key)
        if page_count > 1:
            line.add_widget(Key(PAGE, shown=self._page_hint(), size_hint_x=0.28, choose=self.turn_page))
        line.add_widget(Key(SPACE, icon="space", choose=lambda: self.typed(" ")))
        line.add_widget(Key(DELETE, icon="delete", size_hint_x=0.28, choose=lambda: self.typed(None)))
        return line

    def _page_hint(self) -> str:
        """The first letters of the page that comes next."""
        pages = self.pages()
        row = pages[(self._page + 1) % len(pages)][0]
        return "".join(row[:3]).upper() if self._keyboard.has_case else " ".join(row[:2])


def _is_sign(value: str) -> bool:
    """Vowel signs of Devanagari are spacing marks: they need the dotted circle as well."""
    return unicodedata.category(value[0]) in ("Mc", "Mn")


class _KeyRow(Across):
    """A row that follows the script's direction, not the screen's."""

    def __init__(self, *, is_reversed: bool, **properties: object) -> None:
        self._is_reversed = is_reversed
        super().__init__(**properties)

    def do_layout(self, *ignored: object) -> None:
        super().do_layout(*ignored)
        if self._is_reversed is not tokens.PANEL.is_right_to_left:
            for child in self.children:
                child.x = self.x + self.right - child.right
