"""A screen in words, for a pilot that must decide what to touch next."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.screen_models.base import Screen
from kiosk.screen_models.text import Text

#: Fields of screen models that are sentences, names or plain values and say what the screen is about.
_TEXTS = ("question", "person", "body", "holder", "problem", "hint")
_PLAIN = (
    "waiting_events",
    "phase",
    "mood",
    "reference",
    "position",
    "attempt",
    "tries",
    "quality",
    "card_number",
    "is_online",
)


def describe(model: Screen | None, spoken: Callable[[Text], str]) -> dict[str, object]:
    """Name, title and what the screen is about; ``…_key`` are the catalogue keys, the same in every language."""
    if model is None:
        return {"screen": None, "title": "", "title_key": "", "values": []}
    told: dict[str, object] = {
        "screen": type(model).__name__,
        "title": spoken(model.title),
        "title_key": model.title.key,
        "values": values_of(model),
    }
    for name in _TEXTS:
        text = getattr(model, name, None)
        if isinstance(text, Text):
            told[name] = spoken(text)
            told[f"{name}_key"] = text.key
            told[f"{name}_keys"] = keys_in(text)
    for name in _PLAIN:
        value = getattr(model, name, None)
        if isinstance(value, str | int):
            told[name] = value if type(value) in (str, int, bool) else getattr(value, "value", str(value))
    told["has_frame"] = getattr(model, "frame", None) is not None
    rows = [row for row in getattr(model, "rows", ()) if hasattr(row, "state") or hasattr(row, "answer")]
    told["rows"] = [_row(row, spoken) for row in rows]
    return told


def keys_in(text: Text) -> list[str]:
    """The sentence's key and those of the sentences in it."""
    inner = [key for value in text.params.values() if isinstance(value, Text) for key in keys_in(value)]
    return [text.key, *inner]


def _row(row: object, spoken: Callable[[Text], str]) -> dict[str, object]:
    told: dict[str, object] = {}
    for name in ("scheme", "code", "state", "answer"):
        if hasattr(row, name):
            told[name] = str(getattr(row, name))
    for name in ("name", "for_whom", "amount", "detail", "reason"):
        text = getattr(row, name, None)
        if isinstance(text, Text):
            told[name] = spoken(text)
    return told


def values_of(model: Screen) -> list[str]:
    """What can be picked: options, members, rows; on this page and the others."""
    found = [str(option.value) for option in getattr(model, "options", ())]
    found += [str(member.person_id) for member in getattr(model, "members", ())]
    return found + [str(row.scheme) for row in getattr(model, "rows", ()) if hasattr(row, "scheme")]
