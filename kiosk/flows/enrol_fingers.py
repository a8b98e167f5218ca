"""The fingers of one person: each placed twice until both match, exceptions noted with dignity."""

from __future__ import annotations

from functools import partial

from domain.fingers import FingerPosition
from domain.messages.enrolment import FingerException
from domain.people import Person
from enrolment.finger_capture import (
    CapturePhase,
    FingerCapture,
    HandPlan,
    Impression,
    fingers_wanted,
    other_templates,
)
from kiosk.flows.finger_reading import NobodyThere, await_lifted, read_finger
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, RETRY, insist
from kiosk.flows.workplace import Workplace
from kiosk.screen_models import people
from kiosk.screen_models.base import Action
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.people import FingerPhase
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.ui import Answer, Ui

_CANNOT = Action("cannot", t("fingers.cannot"), "finger_off")
_REASONS = {
    FingerException.MISSING: "hand",
    FingerException.BANDAGED: "health",
    FingerException.WORN: "worker",
    FingerException.DECLINED: "no",
}


async def take_fingers(work: Workplace, ui: Ui, person: Person) -> HandPlan:
    """Every finger that the person's age asks for, or its exception."""
    wanted = fingers_wanted(person, on=work.store.clock.today())
    plan = HandPlan()
    if wanted == 0:
        return plan
    while (position := plan.next_finger(most=wanted)) is not None:
        taken = await _take_finger(work, ui, person, position, plan)
        plan = plan.after(position, taken)
    return plan


async def _take_finger(
    work: Workplace, ui: Ui, person: Person, position: FingerPosition, plan: HandPlan
) -> FingerCapture | FingerException:
    capture, hint = FingerCapture(position), None
    while capture.phase not in (CapturePhase.DONE, CapturePhase.GIVEN_UP):
        screen = _screen(person, capture, plan, hint)
        reading = await insist(ui, partial(read_finger, work, ui, screen))
        if isinstance(reading, NobodyThere):
            await _remind(ui)
            continue
        if isinstance(reading, Answer):
            reason = await _ask_reason(ui, person)
            if reason is not None:
                return reason
            continue
        impression = Impression(reading.template, reading.quality)
        hint = None if reading.hint_key is None else t(reading.hint_key)
        if impression.template and await _is_other_finger(work, ui, impression, plan, position):
            impression, hint = Impression(b"", 0), t("capture.hint.same_finger")
        capture = await _after(work, ui, capture, impression)
        await await_lifted(work)
    return FingerException.WORN if capture.phase is CapturePhase.GIVEN_UP else capture


async def _after(work: Workplace, ui: Ui, capture: FingerCapture, impression: Impression) -> FingerCapture:
    if capture.phase is CapturePhase.FIRST:
        return capture.after_first(impression)
    assert capture.first is not None, "the second impression comes after a first"
    first = capture.first.template
    is_match = bool(impression.template) and await _is_match(work, ui, impression.template, [first])
    return capture.after_second(impression, is_match=is_match)


async def _is_other_finger(
    work: Workplace, ui: Ui, impression: Impression, plan: HandPlan, position: FingerPosition
) -> bool:
    others = other_templates(plan.done, position)
    return bool(others) and await _is_match(work, ui, impression.template, others)


async def _is_match(work: Workplace, ui: Ui, probe: bytes, references: list[bytes]) -> bool:
    found = await insist(ui, lambda: work.biometrics.match(probe, references))
    return any(finger is not None for finger in found)


async def _remind(ui: Ui) -> None:
    """Nobody placed a finger: the screen waits for a touch before the sensor is asked again."""
    body = t("fingers.nobody")
    again = Action(RETRY.id, t("action.go_on"), "next")
    notice = Notice(title=t("fingers.title"), mood=Mood.INFO, body=body, speak=body, icon="finger", actions=(again, OK))
    answer = await ui.ask(notice)
    if answer.action == "timeout":
        raise FlowLeft("nobody at the sensor")


async def _ask_reason(ui: Ui, person: Person) -> FingerException | None:
    question = t("fingers.why_not", name=verbatim(person.name.local or person.name.latin))
    options = tuple(Option(reason, t(f"finger_exception.{reason}"), icon) for reason, icon in _REASONS.items())
    answer = await ui.ask(
        Choice(
            title=t("fingers.title"), question=question, speak=question, options=options, has_back=True, timeout_s=None
        )
    )
    return FingerException(str(answer.value)) if answer.action == "choose" else None


def _screen(person: Person, capture: FingerCapture, plan: HandPlan, hint: Text | None) -> people.FingerCapture:
    is_second = capture.phase is CapturePhase.SECOND
    done = {each.position: True for each in plan.done} | dict.fromkeys(plan.exceptions, False)
    return people.FingerCapture(
        title=t("fingers.title"),
        speak=t("fingers.once_more") if is_second else t("fingers.place"),
        person=verbatim(person.name.local or person.name.latin),
        position=capture.position,
        phase=FingerPhase.WAITING,
        attempt=capture.attempt,
        tries=capture.tries,
        hint=hint,
        done=done,
        actions=(_CANNOT,),
        timeout_s=None,
    )
