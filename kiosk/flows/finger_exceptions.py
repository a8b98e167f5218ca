"""Missing and damaged fingers: one photograph of the hands, and a second person who has seen them too."""

from __future__ import annotations

from dataclasses import replace

from card_service.errors import CardError
from domain.ids import OperatorId
from domain.messages.enrolment import HandPhoto
from enrolment.hand_plan import HandPlan
from kiosk.card_watcher import CardTakenAway
from kiosk.devices.failure import DeviceFailed
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import RETRY, device_problem, is_again
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Workplace
from kiosk.screen_models import people
from kiosk.screen_models.base import Action, RawPicture, Tone
from kiosk.screen_models.general import Choice, Option
from kiosk.screen_models.text import Text, t
from kiosk.ui import Answer, Ui

MAX_HANDS_BYTES = 6_000
_TAKE = Action("take", t("photo.by_hand"), "camera", Tone.PRIMARY)
_WITHOUT = Action("without", t("photo.without"), "camera_off")
_SIGN, _NOBODY = "sign", "nobody"


async def sign_exceptions(work: Workplace, ui: Ui, person: Text, plan: HandPlan, registrar: OperatorId) -> HandPlan:
    """The plan with photograph and second signature, where a hand asks for them; neither stops the registration."""
    if plan.is_signed_off or not plan.to_be_signed:
        return plan
    photo = await _photograph(work, ui, person)
    return plan.signed(photo, await _second_person(work, ui, registrar))


async def _photograph(work: Workplace, ui: Ui, person: Text) -> bytes | HandPhoto:
    """The photograph, or why there is none: a camera that is away holds nobody up."""
    while True:
        try:
            looked = await _live(work, ui, person)
            if looked.action != _TAKE.id:
                return HandPhoto.LEFT_OUT
            frame = await work.camera.latest()
            if frame is not None:
                return await work.biometrics.shrink_picture(frame, max_bytes=MAX_HANDS_BYTES)
        except DeviceFailed as failure:
            problem = replace(device_problem(failure), actions=(RETRY, _WITHOUT))
            if not is_again(await ui.ask(problem)):
                return HandPhoto.CAMERA_AWAY


async def _live(work: Workplace, ui: Ui, person: Text) -> Answer:
    touched = await answer_or(ui, _show_hands(work, ui, person))
    assert isinstance(touched, Answer), "the picture is shown until somebody touches"
    return touched


async def _show_hands(work: Workplace, ui: Ui, person: Text) -> None:
    """Shows the camera until somebody decides."""
    screen = people.PortraitCapture(
        title=t("hands.photo_title"),
        speak=t("hands.photo"),
        person=person,
        frame=None,
        checks=(),
        attempt=1,
        actions=(_TAKE, _WITHOUT),
        timeout_s=None,
    )
    ui.show(screen)
    sequence = -1
    while True:
        frame = await work.camera.latest(after=sequence)
        if frame is None:
            continue
        sequence = frame.sequence
        ui.show(replace(screen, frame=RawPicture(frame.rgb, frame.width_px, frame.height_px, "RGB")))


async def _second_person(work: Workplace, ui: Ui, registrar: OperatorId) -> OperatorId | None:
    """Another officer, by card and finger; None when nobody else is here: the registration goes on."""
    question = t("hands.who_signs")
    while True:
        answer = await ui.ask(
            Choice(
                title=t("hands.sign_title"),
                question=question,
                speak=question,
                options=(
                    Option(_SIGN, t("hands.sign"), "officer"),
                    Option(_NOBODY, t("hands.nobody"), "clock"),
                ),
                timeout_s=None,
            )
        )
        if answer.value != _SIGN:
            return None
        signed_by = await _signature(work, ui)
        if signed_by is not None and signed_by != registrar:
            return signed_by
        question = t("hands.not_signed") if signed_by is None else t("hands.same_person")


async def _signature(work: Workplace, ui: Ui) -> OperatorId | None:
    try:
        officer, _ = await show_officer(work, ui)
    except (OfficerRefused, FlowLeft, CardTakenAway, CardError):
        return None
    finally:
        await work.officer_reader.release()
    return officer.operator_id
