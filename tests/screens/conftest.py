"""One off-screen window for all tests of the screens: Kivy has one window a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ["SDL_VIDEODRIVER"] = "offscreen"
os.environ["SDL_AUDIODRIVER"] = "dummy"

from kiosk.screens import hands, tokens, window
from tests.screens.touching import Desk

SIZES = ((1280, 800), (1024, 600), (1080, 1920))


@pytest.fixture(scope="session")
def _opened_window() -> None:
    window.configure(SIZES[0], fullscreen=False)
    window.open_window()


@pytest.fixture
def kiosk_window(_opened_window: None) -> Iterator[None]:
    """The window, with the usual panel before and after."""
    tokens.set_panel(SIZES[0])
    yield
    tokens.set_panel(SIZES[0])
    tokens.PANEL.language = "en"


@pytest.fixture
def desk(kiosk_window: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A window to touch; screens take touches at once, the guard has a test of its own."""
    monkeypatch.setattr(tokens, "GUARD_S", 0.0)
    monkeypatch.setattr(hands, "_FRAME_S", 0.005)
    monkeypatch.setattr(hands, "_HOLD_S", 0.005)
    return Desk()
