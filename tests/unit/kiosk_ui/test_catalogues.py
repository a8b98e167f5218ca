"""No sentence is missing, in no language; no icon is unknown."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from kiosk.i18n.catalogue import FOLDER, LANGUAGES, load_catalogue
from kiosk.icons import ICONS
from kiosk.text_shaping import FONT_DIR

ROOT = Path(__file__).parents[3]
PACKAGES = ("domain", "biometrics", "card_service", "enrolment", "kiosk")
#: Keys that the phrasebook itself gives a meaning.
MEANT = frozenset({"verbatim", "by_language", "money", "date", "quantity", "joined"})
OTHERS = [language for language in LANGUAGES if language != "en"]
_PLACEHOLDER = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", OTHERS)
def test_every_english_sentence_is_translated(language: str) -> None:
    missing = sorted(set(load_catalogue("en")) - set(load_catalogue(language)))
    assert not missing


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_every_placeholder(language: str) -> None:
    english, other = load_catalogue("en"), load_catalogue(language)
    wrong = [
        key
        for key in english
        if key in other and set(_PLACEHOLDER.findall(english[key])) != set(_PLACEHOLDER.findall(other[key]))
    ]
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_stands_for_a_sentence_that_is_gone(language: str) -> None:
    assert not sorted(set(load_catalogue(language)) - set(load_catalogue("en")))


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_is_written_in_its_own_script(language: str) -> None:
    letters = {"hi": "[\u0900-\u097f]", "ur": "[\u0600-\u06ff]"}[language]
    may_be_latin = {"cardface.can", "language.en", "language.hi", "language.ur", "list.separator"}
    wrong = [
        key
        for key, sentence in load_catalogue(language).items()
        if key not in may_be_latin and not re.search(letters, sentence)
    ]
    assert not wrong


def test_no_key_is_written_twice() -> None:
    for path in FOLDER.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_refuse_twins)


def _refuse_twins(pairs: list[tuple[str, str]]) -> dict[str, str]:
    assert len({key for key, _ in pairs}) == len(pairs), "a key stands twice"
    return dict(pairs)


def test_every_sentence_that_the_code_asks_for_exists() -> None:
    known = set(load_catalogue("en")) | MEANT
    asked = {key: path for path in _sources() for key in _keys_in(path)}
    missing = {key: str(path.relative_to(ROOT)) for key, path in asked.items() if key not in known}
    assert len(asked) > 200
    assert not missing


def test_every_icon_that_the_code_names_is_in_the_table_and_in_the_font() -> None:
    drawn = TTFont(FONT_DIR / "Icons.ttf").getBestCmap()
    assert not [name for name, code_point in ICONS.items() if code_point not in drawn]
    named = {icon: path for path in _sources() for icon in _icons_in(path)}
    assert len(named) > 30
    assert not {icon: str(path.relative_to(ROOT)) for icon, path in named.items() if icon not in ICONS}


def test_every_letter_of_every_sentence_is_in_the_font() -> None:
    drawn = set(TTFont(FONT_DIR / "SingleWindowSans-Regular.ttf").getBestCmap())
    for language in LANGUAGES:
        for key, sentence in load_catalogue(language).items():
            assert not {c for c in sentence if ord(c) not in drawn and c != "\n"}, (language, key)


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


@lru_cache(maxsize=1024)
def _calls(path: Path) -> tuple[ast.AST, ...]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Assign | ast.Dict))


def _keys_in(path: Path) -> Iterator[str]:
    """Literal keys: t("…") and message_key = "…"."""
    for node in _calls(path):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t" and node.args:
            if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield node.args[0].value
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and _is_message_key(node):
            yield str(node.value.value)


def _is_message_key(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "message_key" for target in node.targets)


def _icons_in(path: Path) -> Iterator[str]:
    """Literal icons: icon="…", and the third value of Action(…) and Option(…)."""
    for node in _calls(path):
        if not isinstance(node, ast.Call):
            continue
        values = [keyword.value for keyword in node.keywords if keyword.arg == "icon"]
        if isinstance(node.func, ast.Name) and node.func.id in ("Action", "Option") and len(node.args) > 2:
            values.append(node.args[2])
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield value.value
