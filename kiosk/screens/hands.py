"""Fingers for tests and the demo: what is on the screen in words, and real touches on its widgets."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from domain.errors import ProjectError
from kiosk.i18n.phrasebook import Phrasebook
from kiosk.screen_state import describe
from kiosk.screens import tokens, window
from kiosk.screens.kit.key_grid import Key, KeyGrid
from kiosk.screens.kit.keyboards import DELETE as DELETE_KEY
from kiosk.screens.kit.keyboards import PAGE, SHIFT, SPACE
from kiosk.screens.kit.paged import Paged
from kiosk.screens.kit.surface import TAKEN_BY, Touchable
from kiosk.screens.kit.words import Mark, Words
from kiosk.screens.presenter import KivyUi
from kiosk.screens.toolkit import MotionEvent, Widget

W = TypeVar("W", bound=Widget)

_FRAME_S = 0.02
_FRAMES_TO_SETTLE = 3
_SETTLE_TIMEOUT_S = 5.0
_HOLD_S = 0.06


class TouchFailed(ProjectError):
    """What was asked for cannot be touched: not there, disabled, outside the window, or covered."""

    code = "kiosk.touch_failed"
    message_key = "error.unexpected"


class _Touch(MotionEvent):
    """One touch at a place of the window."""

    def __init__(self, x: float, y: float) -> None:
        super().__init__("pilot", "pilot", {"x": x, "y": y}, is_touch=True, type_id="touch")
        self.profile = ["pos"]

    def depack(self, args: object) -> None:
        assert isinstance(args, dict)
        self.sx = args["x"] / (tokens.PANEL.width_px - 1.0)
        self.sy = args["y"] / (tokens.PANEL.height_px - 1.0)
        super().depack(args)


class Hands:
    """Everything is awaited: layout settles between touches, as it does between a person's."""

    def __init__(self, ui: KivyUi) -> None:
        self._ui = ui

    def state(self) -> dict[str, object]:
        """The screen in words: name, title, language, what may be touched, and the values of options."""
        model = self._ui.model
        overlay = self._ui.frame.overlay
        return {
            **describe(model, Phrasebook(self._ui.language).spoken),
            "language": self._ui.language,
            "waits": self._ui.waits,
            "is_waiting": self._ui.is_waiting,
            "actions": [{"id": w.action_id, "enabled": not w.disabled} for w in self._touchables() if w.action_id],
            "overlay": None if overlay is None else type(overlay).__name__,
        }

    async def press(self, action_id: str) -> None:
        """Touch the button or tile of that action."""
        await self.settle()
        widget = await self._turn_pages_until(lambda: self._by_action(action_id))
        await self._touch(widget, f"the action {action_id}")

    async def pick(self, value: str) -> None:
        """Touch the option, member or row with that value, turning pages to find it."""
        await self.settle()
        widget = await self._turn_pages_until(lambda: self._by_value(value))
        await self._touch(widget, f"the value {value}")

    async def type_text(self, text: str) -> None:
        """Touch the keys of the on-screen keyboard one after the other."""
        await self.settle()
        for character in unicodedata.normalize("NFC", text):
            for key in self._keys_for(character):
                await self._type_key(key)

    def _keys_for(self, character: str) -> str:
        """A letter with a dot below has no key of its own: it is typed as letter and dot."""
        grid = self._only(KeyGrid)
        return character if grid.page_of(character) is not None else unicodedata.normalize("NFD", character)

    async def _type_key(self, character: str) -> None:
        if character == " ":
            await self._touch_key(SPACE)
            return
        grid = self._only(KeyGrid)
        page = grid.page_of(character)
        if page is None:
            raise TouchFailed(f"no key for U+{ord(character):04X}")
        while grid.page != page:
            await self._touch_key(PAGE)
        has_case = character.lower() != character.upper()
        if has_case and character.isupper() is not grid.is_shifted:
            await self._touch_key(SHIFT)
        await self._touch_key(character)

    async def clear_text(self) -> None:
        """Take away what is typed, key by key."""
        await self.settle()
        for _ in range(80):
            await self._touch_key(DELETE_KEY)

    async def enter_number(self, value: int) -> None:
        """Touch the digits and then the way on."""
        await self.settle()
        await self._digits(str(value))
        await self.press("done")

    async def enter_birth(self, value: str) -> None:
        """An ISO date, or an age in years (``"63"``) where the day is unknown; then the way on."""
        await self.settle()
        if value.isdigit():
            await self.press("about_age")
            await self._digits(value)
        else:
            day = date.fromisoformat(value)
            await self._digits(f"{day.day:02d}")
            await self._touch_key(f"month_{day.month}")
            await self._digits(f"{day.year:04d}")
        await self.press("done")

    async def _digits(self, digits: str) -> None:
        for digit in digits:
            await self._touch_key(digit)

    async def _touch_key(self, value: str) -> None:
        await self.settle(1)
        keys = [w for w in self._touchables() if isinstance(w, Key) and w.value == value]
        if not keys:
            raise TouchFailed(f"there is no key {value!r} on this screen")
        await self._touch(keys[0], f"the key {value}")

    async def wait_for(self, names: tuple[str, ...], timeout_s: float) -> str:
        """Which of the screens is shown, as soon as one is; raises TouchFailed after the time-out."""
        end = time.monotonic() + timeout_s
        while True:
            shown = type(self._ui.model).__name__
            if shown in names:
                await self.settle()
                return shown
            if time.monotonic() > end:
                raise TouchFailed(f"waited {timeout_s} s for {' or '.join(names)}; the screen is {shown}")
            await asyncio.sleep(_FRAME_S)

    async def shot(self, path: Path) -> None:
        await self.settle()
        window.save_picture(path)

    async def settle(self, frames: int = _FRAMES_TO_SETTLE) -> None:
        """Until nothing waits to be laid out or drawn, and the screen takes touches."""
        end = time.monotonic() + _SETTLE_TIMEOUT_S
        quiet = 0
        while quiet < frames and time.monotonic() < end:
            await asyncio.sleep(_FRAME_S)
            quiet = 0 if self._is_busy() else quiet + 1

    def _is_busy(self) -> bool:
        if time.monotonic() < self._ui.frame.guard_until:
            return True
        return any(getattr(widget, "_due", False) for widget in self._walk())

    def _walk(self) -> Iterator[Widget]:
        """Every widget of the window, the ones in front last."""
        stack: list[Widget] = [self._ui.frame]
        while stack:
            widget = stack.pop()
            yield widget
            stack.extend(widget.children)

    def _touchables(self) -> list[Touchable]:
        return [w for w in self._walk() if isinstance(w, Touchable) and w.opacity > 0]

    def _only(self, kind: type[W]) -> W:
        for widget in self._walk():
            if isinstance(widget, kind):
                return widget
        raise TouchFailed(f"this screen has no {kind.__name__}")

    def _by_action(self, action_id: str) -> Touchable | None:
        return next((w for w in self._touchables() if w.action_id == action_id), None)

    def _by_value(self, value: str) -> Touchable | None:
        found = (w for w in self._touchables() if not isinstance(w, Key) and getattr(w, "value", None) == value)
        return next(found, None)

    async def _turn_pages_until(self, find: Callable[[], Touchable | None]) -> Touchable:
        widget = find()
        lists = [w for w in self._walk() if isinstance(w, Paged) and w.page_count > 1]
        while widget is None and lists:
            pages = lists[0]
            arrow = self._by_action("page_down" if pages.page < pages.page_count - 1 else "page_up")
            if arrow is None or (pages.page == pages.page_count - 1 and arrow.disabled):
                break
            if pages.page == pages.page_count - 1:
                break
            await self._touch(arrow, "the next page")
            await self.settle()
            widget = find()
        if widget is None:
            raise TouchFailed(f"not on this screen; it offers {[w.action_id for w in self._touchables()]}")
        return widget

    async def _touch(self, widget: Touchable, what: str) -> None:
        """Put a finger on the middle of the widget and lift it."""
        from kivy.base import EventLoop

        if widget.disabled:
            raise TouchFailed(f"{what} is disabled")
        x, y = widget.to_window(*widget.center)
        if not (0 <= x < tokens.PANEL.width_px and 0 <= y < tokens.PANEL.height_px):
            raise TouchFailed(f"{what} is outside the window")
        touch = _Touch(x, y)
        EventLoop.post_dispatch_input("begin", touch)
        taken_by = touch.ud.get(TAKEN_BY)
        await asyncio.sleep(_HOLD_S)
        EventLoop.post_dispatch_input("end", touch)
        if taken_by is not widget:
            raise TouchFailed(f"{what} did not get the touch: it is covered, or the screen was not ready")

    def texts(self) -> list[str]:
        """Every sentence drawn now, for tests."""
        return [w.text for w in self._walk() if isinstance(w, Words) and w.text]

    def icons(self) -> list[str]:
        return [w.icon for w in self._walk() if isinstance(w, Mark) and w.icon]
