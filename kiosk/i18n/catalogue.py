"""Sentences of every language, by key. English is complete by test; the others must have every key of English."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCE_LANGUAGE = "en"
#: The languages of the kiosk, in the order in which they are offered.
LANGUAGES = ("en", "hi", "ur")

_ROOMS = ("flows", "fingers", "local_check")

_log = logging.getLogger(__name__)


@lru_cache(maxsize=8)
def load_catalogue(language: str) -> Mapping[str, str]:
    """All sentences of one language: ``<language>.json``, with those of single rooms where there are any."""
    sentences: dict[str, str] = {}
    for name in (*(f"{room}.{language}.json" for room in _ROOMS), f"{language}.json"):
        path = FOLDER / name
        if path.exists():
            sentences.update(json.loads(path.read_text(encoding="utf-8")))
    return sentences


def find_sentence(language: str, key: str) -> str | None:
    """The sentence in that language, else in English, else None."""
    for code in (language, SOURCE_LANGUAGE):
        sentence = load_catalogue(code).get(key)
        if sentence is not None:
            return sentence
    return None


def get_sentence(language: str, key: str) -> str:
    """The sentence; a key without one shows itself and is logged: a kiosk does not stop for a word."""
    sentence = find_sentence(language, key)
    if sentence is None:
        _log.error("no sentence for the key %s", key)
        return key
    return sentence
