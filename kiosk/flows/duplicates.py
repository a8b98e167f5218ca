"""Possible duplicates side by side; the officer decides, the registry carries it out."""

from __future__ import annotations

from card_service.errors import CardError
from domain.events import EventKind
from domain.ids import OperatorId
from domain.messages.enrolment import DuplicateCandidate, DuplicateDecision, EnrolmentState
from domain.messages.kiosks import Role
from domain.people import Member
from enrolment.duplicates import decide, evidence, undecided, with_decisions
from enrolment.session import EnrolmentDraft
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.card_opening import note_reading
from kiosk.flows.finger_swaps import ask_about_swap
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, CheckLine, Picture, Tone
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import DuplicateReview, PersonPanel
from kiosk.screen_models.text import by_language, t, verbatim
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_DIFFERENT = Action("different", t("duplicate.different"), "different", Tone.PRIMARY)
_SAME = Action("same", t("duplicate.same"), "same")
_SUPERVISOR = Action("supervisor", t("duplicate.supervisor"), "supervisor")
_DECISIONS = {
    _DIFFERENT.id: DuplicateDecision.DIFFERENT_PERSON,
    _SAME.id: DuplicateDecision.SAME_PERSON,
    _SUPERVISOR.id: DuplicateDecision.ASK_SUPERVISOR,
}
_REASON = "side_by_side"


async def review_duplicates(work: Workplace, ui: Ui, draft: EnrolmentDraft, state: EnrolmentState) -> None:
    """Every candidate decided and recorded. Raises FlowLeft when the officer stops, or a supervisor is needed."""
    while waiting := undecided(state, is_supervisor=is_supervised(work)):
        candidate = waiting[0]
        decision, decider = await decide_pair(work, ui, draft, candidate)
        decided = decide(state, candidate, decision, _REASON)
        work.store.journal.record(Happening(EventKind.DUPLICATE_DECIDED, decided, candidate.candidate_id, decider))
        await ask_about_swap(work, ui, draft.operator_id, candidate, decided)
        work.sync.nudge()
        state = with_decisions(state, [decided])
        if decision is DuplicateDecision.ASK_SUPERVISOR:
            break
    if any(each.decision is DuplicateDecision.ASK_SUPERVISOR for each in state.candidates):
        await say_supervisor_next(ui)
        raise FlowLeft("a supervisor decides")


def is_supervised(work: Workplace) -> bool:
    """Whether a supervisor is on duty here."""
    return work.officer is not None and work.officer.role is Role.SUPERVISOR


async def say_supervisor_next(ui: Ui) -> None:
    """No card today, nothing is lost, and who does what next."""
    body = t("duplicate.supervisor_next")
    await ui.ask(
        Notice(
            title=t("duplicate.supervisor_title"),
            mood=Mood.WARNING,
            body=body,
            speak=body,
            icon="supervisor",
            actions=(OK,),
        )
    )


async def decide_pair(
    work: Workplace, ui: Ui, draft: EnrolmentDraft, candidate: DuplicateCandidate
) -> tuple[DuplicateDecision, OperatorId]:
    """What was decided about the two, and who answers for it. Raises FlowLeft when the officer stops."""
    while True:
        decision = await _ask(work, ui, draft, candidate)
        decider = await _decider(work, ui, draft, candidate, decision)
        if decider is not None:
            return decision, decider


async def _decider(
    work: Workplace, ui: Ui, draft: EnrolmentDraft, candidate: DuplicateCandidate, decision: DuplicateDecision
) -> OperatorId | None:
    """Who answers for the decision: against matching fingers another officer than the one who captured them.

    None: nobody did, and the two are shown again.
    """
    is_override = decision is DuplicateDecision.DIFFERENT_PERSON and candidate.matching_fingers > 0
    if not is_override:
        return work.operator_id or draft.operator_id
    body = t("duplicate.second_officer")
    await ui.ask(
        Notice(title=t("duplicate.title"), mood=Mood.WARNING, body=body, speak=body, icon="officer", actions=(OK,))
    )
    maker = work.store.bundles.find_operator(draft.operator_id)
    concerned = (None if maker is None else maker.person_id, candidate.known_person_id)
    barred = frozenset(each for each in concerned if each is not None)
    try:
        officer, _ = await show_officer(work, ui, barred=barred, but_not=draft.operator_id)
    except (OfficerRefused, CardTakenAway, CardError) as error:
        reason = error.reason if isinstance(error, OfficerRefused) else t("login.card_lost")
        await ui.ask(
            Notice(title=t("login.refused"), mood=Mood.WARNING, body=reason, speak=reason, icon="lock", actions=(OK,))
        )
        return None
    finally:
        await work.officer_reader.release()
    return officer.operator_id


async def _ask(work: Workplace, ui: Ui, draft: EnrolmentDraft, candidate: DuplicateCandidate) -> DuplicateDecision:
    captured = draft.get_member(candidate.person_id)
    if candidate.known_portrait is not None:
        note_reading(work, "portrait.shown", candidate.known_person_id)
    answer = await ui.ask(
        DuplicateReview(
            title=t("duplicate.title"),
            speak=t("duplicate.spoken"),
            captured=_captured_panel(work, draft, captured),
            known=_known_panel(work, candidate),
            evidence=_evidence(work, candidate, captured),
            actions=(_DIFFERENT, _SAME, _SUPERVISOR),
            has_back=True,
            timeout_s=None,
        )
    )
    decision = _DECISIONS.get(answer.action)
    if decision is None:
        raise FlowLeft("left at the duplicates")
    return decision


def _evidence(work: Workplace, candidate: DuplicateCandidate, captured: Member) -> tuple[CheckLine, ...]:
    found = evidence(candidate, captured, on=work.store.clock.today())
    return tuple(CheckLine(t(each.key, number=each.number), each.speaks_for) for each in found)


def _captured_panel(work: Workplace, draft: EnrolmentDraft, member: Member) -> PersonPanel:
    person, capture = member.person, draft.find_capture(member.person.id)
    portrait = None if capture is None else capture.portrait
    age = person.born.age_years(on=work.store.clock.today())
    return PersonPanel(
        heading=t("duplicate.here"),
        name=verbatim(person.name.latin),
        local_name=verbatim(person.name.local),
        lines=(t("duplicate.age_line", age=age), t(f"sex.{person.sex}"), t(f"relationship.{member.relationship}")),
        portrait=None if portrait is None else Picture(portrait, "jpeg"),
    )


def _known_panel(work: Workplace, candidate: DuplicateCandidate) -> PersonPanel:
    age = work.store.clock.today().year - candidate.known_birth_year
    return PersonPanel(
        heading=t("duplicate.known"),
        name=verbatim(candidate.known_name.latin),
        local_name=verbatim(candidate.known_name.local),
        lines=(
            t("duplicate.age_line", age=age),
            t(f"sex.{candidate.known_sex}"),
            by_language(candidate.known_area_names),
        ),
        portrait=None if candidate.known_portrait is None else Picture(candidate.known_portrait, "jpeg"),
    )
