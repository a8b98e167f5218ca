"""Text as every script needs it."""

from __future__ import annotations

import pytest
import regex  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont
from PIL import features

from kiosk import text_shaping
from kiosk.text_shaping import (
    FONT_DIR,
    TextShapingUnavailable,
    TextStyle,
    check_shaping,
    draw_block,
    fit,
    lay_out,
    text_width,
    wrap,
)

HINDI = TextStyle(40, language="hi")
URDU = TextStyle(40, language="ur")
ENGLISH = TextStyle(40)


def test_the_kiosk_refuses_to_start_where_letters_would_fall_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    # patched: a machine without FriBidi cannot be had inside a test
    monkeypatch.setattr(features, "check", lambda name: name != "fribidi")
    with pytest.raises(TextShapingUnavailable, match="libfribidi0"):
        check_shaping()


def test_conjuncts_are_one_shape_and_not_a_row_of_letters() -> None:
    together = text_width("क्ष", HINDI)
    apart = text_width("क", HINDI) + text_width("ष", HINDI)
    assert together < apart


def test_arabic_letters_join() -> None:
    assert text_width("ببب", URDU) < 3 * text_width("ب", URDU)


@pytest.mark.parametrize("width_px", range(20, 400, 7))
@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("क्षत्रिय विद्यार्थी कर्ज़ छात्रवृत्ति", HINDI),
        ("اپنا کارڈ یہاں لگائیں ڈِیں", URDU),
        ("Extraordinarily long words, and short ones", ENGLISH),
    ],
)
def test_a_line_breaks_between_clusters_and_loses_nothing(text: str, style: TextStyle, width_px: int) -> None:
    lines = wrap(text, width_px, style)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    clusters = regex.findall(r"\X", text.replace(" ", ""))
    assert [c for line in lines for c in regex.findall(r"\X", line.replace(" ", ""))] == clusters
    assert all(text_width(line, style) <= width_px or len(regex.findall(r"\X", line)) == 1 for line in lines)


def test_an_isolate_cut_by_a_line_break_is_closed_and_opened_again() -> None:
    lines = wrap("نمبر \u2068RK 2026 0412 Rampur Khas\u2069 ہے", 260, URDU)
    assert len(lines) > 1
    for line in lines:
        assert line.count("\u2068") == line.count("\u2069")


def test_text_shrinks_before_it_is_cut_and_is_cut_last() -> None:
    whole = fit("Something is wrong", 420, 60, ENGLISH, 20)
    assert whole.style.size_px == 40
    small = fit("Something is wrong", 300, 60, ENGLISH, 20)
    assert 20 <= small.style.size_px < 40
    assert not small.is_cut
    cut = fit("Something is wrong with this very long sentence", 200, 40, ENGLISH, 20)
    assert cut.is_cut
    assert cut.lines[-1].endswith("…")


@pytest.mark.parametrize("style", [ENGLISH, HINDI, URDU])
def test_no_ink_reaches_beyond_the_drawn_mask(style: TextStyle) -> None:
    text = {"en": "Åg|y Ñ", "hi": "र्किं ह्रूँ औॄ", "ur": "ڈِیں آٹُوگے چ"}[style.language]
    block = lay_out(text, None, style)
    mask = draw_block(block, block.width_px, "left")
    assert mask.getbbox() is not None
    edges = [mask.crop((0, 0, mask.width, 1)), mask.crop((0, mask.height - 1, mask.width, mask.height))]
    edges += [mask.crop((0, 0, 1, mask.height)), mask.crop((mask.width - 1, 0, mask.width, mask.height))]
    assert all(edge.getbbox() is None for edge in edges)


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_one_family_holds_all_three_scripts(style: str) -> None:
    drawn = TTFont(FONT_DIR / f"SingleWindowSans-{style}.ttf").getBestCmap()
    assert {ord(c) for c in "Ñandú ₹1,500 अपना कार्ड اپنا کارڈ\u2068\u2069"} <= set(drawn)


def test_names_are_forgotten_between_people() -> None:
    fit("Sunita Kumari", 400, 60, ENGLISH, 20)
    text_shaping.forget_drawn_text()
    assert text_shaping.fit.cache_info().currsize == 0
    assert text_shaping.text_width.cache_info().currsize == 0
