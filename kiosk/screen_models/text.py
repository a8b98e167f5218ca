"""Words as keys: no screen and no flow holds a sentence of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Value: TypeAlias = "str | int | Text"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of the catalogue (``kiosk/i18n``) and its values. ``verbatim`` texts are names and numbers."""

    key: str
    params: Mapping[str, Value] = field(default_factory=dict)
    verbatim: str | None = None


def t(key: str, **params: Value) -> Text:
    return Text(key, params)


def verbatim(value: str) -> Text:
    """A person's name, a number, a place: shown as it is, isolated from the direction of the text around it."""
    return Text("verbatim", {}, value)


def by_language(names: Mapping[str, str]) -> Text:
    """A name that comes from the registry in several languages (programme, area)."""
    return Text("by_language", dict(names))
