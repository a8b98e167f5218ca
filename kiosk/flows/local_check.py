"""Before anything is sent: does this desk know one of these people already? Also without a network."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from domain.ids import PersonId
from domain.messages.enrolment import DuplicateCandidate
from domain.messages.local_check import LocalCandidate, LocalCheck, LocalVerdict, NotChecked
from enrolment.duplicates import letters_alike
from enrolment.session import EnrolmentDraft
from kiosk.area_gallery import Findings, FoundNeighbour
from kiosk.flows.card_opening import note_reading
from kiosk.flows.duplicates import decide_pair
from kiosk.flows.notices import OK, waiting
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import t
from kiosk.ui import Ui

_REASON = "local_gallery"


async def check_here(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    """The draft with what the desk found itself and what was decided; what could not be looked at is said.

    Raises FlowLeft when the officer stops; what was decided so far is kept.
    """
    ui.show(waiting(t("local.looking"), "search"))
    findings = await _search(work, draft)
    draft = draft.with_local_check(_begin(draft, findings))
    for each in _undecided(draft):
        decision, decider = await decide_pair(work, ui, draft, _shown(work, draft, findings, each))
        decided = each.model_copy(update={"decision": decision, "decided_by": decider})
        draft = _with_decided(draft, decided)
        work.drafts.save(draft.submission_id, draft)
    await _say_unchecked(work, ui, findings.why)
    return draft


async def _search(work: Workplace, draft: EnrolmentDraft) -> Findings:
    """All fingers of all members, within the time for all of them."""
    fingers = {each.person_id: [finger.template for finger in each.fingers] for each in draft.captures}
    budget_s = work.patience.local_check_s * sum(bool(given) for given in fingers.values())
    findings = await work.gallery.search(fingers, budget_s=budget_s)
    note_reading(work, "gallery.searched", draft.submission_id)
    return findings


def _begin(draft: EnrolmentDraft, findings: Findings) -> LocalCheck:
    """With the decisions of before, if the search was cut off and is done again."""
    before = {} if draft.local_check is None else {_pair(each): each for each in draft.local_check.candidates}
    listed = [_candidate(person, neighbour, before) for person, known in findings.found.items() for neighbour in known]
    verdict = LocalVerdict.COULD_NOT_CHECK if findings.why else LocalVerdict.NOBODY_FOUND
    return LocalCheck(
        verdict=LocalVerdict.FOUND if listed else verdict,
        why=findings.why,
        people=findings.people,
        as_of=findings.as_of,
        candidates=tuple(listed),
    )


def _candidate(
    person: PersonId, neighbour: FoundNeighbour, before: Mapping[tuple[str, str], LocalCandidate]
) -> LocalCandidate:
    found = LocalCandidate(
        candidate_id=str(uuid.uuid4()),
        person_id=person,
        known_person_id=neighbour.who.person_id,
        known_submission_id=neighbour.submission_id,
        matching_fingers=neighbour.matching,
    )
    decided = before.get(_pair(found))
    if decided is None:
        return found
    return found.model_copy(update={"decision": decided.decision, "decided_by": decided.decided_by})


def _pair(candidate: LocalCandidate) -> tuple[str, str]:
    return candidate.person_id, candidate.known_person_id


def _undecided(draft: EnrolmentDraft) -> Sequence[LocalCandidate]:
    """The strongest first."""
    check = draft.local_check
    waiting_ones = [] if check is None else [each for each in check.candidates if each.decision is None]
    return sorted(waiting_ones, key=lambda each: -each.matching_fingers)


def _with_decided(draft: EnrolmentDraft, decided: LocalCandidate) -> EnrolmentDraft:
    check = draft.local_check
    assert check is not None, "a candidate is of a check"
    candidates = tuple(decided if each.candidate_id == decided.candidate_id else each for each in check.candidates)
    return draft.with_local_check(check.model_copy(update={"candidates": candidates}))


def _shown(work: Workplace, draft: EnrolmentDraft, findings: Findings, each: LocalCandidate) -> DuplicateCandidate:
    """The known person as far as the desk knows."""
    known = next(n for n in findings.found[each.person_id] if n.who.person_id == each.known_person_id)
    note_reading(work, "person.shown", each.known_person_id)
    names = {area.code: area.names for area in work.store.bundles.current.areas}
    return DuplicateCandidate(
        candidate_id=each.candidate_id,
        person_id=each.person_id,
        known_person_id=each.known_person_id,
        known_household_id=known.who.household_id,
        known_name=known.who.name,
        known_sex=known.who.sex,
        known_birth_year=known.who.birth_year,
        known_area_names=names.get(known.who.area, {"en": str(known.who.area)}),
        known_portrait=known.portrait,
        name_likeness=letters_alike(draft.get_member(each.person_id).person.name, known.who.name),
        matching_fingers=each.matching_fingers,
        reasons=(_REASON,),
    )


async def _say_unchecked(work: Workplace, ui: Ui, why: NotChecked | None) -> None:
    """Not to have looked is not to have found nobody. Who gave no finger need not be told so."""
    if why is None or why is NotChecked.NO_FINGERS:
        return
    is_partly = why is NotChecked.TIME_OVER
    body = t(f"local.why.{why}")
    await ui.ask(
        Notice(
            title=t("local.not_whole" if is_partly else "local.not_checked"),
            mood=Mood.WARNING,
            body=body,
            speak=body,
            icon="search",
            actions=(OK,),
            timeout_s=work.patience.notice_s,
        )
    )


def is_held(draft: EnrolmentDraft) -> bool:
    """Somebody asked for a supervisor before this was sent."""
    return draft.local_check is not None and draft.local_check.is_held
