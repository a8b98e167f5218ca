"""A living face and a photograph side by side: a model advises where there is one, an officer says, two against it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass, replace

from card_service.errors import CardError
from domain.ids import OperatorId, PersonId
from domain.verification import FaceJudgement, Verdict
from kiosk.card_watcher import CardTakenAway
from kiosk.devices.failure import DeviceFailed
from kiosk.flows.face_adviser import FaceAdviser
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import device_problem, is_again, waiting
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Picture, RawPicture, Tone
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import FaceComparison
from kiosk.screen_models.text import Text, t
from kiosk.store.audit_log import AuditLine
from kiosk.ui import Answer, Ui

_SAME = Action("same", t("face.same_person"), "same", Tone.PRIMARY)
_DIFFERENT = Action("different", t("face.other_person"), "different", Tone.DANGER)
_SIGN = Action("sign", t("face.second_looks"), "officer", Tone.PRIMARY)
_OTHER_WAY = Action("other_way", t("face.other_way"), "next")


@dataclass(frozen=True, slots=True)
class JudgedFace:
    """Whether the person counts as the one on the picture, and what that rests on."""

    is_same: bool
    judgement: FaceJudgement


async def judge_face(
    work: Workplace,
    ui: Ui,
    person: Text,
    from_card: Picture,
    *,
    officer_id: OperatorId,
    subject: str,
    barred: Collection[PersonId] = (),
) -> JudgedFace:
    """What people say of the face before the camera, and what a model said to it; audited for ``subject``.

    A model alone admits nobody and turns nobody away. Where it says no and the officer says yes, a second officer, none
    of ``barred``, must say yes too; without one the person goes on to another way.
    """
    adviser = FaceAdviser(work.faces, from_card.data, work.patience.face_s)
    is_same = await _ask_officer(work, ui, _screen(person, from_card), adviser)
    second = None
    if is_same and adviser.verdict is Verdict.FAILED:
        second = await _second_officer(work, ui, person, from_card, adviser, officer_id, barred)
        is_same = second is not None
    judgement = adviser.judgement(second)
    what = f"face.{'confirmed' if is_same else 'refused'}.{judgement.judge}"
    now = work.store.clock.now()
    work.store.journal.note(AuditLine(at=now, what=what, subject=subject, operator=officer_id))
    return JudgedFace(is_same, judgement)


def _screen(person: Text, from_card: Picture) -> FaceComparison:
    return FaceComparison(
        title=t("face.title"),
        speak=t("face.look_at_camera"),
        person=person,
        from_card=from_card,
        frame=None,
        timeout_s=None,
    )


async def _ask_officer(work: Workplace, ui: Ui, screen: FaceComparison, adviser: FaceAdviser) -> bool:
    """Whether the officer says that the living face is the one of the picture."""
    adviser.begin()
    while True:
        ui.show(_advised(screen, adviser))
        try:
            answer = await answer_or(ui, _show_live(work, ui, screen, adviser))
            if isinstance(answer, Answer) and answer.action == _SAME.id:
                await _settle(work, ui, adviser)
        except DeviceFailed as failure:
            # The officer sees the person too: without the camera the comparison goes on by eye.
            if not is_again(await ui.ask(device_problem(failure))):
                adviser.give_up()
                return (await ui.ask(_advised(screen, adviser))).action == _SAME.id
            continue
        return isinstance(answer, Answer) and answer.action == _SAME.id


def _advised(screen: FaceComparison, adviser: FaceAdviser) -> FaceComparison:
    """With what the model says; "the same" is offered once it has said it, so that nobody answers before."""
    actions = (_SAME, _DIFFERENT) if adviser.is_settled else (_DIFFERENT,)
    return replace(screen, advice=adviser.line(), actions=actions)


async def _show_live(work: Workplace, ui: Ui, screen: FaceComparison, adviser: FaceAdviser) -> None:
    """Shows the camera until somebody decides; the model looks beside it and never holds up the picture."""
    sequence, looking = -1, asyncio.create_task(asyncio.sleep(0))
    try:
        while True:
            frame = await work.camera.latest(after=sequence)
            if frame is None:
                # A camera that shows nothing holds nobody up: the officer sees the person.
                ui.show(_advised(screen, adviser))
                continue
            sequence = frame.sequence
            if looking.done() and not adviser.is_settled:
                looking = asyncio.create_task(adviser.look(frame))
            picture = RawPicture(frame.rgb, frame.width_px, frame.height_px, "RGB")
            ui.show(_advised(replace(screen, frame=picture), adviser))
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking


async def _settle(work: Workplace, ui: Ui, adviser: FaceAdviser) -> None:
    """An answer that came a moment before the model's: the model has its say all the same. Raises DeviceFailed."""
    while not adviser.is_settled:
        ui.show(waiting(t("face.title"), "face"))
        frame = await work.camera.latest()
        if frame is not None:
            await adviser.look(frame)


async def _second_officer(
    work: Workplace,
    ui: Ui,
    person: Text,
    from_card: Picture,
    adviser: FaceAdviser,
    officer_id: OperatorId,
    barred: Collection[PersonId],
) -> OperatorId | None:
    """Another officer, by card and finger, who sees the same person too; None when nobody does."""
    body = t("face.model_says_other")
    while True:
        notice = Notice(
            title=t("face.two_eyes_title"),
            mood=Mood.WARNING,
            body=body,
            speak=body,
            icon="officer",
            actions=(_SIGN, _OTHER_WAY),
            timeout_s=None,
        )
        if (await ui.ask(notice)).action != _SIGN.id:
            return None
        try:
            officer, _ = await show_officer(work, ui, is_serving=True, barred=barred, but_not=officer_id)
        except OfficerRefused as error:
            body = error.reason
            continue
        except FlowLeft:
            return None
        except (CardTakenAway, CardError):
            body = t("login.card_lost")
            continue
        finally:
            await work.officer_reader.release()
        is_same = await _ask_officer(work, ui, _screen(person, from_card), adviser)
        return officer.operator_id if is_same else None
