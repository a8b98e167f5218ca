"""Samples of the questions about fingers: which, why weak, swapped, and who has seen the hands."""

from __future__ import annotations

from domain.fingers import FingerPosition
from domain.messages.enrolment import WeakFingerReason
from enrolment.hand_plan import TEN_FINGERS
from kiosk.screen_models.base import Action, Screen, Tone
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.people import PortraitCapture
from kiosk.screen_models.text import Text, t
from kiosk.screens.samples import pictures as p
from kiosk.screens.samples import words as w

_WEAK_ICONS = ("worker", "elder", "hand", "health")


def finger_samples() -> dict[str, Screen]:
    return {
        "finger_which": _which(),
        "finger_weak": _weak(),
        "finger_swapped": _swapped(),
        "finger_swap_decision": _swap_decision(),
        "hands_photo": _hands(),
        "hands_sign": _signature(),
    }


def _finger(position: FingerPosition) -> Text:
    return t(f"finger.{position.name.lower()}")


def _which() -> Choice:
    icons = ("check_circle", "check_circle", "finger_off", *("finger",) * 7)
    options = tuple(
        Option(str(int(each)), t(f"finger_short.{each.name.lower()}"), icon)
        for each, icon in zip(TEN_FINGERS, icons, strict=True)
    )
    return Choice(title=t("fingers.title"), question=t("fingers.which"), options=options, has_back=True)


def _weak() -> Choice:
    question = t("fingers.weak", finger=_finger(FingerPosition.RIGHT_INDEX), quality=34, least=40)
    reasons = [
        Option(reason, t(f"weak_finger.{reason}"), icon)
        for reason, icon in zip(WeakFingerReason, _WEAK_ICONS, strict=True)
    ]
    options = (*reasons, Option("leave_out", t("fingers.leave_out"), "finger_off"))
    return Choice(title=t("fingers.title"), question=question, options=options, has_back=True)


def _swapped() -> Notice:
    given, asked = _finger(FingerPosition.RIGHT_THUMB), _finger(FingerPosition.LEFT_THUMB)
    body = t("fingers.swapped_hands", given=given, asked=asked)
    ok = Action("ok", t("action.ok"), "check", Tone.PRIMARY)
    return Notice(title=t("fingers.swapped_title"), mood=Mood.WARNING, body=body, icon="hand_left", actions=(ok,))


def _swap_decision() -> Choice:
    options = (
        Option("record_was_wrong", t("swap.record_was_wrong"), "retake"),
        Option("given_wrongly", t("swap.given_wrongly"), "hand"),
        Option("later", t("swap.later"), "clock"),
    )
    return Choice(title=t("swap.title"), question=t("swap.question", count=2), options=options)


def _hands() -> PortraitCapture:
    return PortraitCapture(
        title=t("hands.photo_title"),
        person=w.GRANDFATHER_NAME,
        frame=p.live_frame(p.GRANDFATHER),
        checks=(),
        attempt=1,
        actions=(
            Action("take", t("photo.by_hand"), "camera", Tone.PRIMARY),
            Action("without", t("photo.without"), "camera_off"),
        ),
    )


def _signature() -> Choice:
    options = (Option("sign", t("hands.sign"), "officer"), Option("nobody", t("hands.nobody"), "clock"))
    return Choice(title=t("hands.sign_title"), question=t("hands.who_signs"), options=options)
