"""Every screen in every language on every panel, looked at by the lint."""

from __future__ import annotations

import sys

import pytest

from kiosk.i18n.catalogue import LANGUAGES
from kiosk.screens import tokens, window
from kiosk.screens.presenter import KivyUi, SilentVoice
from kiosk.screens.samples import all_samples
from tests.screens.conftest import SIZES
from tests.screens.layout_lint import Finding, lint

pytestmark = pytest.mark.screen


def _ui(size_px: tuple[int, int], language: str) -> KivyUi:
    tokens.set_panel(size_px)
    ui = KivyUi(language, SilentVoice())
    ui.frame.size_hint = (None, None)
    ui.frame.size = size_px
    return ui


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size_px", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.usefixtures("kiosk_window")
def test_no_screen_cuts_a_word_or_shrinks_a_target(size_px: tuple[int, int], language: str) -> None:
    ui = _ui(size_px, language)
    findings: dict[str, list[Finding]] = {}
    for name, model in all_samples().items():
        ui.show(model)
        window.lay_out()
        found = lint(ui.frame)
        if found:
            findings[name] = found
    assert not findings, "\n".join(f"{name}: {finding}" for name, found in findings.items() for finding in found)


@pytest.mark.usefixtures("kiosk_window")
def test_the_lint_finds_what_it_is_there_for() -> None:
    """Planted faults: each of them must be found, or a clean result means nothing."""
    ui = _ui((1280, 800), "en")
    ui.show(all_samples()["notice_success"])
    window.lay_out()
    assert lint(ui.frame) == []
    title = ui.frame.ids["title"]
    planted = 0
    for attribute, value, rule in (
        ("text", "A title that is far too long to stand beside the buttons of this screen, ever " * 3, "cut text"),
        ("text", "Kanji 漢", "missing glyph"),
        ("ink", tokens.LINE.lower(), "faint"),
    ):
        before = getattr(title, attribute)
        setattr(title, attribute, value)
        window.lay_out()
        assert rule in {finding.rule for finding in lint(ui.frame)}, rule
        setattr(title, attribute, before)
        planted += 1
    speaker = ui.frame.ids["speaker"]
    speaker.width = tokens.mm(12)
    window.lay_out()
    assert "small target" in {finding.rule for finding in lint(ui.frame)}
    sys.stdout.write(f"planted faults found: {planted + 1}\n")
