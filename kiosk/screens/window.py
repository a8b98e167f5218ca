"""Kivy's window: its settings, its frames, its pictures. Call ``configure`` before anything opens the window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from kiosk.screens import tokens

if TYPE_CHECKING:
    from kiosk.screens.toolkit import Widget

#: Frames a second. Enough that a touch is seen within 50 ms, few enough to leave a small processor alone.
FRAMES_PER_SECOND = 24


def configure(size_px: tuple[int, int], *, fullscreen: bool, dpi: float | None = None) -> None:
    """Settings of a kiosk: only SDL's mouse and touch, no keys that leave, no screen saver, our size."""
    tokens.set_panel(size_px, dpi)
    from kivy.config import Config

    Config.remove_section("input")
    Config.add_section("input")
    # SDL reports touches as well; other providers would report each a second time.
    Config.set("input", "mouse", "mouse,disable_multitouch")
    settings = {
        "width": size_px[0],
        "height": size_px[1],
        "fullscreen": "auto" if fullscreen else 0,
        "resizable": 0,
        "maxfps": FRAMES_PER_SECOND,
        "multisamples": 0,  # edges are smooth by themselves; multisampling would double the cost of a frame
        "allow_screensaver": 0,
        "show_cursor": 0 if fullscreen else 1,
    }
    for name, value in settings.items():
        Config.set("graphics", name, str(value))
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")


def open_window() -> None:
    """Make the window; raises RuntimeError where there is no display that SDL can draw on."""
    from kivy.base import EventLoop
    from kivy.core.window import Window

    EventLoop.ensure_window()
    if Window is None or EventLoop.window is None:
        raise RuntimeError("no window could be opened: is there a display, or SDL_VIDEODRIVER=offscreen?")
    Window.clearcolor = tokens.rgba(tokens.PAPER)
    if os.environ.get("SDL_VIDEODRIVER") == "offscreen":
        from kivy.graphics.opengl import glFinish

        # Without it the off-screen driver queues frames without bound: 115 MB/s measured.
        Window.bind(on_flip=lambda *_: glFinish())


def lay_out(rounds: int = 3) -> None:
    """Let Kivy lay out and prepare its textures without drawing a frame: what the layout lint looks at."""
    from kivy.clock import Clock
    from kivy.lang import Builder

    usual, Clock._max_fps = Clock._max_fps, 0
    try:
        for _ in range(rounds):
            Clock.tick()
            Builder.sync()
            Clock.tick_draw()
            Builder.sync()
    finally:
        Clock._max_fps = usual


def settle(frames: int = 4) -> None:
    """Run Kivy so many frames without waiting, so that layout and text are drawn. For tests and pictures."""
    from kivy.base import EventLoop
    from kivy.clock import Clock

    usual, Clock._max_fps = Clock._max_fps, 0
    try:
        for _ in range(frames):
            EventLoop.idle()
    finally:
        Clock._max_fps = usual


def resize(size_px: tuple[int, int], dpi: float | None = None) -> None:
    """Another panel, in the same process: for the contact sheet and the layout lint."""
    from kivy.core.window import Window

    tokens.set_panel(size_px, dpi)
    Window.size = size_px


def picture_of_window() -> Image.Image:
    """What the window shows now."""
    from kivy.core.window import Window
    from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glReadPixels

    width, height = Window.system_size
    Window.dispatch("on_draw")
    pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
    image = Image.frombytes("RGB", (width, height), bytes(pixels))
    return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def save_picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture_of_window().save(path, format="PNG", compress_level=6)


def put_in_window(widget: Widget) -> None:
    from kivy.core.window import Window

    for child in list(Window.children):
        Window.remove_widget(child)
    Window.add_widget(widget)
