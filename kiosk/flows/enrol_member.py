"""One member of the household: name in two scripts, sex, birth or age, relation; one question a screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from domain.ids import PersonId
from domain.people import BirthDate, Member, Person, PersonName, Relationship, Sex
from enrolment.household_form import birth_from_age, find_name_problem, is_birth_possible, tidy_name
from kiosk.screen_models.general import BirthEntry, Choice, Option, TextEntry
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.ui import BACK, TIMEOUT, Ui

#: The script people write in, by the language of the screen (ISO 15924); English screens stand among Hindi readers.
_SCRIPT_OF_LANGUAGE = {"hi": "Deva", "ur": "Arab"}
_USUAL_SCRIPT = "Deva"
_QUESTIONS = 5
_SEX_ICONS = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "person"}
_RELATION_ICONS = {
    Relationship.SPOUSE: "family",
    Relationship.CHILD: "child",
    Relationship.PARENT: "elder",
    Relationship.SIBLING: "person",
    Relationship.GRANDCHILD: "baby",
    Relationship.OTHER_RELATIVE: "household",
    Relationship.NOT_RELATED: "person_add",
}


@dataclass(slots=True)
class _Form:
    """The answers so far; None where nothing was answered yet."""

    person_id: PersonId
    is_head: bool
    latin: str = ""
    local: str = ""
    sex: Sex | None = None
    born: BirthDate | None = None
    relationship: Relationship | None = None

    @property
    def name(self) -> Text:
        return verbatim(self.latin) if self.latin else t("enrol.this_person")

    def to_member(self, script: str, before: Member | None) -> Member:
        assert self.sex is not None, "every question was answered"
        assert self.born is not None, "every question was answered"
        relationship = Relationship.HEAD if self.is_head else self.relationship
        assert relationship is not None, "every question was answered"
        person = Person(
            id=self.person_id,
            name=PersonName(latin=self.latin, local=self.local, script=script),
            sex=self.sex,
            born=self.born,
            facts={} if before is None else before.person.facts,
            papers=() if before is None else before.person.papers,
        )
        return Member(person=person, relationship=relationship)


async def ask_member(
    ui: Ui, person_id: PersonId, *, is_head: bool, today: date, before: Member | None = None
) -> Member | None:
    """The member as answered; None when the way back was taken from the first question."""
    script = _SCRIPT_OF_LANGUAGE.get(ui.language, _USUAL_SCRIPT)
    form = _prefilled(person_id, is_head, before)
    questions: list[Callable[[], Awaitable[bool]]] = [
        lambda: _ask_name(ui, form, "Latn", (1, _QUESTIONS)),
        lambda: _ask_name(ui, form, script, (2, _QUESTIONS)),
        lambda: _ask_sex(ui, form),
        lambda: _ask_birth(ui, form, today),
    ]
    if not is_head:
        questions.append(lambda: _ask_relation(ui, form))
    at = 0
    while 0 <= at < len(questions):
        at += 1 if await questions[at]() else -1
    return None if at < 0 else form.to_member(script, before)


def _prefilled(person_id: PersonId, is_head: bool, before: Member | None) -> _Form:
    if before is None:
        return _Form(person_id, is_head)
    person = before.person
    return _Form(person_id, is_head, person.name.latin, person.name.local, person.sex, person.born, before.relationship)


async def _ask_name(ui: Ui, form: _Form, script: str, progress: tuple[int, int]) -> bool:
    is_latin = script == "Latn"
    question = t("enrol.name_latin") if is_latin else t("enrol.name_local", name=form.name)
    value, problem = form.latin if is_latin else form.local, None
    while True:
        answer = await ui.ask(
            TextEntry(
                title=t("enrol.person_title"),
                question=question,
                speak=question,
                value=value,
                script=script,
                problem=problem,
                has_back=True,
                progress=progress,
                timeout_s=None,
            )
        )
        if answer.action in (BACK, TIMEOUT):
            return False
        value = tidy_name(str(answer.value or ""))
        found = find_name_problem(value, script)
        if found is None:
            if is_latin:
                form.latin = value
            else:
                form.local = value
            return True
        problem = t(str(found))


async def _ask_sex(ui: Ui, form: _Form) -> bool:
    options = tuple(Option(sex.value, t(f"sex.{sex.value}"), _SEX_ICONS[sex]) for sex in Sex)
    value = await _choose(ui, t("enrol.sex", name=form.name), options, 3)
    if value is None:
        return False
    form.sex = Sex(value)
    return True


async def _ask_birth(ui: Ui, form: _Form, today: date) -> bool:
    question, problem = t("enrol.birth", name=form.name), None
    while True:
        answer = await ui.ask(
            BirthEntry(
                title=t("enrol.person_title"),
                question=question,
                speak=question,
                problem=problem,
                has_back=True,
                progress=(4, _QUESTIONS),
                timeout_s=None,
            )
        )
        if answer.action in (BACK, TIMEOUT):
            return False
        born = _birth(answer.action, answer.value, today)
        if born is not None and is_birth_possible(born, on=today):
            form.born = born
            return True
        problem = t("form.birth_impossible")


def _birth(action: str, value: str | int | None, today: date) -> BirthDate | None:
    try:
        if action == "about":
            return birth_from_age(int(value or 0), on=today)
        return BirthDate(on=date.fromisoformat(str(value)))
    except ValueError:
        return None


async def _ask_relation(ui: Ui, form: _Form) -> bool:
    options = tuple(
        Option(relation.value, t(f"relationship.{relation}"), icon) for relation, icon in _RELATION_ICONS.items()
    )
    value = await _choose(ui, t("enrol.relationship", name=form.name), options, 5)
    if value is None:
        return False
    form.relationship = Relationship(value)
    return True


async def _choose(ui: Ui, question: Text, options: tuple[Option, ...], number: int) -> str | None:
    answer = await ui.ask(
        Choice(
            title=t("enrol.person_title"),
            question=question,
            speak=question,
            options=options,
            has_back=True,
            progress=(number, _QUESTIONS),
            timeout_s=None,
        )
    )
    return str(answer.value) if answer.action == "choose" else None
