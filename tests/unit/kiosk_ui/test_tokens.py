"""The look keeps its promises by arithmetic: contrast, sizes, licences."""

from __future__ import annotations

import pytest

from kiosk.assets.make_fonts import LARGEST_BYTES
from kiosk.screens import tokens
from kiosk.text_shaping import FONT_DIR

TEXT_PAIRS = [
    (tokens.INK, tokens.PAPER),
    (tokens.INK, tokens.CARD),
    (tokens.INK, tokens.SOFT),
    (tokens.MUTED, tokens.PAPER),
    (tokens.MUTED, tokens.CARD),
    (tokens.MUTED, tokens.SOFT),
    (tokens.ON_COLOUR, tokens.PRIMARY),
    (tokens.ON_COLOUR, tokens.PRIMARY_PRESSED),
    (tokens.ON_COLOUR, tokens.DANGER),
    (tokens.OK, tokens.OK_SOFT),
    (tokens.OK, tokens.CARD),
    (tokens.DANGER, tokens.DANGER_SOFT),
    (tokens.WARNING, tokens.WARNING_SOFT),
    (tokens.WARNING, tokens.CARD),
    (tokens.INFO, tokens.INFO_SOFT),
    *((tokens.ON_COLOUR, hue) for hue in tokens.Hue),
]


@pytest.mark.parametrize(("ink", "surface"), TEXT_PAIRS)
def test_text_can_be_read_on_its_surface(ink: str, surface: str) -> None:
    assert tokens.contrast(ink, surface) >= 4.5


@pytest.mark.parametrize("surface", [tokens.PAPER, tokens.CARD])
def test_the_border_of_a_control_can_be_seen(surface: str) -> None:
    assert tokens.contrast(tokens.CONTROL_LINE, surface) >= 3.0


def test_black_on_white_is_the_largest_contrast() -> None:
    assert tokens.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert tokens.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)  # WCAG's well-known near miss


@pytest.mark.parametrize(("size_px", "pixels"), [((1280, 800), 117), ((1024, 600), 134), ((1080, 1920), 80)])
def test_twenty_millimetres_are_twenty_millimetres_on_every_panel(size_px: tuple[int, int], pixels: int) -> None:
    tokens.set_panel(size_px)
    try:
        assert round(tokens.target_px(tokens.Audience.BENEFICIARY)) == pixels
    finally:
        tokens.set_panel((1280, 800))


def test_the_installer_says_how_dense_the_panel_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIVY_DPI", "96")
    assert tokens.dpi_for((1280, 800)) == 96.0


def test_fonts_are_small_and_come_with_their_licences() -> None:
    fonts = sorted(FONT_DIR.glob("*.ttf"))
    assert [font.name for font in fonts] == ["Icons.ttf", "SingleWindowSans-Bold.ttf", "SingleWindowSans-Regular.ttf"]
    assert all(font.stat().st_size < LARGEST_BYTES for font in fonts)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT_DIR / "SingleWindowSans-OFL.txt").read_text(encoding="utf-8")
    assert "Apache 2.0" in (FONT_DIR / "Icons-LICENSE.txt").read_text(encoding="utf-8")
