"""Kivy's App, without its settings panel and without a key that leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.screens.frame import Frame

if TYPE_CHECKING:

    class App:
        def __init__(self, **properties: object) -> None: ...
        async def async_run(self, async_lib: str) -> None: ...
        def stop(self) -> None: ...

else:
    from kivy.app import App


class KioskApp(App):
    """Shows the frame. F1 opens nothing."""

    use_kivy_settings = False
    title = "Single Window"

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self._frame = frame

    def build(self) -> Frame:
        return self._frame

    def open_settings(self, *_ignored: object) -> bool:
        return False
