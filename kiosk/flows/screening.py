"""All programmes for the household in one step: yes or no, why, and which papers are missing."""

from __future__ import annotations

from collections.abc import Sequence

from domain.eligibility import Answer as EligibilityAnswer
from domain.events import EventKind
from domain.messages.enrolment import ProgrammesChosen
from domain.people import Household
from domain.programmes import Programme
from domain.screening import Screener, ScreeningLine, ScreeningReason
from enrolment.session import EnrolmentDraft
from kiosk.flows.due_rows import kind_icon
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.services import ProgrammeRow, ScreeningResults
from kiosk.screen_models.text import Text, by_language, t, verbatim
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_APPLY = Action("apply", t("screening.apply"), "check", Tone.PRIMARY)
_ORDER = {EligibilityAnswer.YES: 0, EligibilityAnswer.UNKNOWN: 1, EligibilityAnswer.NO: 2}
_DEFAULT_CURRENCY = "INR"


async def show_screening(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> None:
    """Shows every programme and records those that the household wants: all with a yes. Raises FlowLeft."""
    household = draft.to_household()
    programmes = work.store.bundles.current.programmes
    lines = Screener(programmes).screen(household, on=work.store.clock.today())
    rows = _rows(programmes, lines, household)
    answer = await ui.ask(
        ScreeningResults(
            title=t("screening.title"),
            speak=t("screening.spoken", count=sum(row.answer is EligibilityAnswer.YES for row in rows)),
            rows=rows,
            actions=(_APPLY,),
            has_back=True,
            timeout_s=None,
        )
    )
    if answer.action != _APPLY.id:
        raise FlowLeft("left at the programmes")
    chosen = tuple(programme.code for programme in programmes if _is_wanted(programme, lines))
    payload = ProgrammesChosen(household_id=draft.household_id, programmes=chosen)
    work.store.journal.record(Happening(EventKind.PROGRAMMES_CHOSEN, payload, draft.household_id, work.operator_id))
    # The card's first statement is made from what the registry knows of this choice.
    await work.sync.sync_now()


def _is_wanted(programme: Programme, lines: Sequence[ScreeningLine]) -> bool:
    return any(line.programme == programme.code and line.answer is EligibilityAnswer.YES for line in lines)


def _rows(
    programmes: Sequence[Programme], lines: Sequence[ScreeningLine], household: Household
) -> tuple[ProgrammeRow, ...]:
    rows = [_row(p, [line for line in lines if line.programme == p.code], household) for p in programmes]
    return tuple(sorted(rows, key=lambda row: _ORDER[row.answer]))


def _row(programme: Programme, lines: Sequence[ScreeningLine], household: Household) -> ProgrammeRow:
    best = min((line.answer for line in lines), key=_ORDER.__getitem__)
    deciding = [line for line in lines if line.answer is best]
    papers = dict.fromkeys(paper for line in deciding for paper in line.missing_papers)
    return ProgrammeRow(
        code=programme.code,
        name=by_language(programme.names),
        icon=kind_icon(programme.kind),
        for_whom=_for_whom(deciding, household) if best is not EligibilityAnswer.NO else t("screening.nobody"),
        answer=best,
        reason=_reason(deciding[0]),
        papers=tuple(t(f"paper.{paper}") for paper in papers),
        value=_value(programme, len(deciding)) if best is EligibilityAnswer.YES else None,
    )


def _for_whom(lines: Sequence[ScreeningLine], household: Household) -> Text:
    names = [household.get_person(line.person_id).name for line in lines if line.person_id is not None]
    if not names:
        return t("screening.whole_household")
    text: Text = verbatim(names[0].local or names[0].latin)
    for name in names[1:]:
        text = t("joined", a=text, b=verbatim(name.local or name.latin))
    return text


def _reason(line: ScreeningLine) -> Text:
    """The condition that decided: for a no the one that failed, else the last one that held."""
    deciding = [reason for reason in line.reasons if reason.answer is line.answer]
    if not deciding:
        return t("screening.everyone")
    return _reason_text(deciding[0] if line.answer is not EligibilityAnswer.YES else deciding[-1])


def _reason_text(reason: ScreeningReason) -> Text:
    state = {EligibilityAnswer.YES: "yes", EligibilityAnswer.NO: "no", EligibilityAnswer.UNKNOWN: "unknown"}
    return t(f"why.{reason.why}.{state[reason.answer]}", bound=_bound(reason))


def _bound(reason: ScreeningReason) -> Text:
    if reason.path.endswith("_minor") and reason.bound.isdecimal():
        return t("money", minor=int(reason.bound), currency=_DEFAULT_CURRENCY)
    return verbatim(reason.bound)


def _value(programme: Programme, count: int) -> Text:
    if programme.amount_minor is not None and programme.currency is not None:
        return t("money", minor=programme.amount_minor * count, currency=programme.currency)
    return t("quantity", count=programme.quantity * count, measure=programme.measure)
