"""What the form asks and what it accepts: names in two scripts, births, and the questions that programmes need."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import JsonValue

from domain.ids import PersonId
from domain.people import BirthDate, BirthPrecision, Household
from domain.programmes import Programme
from domain.screening import Screener

#: More does not fit into DG11 in two scripts (card_service/data_groups/dg11.py).
MAX_NAME_LETTERS = 40
OLDEST_YEARS = 120
#: Unicode names of the letters that each script (ISO 15924) may use.
_SCRIPT_WORDS = {"Latn": ("LATIN",), "Deva": ("DEVANAGARI",), "Arab": ("ARABIC",)}
_JOINERS = ("\u200c", "\u200d", "'", "’", "-", ".")


class NameProblem(StrEnum):
    EMPTY = "form.name_empty"
    TOO_LONG = "form.name_too_long"
    WRONG_SCRIPT = "form.name_wrong_script"


def tidy_name(text: str) -> str:
    """Unicode NFC, single spaces, nothing at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def find_name_problem(name: str, script: str) -> NameProblem | None:
    """Why a tidied name can not be taken, None when it can. ``script`` is ISO 15924."""
    if not any(unicodedata.category(letter).startswith("L") for letter in name):
        return NameProblem.EMPTY
    if len(name) > MAX_NAME_LETTERS:
        return NameProblem.TOO_LONG
    if not all(_belongs(letter, script) for letter in name):
        return NameProblem.WRONG_SCRIPT
    return None


def _belongs(letter: str, script: str) -> bool:
    if letter == " " or letter in _JOINERS:
        return True
    if unicodedata.category(letter)[0] not in "LM":
        return False
    words = _SCRIPT_WORDS.get(script)
    return words is None or unicodedata.name(letter, "").startswith(words)


def birth_from_age(age_years: int, *, on: date) -> BirthDate:
    """About so old on that day: the middle of the possible year, marked as a guess."""
    return BirthDate(on=date(on.year - age_years, 1, 1), precision=BirthPrecision.ABOUT)


def is_birth_possible(born: BirthDate, *, on: date) -> bool:
    return 0 <= born.age_years(on=on) <= OLDEST_YEARS and born.on <= on


class QuestionKind(StrEnum):
    YES_NO = "yes_no"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that some programme asks for. ``path`` is as in rules (``member.disability``)."""

    path: str
    kind: QuestionKind
    #: Values that rules name; a choice always also offers OTHER.
    options: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.path.partition(".")[2]

    @property
    def text_key(self) -> str:
        return f"question.{self.path}"

    @property
    def is_money(self) -> bool:
        """Asked in whole units of the currency, kept in minor units."""
        return self.key.endswith("_minor")


#: Whatever no rule names.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """The question, and of whom it is asked; None is the household."""

    question: Question
    person_id: PersonId | None


class Questionnaire:
    """The questions of a catalogue; asks only what can still decide something for this household."""

    def __init__(self, programmes: Sequence[Programme]) -> None:
        self._screener = Screener(programmes)
        self._questions = dict(_collect(programmes))

    def next_question(
        self, household: Household, *, on: date, skipped: Container[OpenQuestion] = ()
    ) -> OpenQuestion | None:
        """The next fact worth asking and not skipped; None when no answer could decide anything any more."""
        for line in self._screener.screen(household, on=on):
            for path in line.missing_facts:
                asked = self._open(household, line.person_id, path)
                if asked is not None and asked not in skipped:
                    return asked
        return None

    def _open(self, household: Household, person_id: PersonId | None, path: str) -> OpenQuestion | None:
        question = self._questions.get(path)
        if question is None:
            return None
        if path.startswith("household."):
            return OpenQuestion(question, None)
        whom = _whom_to_ask(household, person_id, question.key)
        return None if whom is None else OpenQuestion(question, whom)

    @staticmethod
    def papers(programmes: Iterable[Programme]) -> tuple[str, ...]:
        """Every paper that some programme asks for, each once."""
        return tuple(dict.fromkeys(paper for programme in programmes for paper in programme.papers))


def _whom_to_ask(household: Household, person_id: PersonId | None, key: str) -> PersonId | None:
    """The person whose line is open; else the first not asked yet: a rule on "some member" does not say who."""
    if person_id is not None and key not in household.get_person(person_id).facts:
        return person_id
    return next((m.person.id for m in household.members if key not in m.person.facts), None)


def _collect(programmes: Iterable[Programme]) -> Iterator[tuple[str, Question]]:
    bounds: dict[str, list[JsonValue]] = {}
    for programme in programmes:
        for path, bound in _comparisons(programme.rule):
            bounds.setdefault(path, []).append(bound)
    for path, values in bounds.items():
        yield path, _question(path, values)


def _comparisons(rule: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    if not isinstance(rule, Mapping):
        return
    for name, body in rule.items():
        if name in ("all", "any") and isinstance(body, list):
            for part in body:
                yield from _comparisons(part)
        elif name in ("not", "some_member"):
            yield from _comparisons(body)
        elif isinstance(body, list) and len(body) == 2 and isinstance(body[0], str):
            yield body[0], body[1]


def _question(path: str, bounds: Sequence[JsonValue]) -> Question:
    values = [value for bound in bounds for value in (bound if isinstance(bound, list) else [bound])]
    if all(isinstance(value, bool) for value in values):
        return Question(path, QuestionKind.YES_NO)
    if all(isinstance(value, int) for value in values):
        return Question(path, QuestionKind.NUMBER)
    return Question(path, QuestionKind.CHOICE, tuple(dict.fromkeys(str(value) for value in values)))
