"""A ``Text`` as a sentence. Values are isolated from the direction of the sentence around them.

Keys with a meaning of their own:

- ``verbatim``: the text as it is; ``by_language``: the name in the reader's language, else English, else any;
- ``money`` (``minor``, ``currency``), ``date`` (``iso``), ``quantity`` (``count``, ``measure``): written and spoken
  as the language does;
- ``joined`` (``a``, ``b``, …): parts one after the other with a middle dot.

A sentence with ``{count}`` may have a twin under ``<key>.one``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.i18n import values
from kiosk.i18n.catalogue import SOURCE_LANGUAGE, find_sentence, get_sentence
from kiosk.screen_models.text import Text, Value
from kiosk.text_shaping import is_right_to_left

ISOLATE, END_ISOLATE = "\u2068", "\u2069"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_RIGHT_TO_LEFT_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ISOLATES = re.compile("[\u2066-\u2069]")
_PRIVATE_KEYS = frozenset({"verbatim", "money", "quantity", "date"})


class Manner(StrEnum):
    WRITTEN = "written"
    SPOKEN = "spoken"


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Sentences in one language."""

    language: str

    def text(self, text: Text) -> str:
        """As shown on the screen and on paper."""
        return self._say(text, Manner.WRITTEN)

    def spoken(self, text: Text) -> str:
        """As the voice should read it: amounts in words, no direction marks."""
        return _ISOLATES.sub("", self._say(text, Manner.SPOKEN))

    def _say(self, text: Text, manner: Manner) -> str:
        if text.verbatim is not None:
            return self._isolated(text.verbatim)
        match text.key:
            case "by_language":
                return self._by_language(text)
            case "money":
                return self._money(text, manner)
            case "date":
                return self._isolated(values.write_date(date.fromisoformat(str(text.params["iso"])), self.language))
            case "joined":
                return " · ".join(self._value(part, manner) for part in text.params.values())
            case "quantity":
                return self._isolated(self._quantity(text, manner))
        return self._sentence(text, manner)

    def _sentence(self, text: Text, manner: Manner) -> str:
        sentence = get_sentence(self.language, self._for_count(text.key, text))
        return _PLACEHOLDER.sub(lambda found: self._placeholder(found, text, manner), sentence)

    def _placeholder(self, found: re.Match[str], text: Text, manner: Manner) -> str:
        value = text.params.get(found[1])
        return found[0] if value is None else self._isolated(self._value(value, manner))

    def _value(self, value: Value, manner: Manner) -> str:
        if isinstance(value, Text):
            return self._say(value, manner)
        return values.write_digits(str(value), self.language) if isinstance(value, int) else value

    def _quantity(self, text: Text, manner: Manner) -> str:
        key = self._for_count(f"measure.{text.params['measure']}", text)
        return f"{self._value(text.params['count'], manner)} {get_sentence(self.language, key)}"

    def _for_count(self, key: str, text: Text) -> str:
        """The twin of the key for exactly one, where there is one."""
        is_one = text.params.get("count") == 1 and find_sentence(self.language, f"{key}.one") is not None
        return f"{key}.one" if is_one else key

    def _by_language(self, text: Text) -> str:
        names = text.params
        for code in (self.language, SOURCE_LANGUAGE, *names):
            name = names.get(code)
            if name:
                return str(name)
        return ""

    def _money(self, text: Text, manner: Manner) -> str:
        minor, currency = int(str(text.params["minor"])), str(text.params["currency"])
        if manner is Manner.SPOKEN:
            return values.say_money(minor, currency, self.language)
        return self._isolated(values.write_money(minor, currency, self.language))

    def _isolated(self, value: str) -> str:
        """In a right-to-left sentence every value, in others those with right-to-left letters (UAX #9, 2.7)."""
        if is_right_to_left(self.language) or _RIGHT_TO_LEFT_LETTER.search(value):
            return f"{ISOLATE}{value}{END_ISOLATE}"
        return value


def has_personal_values(text: Text) -> bool:
    """Whether a name, number or amount is in it: such a sentence is never kept on disk."""
    if text.verbatim is not None or text.key in _PRIVATE_KEYS:
        return True
    if text.key == "by_language":
        return False
    return any(has_personal_values(v) if isinstance(v, Text) else True for v in text.params.values())
