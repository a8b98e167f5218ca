"""The questions that programmes need, only as long as an answer can still decide something; and the papers seen."""

from __future__ import annotations

from domain.people import Household
from enrolment.household_form import OTHER, OpenQuestion, QuestionKind, Questionnaire
from enrolment.session import EnrolmentDraft
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action
from kiosk.screen_models.general import Choice, MultiChoice, NumberEntry, Option
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.ui import BACK, Answer, Ui

_YES, _NO = "yes", "no"
_SKIP = Action("skip", t("action.not_known"), "question")
_MINOR_UNITS = 100


async def ask_questions(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft | None:
    """The draft with every answer, each kept as it comes; None when the way back was taken at the start."""
    questionnaire = Questionnaire(work.store.bundles.current.programmes)
    today = work.store.clock.today()
    before: list[EnrolmentDraft] = []
    skipped: set[OpenQuestion] = set()
    while (asked := questionnaire.next_question(draft.to_household(), on=today, skipped=skipped)) is not None:
        answer = await _ask(ui, draft.to_household(), asked)
        if answer.action == BACK:
            if not before:
                return None
            draft = before.pop()
            continue
        value = _value(asked, answer)
        if value is None:
            skipped.add(asked)
            continue
        before.append(draft)
        draft = draft.with_fact(asked.person_id, asked.question.key, value)
        work.drafts.save(draft.submission_id, draft)
    return await _ask_papers(work, ui, draft)


async def _ask(ui: Ui, household: Household, asked: OpenQuestion) -> Answer:
    question = asked.question
    text = _text(household, asked)
    title = t("enrol.questions_title")
    if question.kind is QuestionKind.NUMBER:
        unit = t(f"unit.{question.key}")
        return await ui.ask(
            NumberEntry(
                title=title, question=text, speak=text, unit=unit, has_back=True, actions=(_SKIP,), timeout_s=None
            )
        )
    options = _options(asked)
    return await ui.ask(
        Choice(title=title, question=text, speak=text, options=options, has_back=True, actions=(_SKIP,), timeout_s=None)
    )


def _text(household: Household, asked: OpenQuestion) -> Text:
    if asked.person_id is None:
        return t(asked.question.text_key)
    name = household.get_person(asked.person_id).name
    return t(asked.question.text_key, name=verbatim(name.local or name.latin))


def _options(asked: OpenQuestion) -> tuple[Option, ...]:
    question = asked.question
    if question.kind is QuestionKind.YES_NO:
        return (Option(_YES, t("action.yes"), "yes"), Option(_NO, t("action.no"), "no"))
    values = dict.fromkeys((*question.options, OTHER))
    return tuple(Option(value, t(f"answer.{question.key}.{value}")) for value in values)


def _value(asked: OpenQuestion, answer: Answer) -> bool | int | str | None:
    """The answer as a fact; None when it is not known."""
    if answer.action not in ("choose", "done"):
        return None
    if asked.question.kind is QuestionKind.YES_NO:
        return answer.value == _YES
    if asked.question.kind is QuestionKind.NUMBER:
        number = int(answer.value or 0)
        return number * _MINOR_UNITS if asked.question.is_money else number
    return str(answer.value)


async def _ask_papers(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    papers = Questionnaire.papers(work.store.bundles.current.programmes)
    question = t("enrol.papers")
    answer = await ui.ask(
        MultiChoice(
            title=t("enrol.papers_title"),
            question=question,
            speak=question,
            options=tuple(Option(paper, t(f"paper.{paper}"), "id_paper") for paper in papers),
            chosen=draft.papers,
            timeout_s=None,
        )
    )
    seen = tuple(paper for paper in str(answer.value or "").split(",") if paper in papers)
    return draft.with_papers(seen)
