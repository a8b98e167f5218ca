"""A household is enrolled: consent, members, place, questions, captures, review, seal. Kept after every answer."""

from __future__ import annotations

import secrets

from domain.consent import ConsentPurpose
from domain.ids import HouseholdId, PersonId, SubmissionId, make_uuid7
from domain.messages.enrolment import FingerException, PersonCapture
from domain.people import HouseholdNotWhole, Member, check_household
from enrolment.hand_plan import CaptureInProgress, HandPlan
from enrolment.session import EnrolmentDraft, EnrolmentEvent, EnrolmentStage
from kiosk.flows.enrol_address import ask_address
from kiosk.flows.enrol_consent import ask_biometrics, ask_registration
from kiosk.flows.enrol_fingers import take_fingers
from kiosk.flows.enrol_member import ask_member
from kiosk.flows.enrol_portrait import take_portrait
from kiosk.flows.enrol_questions import ask_questions
from kiosk.flows.finger_exceptions import sign_exceptions
from kiosk.flows.finger_strangers import KnownFingers
from kiosk.flows.household_roster import CONTINUE, ask_roster, review
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.local_check import check_here
from kiosk.flows.notices import OK, store_problem
from kiosk.flows.registering import follow_registration, submit
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.database import StoreFailed
from kiosk.ui import Ui

_ID_RANDOM_BYTES = 10
#: FingerPosition.UNKNOWN: an exception of the person, not of one finger.
_WHOLE_HAND = "0"
#: Stages in which the household has no question left to answer.
_ALL_ASKED = (EnrolmentStage.SEALED, EnrolmentStage.REGISTERED, EnrolmentStage.DECLINED)


async def enrol_household(work: Workplace, ui: Ui, officer: Officer) -> None:
    """A new household, from consent to the card."""
    draft = EnrolmentDraft(
        submission_id=SubmissionId(_new_id(work)),
        household_id=HouseholdId(_new_id(work)),
        operator_id=officer.operator_id,
        language=ui.language,
        started_at=work.store.clock.now(),
    )
    await resume_enrolment(work, ui, draft)


async def resume_enrolment(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> None:
    """Goes on from wherever the draft stands, also with the card of a household registered already.

    Leaving keeps the draft; declining forgets it.
    """
    try:
        while draft.stage not in _ALL_ASKED:
            draft = await _stage(work, ui, draft)
            if draft.stage is not EnrolmentStage.DECLINED:
                work.drafts.save(draft.submission_id, draft)
    except FlowLeft:
        return
    except StoreFailed:
        await ui.ask(store_problem())
        return
    if draft.stage is EnrolmentStage.DECLINED:
        await _say_declined(ui)
        return
    await follow_registration(work, ui, draft)


async def _stage(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    match draft.stage:
        case EnrolmentStage.CONSENT:
            return await _consent(work, ui, draft)
        case EnrolmentStage.MEMBERS:
            return await _members(work, ui, draft)
        case EnrolmentStage.ADDRESS:
            return await _address(work, ui, draft)
        case EnrolmentStage.QUESTIONS:
            return await _questions(work, ui, draft)
        case EnrolmentStage.CAPTURES:
            return await _captures(work, ui, draft)
        case EnrolmentStage.REVIEW:
            return await _review(work, ui, draft)
        case _:
            raise FlowLeft("nothing left to ask")


async def _consent(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    """Asked of the head, whose id is fixed here."""
    head_id = PersonId(_new_id(work))
    consent = await ask_registration(work, ui, head_id, draft.operator_id)
    if consent is None:
        return draft.after(EnrolmentEvent.CONSENT_DECLINED)
    return draft.with_consent(consent).after(EnrolmentEvent.CONSENT_GIVEN)


async def _members(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    if draft.head is None:
        member = await _ask(work, ui, draft.consents[0].person_id, is_head=True, before=None)
        if member is None:
            raise FlowLeft("left at the head of household")
        return draft.with_member(member)
    answer = await ask_roster(work, ui, draft)
    if answer.action == "open":
        before = draft.get_member(PersonId(str(answer.value)))
        is_head = before == draft.head
        member = await _ask(work, ui, before.person.id, is_head=is_head, before=before)
        return draft if member is None else draft.with_member(member)
    if answer.action == "add":
        member = await _ask(work, ui, PersonId(_new_id(work)), is_head=False, before=None)
        return draft if member is None else draft.with_member(member)
    if answer.action != CONTINUE.id:
        raise FlowLeft("left at the members")
    return await _close_members(work, ui, draft)


async def _close_members(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    try:
        check_household(draft.members, on=work.store.clock.today())
    except HouseholdNotWhole as error:
        body = t(f"form.{error.problem}")
        notice = Notice(title=t("enrol.members_title"), mood=Mood.WARNING, body=body, icon="household", actions=(OK,))
        await ui.ask(notice)
        return draft
    return draft.after(EnrolmentEvent.MEMBERS_COMPLETE)


async def _ask(work: Workplace, ui: Ui, person_id: PersonId, *, is_head: bool, before: Member | None) -> Member | None:
    return await ask_member(ui, person_id, is_head=is_head, today=work.store.clock.today(), before=before)


async def _address(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    bundle = work.store.bundles.current
    address = await ask_address(ui, bundle.areas, bundle.area, draft.address_line)
    if address is None:
        return draft.after(EnrolmentEvent.CORRECTION_WANTED)
    return draft.with_address(*address).after(EnrolmentEvent.ADDRESS_GIVEN)


async def _questions(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    answered = await ask_questions(work, ui, draft)
    if answered is None:
        return draft.after(EnrolmentEvent.CORRECTION_WANTED)
    return answered.after(EnrolmentEvent.QUESTIONS_ANSWERED)


async def _captures(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    """One more person captured; each is kept before the next is begun."""
    member = next((each for each in draft.members if draft.find_capture(each.person.id) is None), None)
    if member is None:
        return draft.after(EnrolmentEvent.CAPTURES_COMPLETE)
    person = member.person
    if not draft.has_consent(person.id, ConsentPurpose.BIOMETRICS):
        consent = await ask_biometrics(work, ui, draft, member)
        if consent is None:
            # Registered all the same: nobody is left out for keeping their fingers to themselves.
            return draft.with_capture(_nothing_captured(person.id))
        return draft.with_consent(consent)
    return draft.with_capture(await _capture(work, ui, draft, member))


def _nothing_captured(person_id: PersonId) -> PersonCapture:
    return PersonCapture(person_id=person_id, portrait=None, exceptions={_WHOLE_HAND: FingerException.DECLINED})


async def _capture(work: Workplace, ui: Ui, draft: EnrolmentDraft, member: Member) -> PersonCapture:
    """Photograph and fingers. Kept after each finger: a restart goes on with the next one."""
    person = member.person
    name = verbatim(person.name.local or person.name.latin)
    begun = draft.find_in_progress(person.id)
    if begun is None:
        begun = CaptureInProgress(photograph=await _photograph(work, ui, person.id, name))
    photograph = begun.photograph

    def keep(plan: HandPlan) -> None:
        progress = CaptureInProgress(photograph=photograph, plan=plan)
        work.drafts.save(draft.submission_id, draft.with_progress(progress))

    others = [
        (str(other.person_id), finger.template)
        for other in draft.captures
        if other.person_id != person.id
        for finger in other.fingers
    ]
    plan = await take_fingers(work, ui, person, begun.plan, keep, KnownFingers(others))
    plan = await sign_exceptions(work, ui, name, plan, draft.operator_id)
    if not person.gives_fingers(on=work.store.clock.today()):
        return photograph.model_copy(update={"exceptions": {_WHOLE_HAND: FingerException.TOO_YOUNG}})
    return plan.added_to(photograph)


async def _photograph(work: Workplace, ui: Ui, person_id: PersonId, name: Text) -> PersonCapture:
    portrait = await take_portrait(work, ui, name)
    if portrait is None:
        return PersonCapture(person_id=person_id, portrait=None)
    return PersonCapture(
        person_id=person_id,
        portrait=portrait.jpeg,
        portrait_checks=portrait.scores,
        portrait_attempts=portrait.attempts,
    )


async def _review(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    answer = await review(work, ui, draft)
    if answer.action == "correct":
        return draft.after(EnrolmentEvent.CORRECTION_WANTED)
    if answer.action != "confirm":
        raise FlowLeft("left at the review")
    return submit(work, await check_here(work, ui, draft))


async def _say_declined(ui: Ui) -> None:
    body = t("enrol.declined")
    notice = Notice(title=t("consent.title"), mood=Mood.INFO, body=body, speak=body, icon="consent", actions=(OK,))
    await ui.ask(notice)


def _new_id(work: Workplace) -> str:
    unix_ms = int(work.store.clock.now().timestamp() * 1000)
    return make_uuid7(unix_ms=unix_ms, random=secrets.token_bytes(_ID_RANDOM_BYTES))
