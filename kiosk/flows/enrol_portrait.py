"""The photograph: live picture, checks beside it, taken by itself when all are green, used or taken again."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial

from enrolment.devices.ports import CameraFrame
from enrolment.portrait_capture import MAX_PORTRAIT_BYTES, PortraitCapture, PortraitPhase
from kiosk.devices.ports import PortraitVerdict
from kiosk.flows.notices import insist
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Workplace
from kiosk.screen_models import people
from kiosk.screen_models.base import Action, CheckLine, Picture, RawPicture, Tone
from kiosk.screen_models.text import Text, t
from kiosk.ui import Answer, Ui

_USE = Action("use", t("photo.use"), "check", Tone.PRIMARY)
_AGAIN = Action("again", t("photo.again"), "retake")
_BY_HAND = Action("take", t("photo.by_hand"), "camera")
_WITHOUT = Action("without", t("photo.without"), "camera_off")


#: What is shown of the checks (biometrics.portrait): nobody reads nine lines while looking into a camera.
PORTRAIT_LINES = {
    "face": ("SingleFacePresent",),
    "sharp": ("Sharpness",),
    "light": ("LuminanceMean", "UnderExposurePrevention", "OverExposurePrevention"),
    "pose": ("HeadSize", "InterEyeDistance", "HeadPoseRoll"),
    "background": ("BackgroundUniformity",),
}


@dataclass(frozen=True, slots=True)
class Portrait:
    """The photograph for card and registry: JPEG of at most 5,000 bytes, scores by check, how often it was tried."""

    jpeg: bytes = field(repr=False)
    scores: dict[str, int]
    attempts: int


async def take_portrait(work: Workplace, ui: Ui, person: Text) -> Portrait | None:
    """The photograph that was accepted; None when the officer goes on without. Raises FlowLeft after a failure."""
    attempt = 1
    while True:
        looked = await insist(ui, partial(_look_or_touch, work, ui, person, attempt))
        if isinstance(looked, Answer):
            if looked.action == _WITHOUT.id:
                return None
            frame = await insist(ui, work.camera.latest)
        else:
            frame = looked
        if frame is None:
            continue
        verdict = await insist(ui, partial(work.biometrics.crop_portrait, frame, max_bytes=MAX_PORTRAIT_BYTES))
        if verdict.jpeg and (await _offer(ui, person, attempt, verdict)).action == _USE.id:
            return Portrait(verdict.jpeg, verdict.scores, attempt)
        attempt += 1


async def _look_or_touch(work: Workplace, ui: Ui, person: Text, attempt: int) -> Answer | CameraFrame:
    return await answer_or(ui, _look(work, ui, person, attempt))


async def _look(work: Workplace, ui: Ui, person: Text, attempt: int) -> CameraFrame:
    """The frame on which all checks held; the screen follows live."""
    capture, sequence = PortraitCapture(), -1
    screen = people.PortraitCapture(
        title=t("photo.title"),
        speak=t("photo.look_here") if attempt == 1 else None,
        person=person,
        frame=None,
        checks=(),
        attempt=attempt,
        actions=(_WITHOUT,),
        timeout_s=None,
    )
    ui.show(screen)
    while True:
        frame = await work.camera.latest(after=sequence)
        if frame is None:
            await asyncio.sleep(0)
            continue
        sequence = frame.sequence
        verdict = await work.biometrics.check_portrait(frame)
        capture = capture.after_frame(verdict.passed, is_acceptable=verdict.is_acceptable, has_face=verdict.has_face)
        actions = (_BY_HAND, _WITHOUT) if capture.may_take_by_hand else (_WITHOUT,)
        raw = RawPicture(frame.rgb, frame.width_px, frame.height_px, "RGB")
        ui.show(replace(screen, frame=raw, checks=_lines(verdict), hint=_hint(verdict), actions=actions))
        if capture.phase is PortraitPhase.TAKE_NOW:
            return frame


async def _offer(ui: Ui, person: Text, attempt: int, verdict: PortraitVerdict) -> Answer:
    return await ui.ask(
        people.PortraitCapture(
            title=t("photo.title"),
            speak=t("photo.use_this"),
            person=person,
            frame=None,
            checks=_lines(verdict),
            attempt=attempt,
            taken=Picture(verdict.jpeg, "jpeg"),
            actions=(_USE, _AGAIN),
            timeout_s=None,
        )
    )


def _hint(verdict: PortraitVerdict) -> Text | None:
    """One plain instruction at a time: the first thing that is wrong."""
    first = next(iter(verdict.hint_keys), None)
    return None if first is None else t(first)


def _lines(verdict: PortraitVerdict) -> tuple[CheckLine, ...]:
    """Five lines that stay in their places; which check of a line failed, the hint says, and the score is kept."""
    lines = []
    for name, checks in PORTRAIT_LINES.items():
        known = [verdict.passed[check] for check in checks if check in verdict.passed]
        lines.append(CheckLine(t(f"portrait.line.{name}"), all(known) if known else None))
    return tuple(lines)
