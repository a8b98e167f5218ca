"""Reading a servant's settings, which came as JSON on its command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Settings: TypeAlias = Mapping[str, "str | int | float | bool"]


def text(settings: Settings, name: str) -> str:
    """The setting as text; KeyError when it is missing."""
    return str(settings[name])


def number(settings: Settings, name: str, default: int) -> int:
    """The setting as a whole number."""
    value = settings.get(name, default)
    return int(value)
