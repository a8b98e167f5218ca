"""Before a card becomes active, somebody it names shows a finger that matches what was just written on it."""

from __future__ import annotations

from functools import partial

from card_service.data_groups import MemberRow
from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId
from domain.verification import TRIES_A_FINGER, VerifiedBy
from domain.visit_limits import MemberLikeness, VisitEvidence
from kiosk.flows import card_steps
from kiosk.flows.card_opening import note_reading
from kiosk.flows.face_check import YOUNGEST_COLLECTOR_YEARS
from kiosk.flows.face_judging import judge_face
from kiosk.flows.finger_reading import NobodyThere, await_lifted, read_finger
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import RETRY, STOP, insist, is_again
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Picture
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import FingerCapture, FingerPhase
from kiosk.screen_models.text import t, verbatim
from kiosk.store.card_job import CardJob
from kiosk.ui import Answer, Ui

_OTHER = Action("other_finger", t("serve.other_finger"), "finger")
_BY_FACE = Action("face", t("issue.by_face"), "face")
#: Who looks where no officer is on duty yet: the very first card of all (kiosk.bootstrap.FOUNDER).
_FOUNDING = OperatorId("founding")


async def match_holder(work: Workplace, ui: Ui, job: CardJob) -> CardJob:
    """The job with the member who was verified. Raises FlowLeft when nobody was, and the officer stops."""
    members = [(row, record) for row, record in card_steps.members_of(job) if record is not None and _may(work, row)]
    if not members:
        return await _by_face(work, ui, job)
    note_reading(work, "templates.read", job.card_number or job.order_id)
    fingers = members[0][0].fingers
    attempt, evidence = 0, VisitEvidence()
    while not evidence.is_used_up:
        position = fingers[attempt // TRIES_A_FINGER % len(fingers)]
        screen = _screen(members[0][0], position, attempt % TRIES_A_FINGER + 1)
        reading = await insist(ui, partial(read_finger, work, ui, screen))
        attempt += 1
        if isinstance(reading, Answer):
            if reading.action == _OTHER.id:
                attempt += -attempt % TRIES_A_FINGER
                continue
            if reading.action == _BY_FACE.id:
                return await _by_face(work, ui, job)
            raise FlowLeft("left at the holder's finger")
        if isinstance(reading, NobodyThere):
            await _nobody(ui)
            continue
        member = await _find(work, ui, reading.template, members, evidence, position)
        if member is not None:
            is_best = position is fingers[0]
            by = VerifiedBy.FINGER if is_best else VerifiedBy.OTHER_FINGER
            return card_steps.holder_matched(work, job, member.person_id, by)
        await await_lifted(work)
    # Six readable fingers and none matched: more tries would only make a false match likelier.
    return await _by_face(work, ui, job)


def _may(work: Workplace, row: MemberRow) -> bool:
    return row.born.age_years(on=work.store.clock.today()) >= YOUNGEST_COLLECTOR_YEARS


async def _find(
    work: Workplace,
    ui: Ui,
    template: bytes,
    members: list[tuple[MemberRow, bytes]],
    evidence: VisitEvidence,
    asked: FingerPosition,
) -> MemberRow | None:
    if not template:
        return None
    found = await insist(ui, lambda: work.biometrics.likeness(template, [record for _, record in members]))
    seen = evidence.after(asked, [MemberLikeness(like.false_match_rate, like.compared) for like in found])
    return None if seen is None else members[seen.member][0]


async def _nobody(ui: Ui) -> None:
    body = t("issue.nobody_there")
    notice = Notice(title=t("issue.title"), mood=Mood.INFO, body=body, speak=body, icon="finger", actions=(RETRY, STOP))
    if not is_again(await ui.ask(notice)):
        raise FlowLeft("nobody placed a finger")


async def _by_face(work: Workplace, ui: Ui, job: CardJob) -> CardJob:
    """Without usable fingers the officer compares the printed photograph with the living face, a model advising where
    there is one; the officer's card signs right after.
    """
    assert job.package is not None, "a card that was read back has its package"
    portrait, holder = job.package.face.portrait, card_steps.members_of(job)[0][0]
    if portrait is None:
        raise FlowLeft("no finger and no photograph")
    note_reading(work, "portrait.shown", job.package.card_number)
    judged = await judge_face(
        work,
        ui,
        verbatim(holder.name),
        Picture(portrait, "jpeg"),
        officer_id=work.operator_id or _FOUNDING,
        subject=job.package.card_number,
        barred=frozenset(PersonId(row.person_id) for row, _ in card_steps.members_of(job)),
    )
    if not judged.is_same:
        raise FlowLeft("not the holder")
    return card_steps.holder_matched(work, job, holder.person_id, VerifiedBy.FACE_AND_OFFICER)


def _screen(holder: MemberRow, position: FingerPosition, attempt: int) -> FingerCapture:
    return FingerCapture(
        title=t("issue.finger_title"),
        speak=t("issue.place_finger") if attempt == 1 else t("serve.try_again"),
        person=verbatim(holder.name),
        position=position,
        phase=FingerPhase.WAITING,
        attempt=attempt,
        tries=TRIES_A_FINGER,
        actions=(_OTHER, _BY_FACE, STOP),
        timeout_s=None,
    )
