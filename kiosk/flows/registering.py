"""From the seal to the registry's word: saved here first, sent, looked at for duplicates, registered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from domain.errors import ProjectError
from domain.events import EventKind
from domain.messages.enrolment import EnrolmentState, EnrolmentStatus
from enrolment.session import EnrolmentDraft, EnrolmentEvent, EnrolmentStage
from enrolment.submission import make_submission, seal
from kiosk.flows.duplicates import is_supervised, review_duplicates, say_supervisor_next
from kiosk.flows.finger_choices import finger_name
from kiosk.flows.issue_card import issue_card
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.local_check import is_held
from kiosk.flows.notices import OK, waiting
from kiosk.flows.own_registration import keep_own
from kiosk.flows.screening import show_screening
from kiosk.flows.slip import Slip, SlipKind
from kiosk.flows.slip_printing import print_slip
from kiosk.flows.workplace import Workplace
from kiosk.registry_client import RegistryOutOfOrder, RegistryRefused, RegistryUnreachable
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.card_job import CardHolder
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_SHORT_ID = 8
#: Reasons of the registry that have a sentence of their own.
_REFUSALS = frozenset(
    {
        "area_unknown",
        "capture_of_stranger",
        "consent_missing",
        "portrait_too_large",
        "finger_twice",
        "head_already_registered",
        "template_malformed",
        "household_known",
        "person_known",
    }
)


def submit(work: Workplace, draft: EnrolmentDraft) -> EnrolmentDraft:
    """Sealed and in the outbox, in one transaction with the draft that no longer holds any biometrics."""
    store = work.store
    submission = make_submission(draft, kiosk_id=store.kiosk_id, captured_at=store.clock.now(), on=store.clock.today())
    envelope = seal(submission, store.bundles.current.enrolment_key)
    sealed = draft.sealed()
    with store.journal.entry() as entry:
        entry.add(Happening(EventKind.ENROLMENT_SUBMITTED, envelope, draft.submission_id, draft.operator_id))
        work.drafts.put(sealed.submission_id, sealed)
        keep_own(work, draft)
    work.sync.nudge()
    return sealed


async def follow_registration(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> None:
    """Everything after the seal: may be left and taken up again at any time."""
    try:
        if draft.stage is EnrolmentStage.SEALED:
            draft = await _await_registered(work, ui, draft)
        if draft.stage is EnrolmentStage.REGISTERED:
            await show_screening(work, ui, draft)
            if await issue_card(work, ui, CardHolder(household_id=draft.household_id)) is not None:
                work.drafts.remove(draft.submission_id)
    except FlowLeft:
        return


async def _await_registered(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentDraft:
    await print_slip(work, ui, _slip(work, draft))
    if is_held(draft) and not is_supervised(work):
        await say_supervisor_next(ui)
        raise FlowLeft("a supervisor looks first")
    while True:
        state = await _poll(work, ui, draft)
        if state.status is EnrolmentStatus.REVIEW:
            await review_duplicates(work, ui, draft, state)
            continue
        if state.status is EnrolmentStatus.REFUSED:
            await _say_refused(work, ui, draft, state)
            raise FlowLeft("the registry refused the registration")
        registered = draft.registered(state.household_id)
        work.drafts.save(registered.submission_id, registered)
        return registered


async def _poll(work: Workplace, ui: Ui, draft: EnrolmentDraft) -> EnrolmentState:
    """The registry's state once it has one. Raises FlowLeft when it stays out of reach: everything is kept."""
    ui.show(waiting(t("register.looking"), "search"))
    for _ in range(work.patience.registry_polls):
        await work.sync.sync_now()
        try:
            state = await work.registry.enrolment(draft.submission_id)
        except (RegistryUnreachable, RegistryOutOfOrder, RegistryRefused) as error:
            problem: ProjectError = error
            break
        if state.status is not EnrolmentStatus.UNKNOWN:
            return state
        await asyncio.sleep(work.patience.poll_s)
    else:
        problem = RegistryUnreachable("the registry has not taken the registration yet")
    body = t("register.saved_here")
    notice = Notice(title=t("register.later"), mood=Mood.SUCCESS, body=body, speak=body, icon="outbox", actions=(OK,))
    await ui.ask(notice)
    raise FlowLeft(problem.code)


async def _say_refused(work: Workplace, ui: Ui, draft: EnrolmentDraft, state: EnrolmentState) -> None:
    work.drafts.save(draft.submission_id, draft.after(EnrolmentEvent.REFUSED))
    code = (state.refusal or "").rpartition(".")[2]
    body = t("register.refused", reason=t(f"register.reason.{code if code in _REFUSALS else 'unknown'}"))
    notice = Notice(
        title=t("register.refused_title"), mood=Mood.REFUSED, body=body, speak=body, icon="refused", actions=(OK,)
    )
    await ui.ask(notice)


def _best_fingers(draft: EnrolmentDraft) -> Iterator[tuple[Text, Text]]:
    """Each member's name and the finger to lay down first: known by heart it saves tries."""
    for member in draft.members:
        if (finger := draft.best_fingers.get(member.person.id)) is not None:
            name = member.person.name.local or member.person.name.latin
            yield t("slip.best_finger_of", name=verbatim(name)), finger_name(finger)


def _slip(work: Workplace, draft: EnrolmentDraft) -> Slip:
    head = draft.head
    name = "" if head is None else head.person.name.local or head.person.name.latin
    return Slip(
        kind=SlipKind.REGISTRATION,
        title=t("register.slip_title"),
        lines=(
            (t("slip.head"), verbatim(name)),
            (t("slip.members"), verbatim(str(len(draft.members)))),
            *_best_fingers(draft),
        ),
        footer=t("register.slip_footer"),
        reference=draft.submission_id[-_SHORT_ID:].upper(),
        desk=verbatim(work.store.identity.name),
        at=work.store.clock.now(),
    )
