"""The fingers of one person: any of the ten in any order, each placed twice until both match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from domain.fingers import FingerPosition
from domain.messages.enrolment import ExceptionLasting, FingerExcepted, FingerException
from domain.people import Person
from enrolment.capture_rules import CaptureRules, read_rules
from enrolment.finger_capture import CapturePhase, FingerCapture, Impression, TakenFinger
from enrolment.hand_plan import HandPlan
from kiosk.flows.finger_choices import Wish, ask_finger, ask_lasting, ask_reason, ask_weak
from kiosk.flows.finger_reading import NobodyThere, Reading, await_lifted, read_finger
from kiosk.flows.finger_strangers import KnownFingers, Stranger, find_stranger, say_swapped
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, RETRY, insist
from kiosk.flows.workplace import Workplace
from kiosk.screen_models import people
from kiosk.screen_models.base import Action
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import FingerPhase
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.ui import Answer, Ui

#: Two impressions of one finger match from here on: one in ten thousand pairs of different fingers does.
_SAME_FINGER_FMR = 1e-4
NOTHING_KNOWN = KnownFingers()
_CANNOT = Action("cannot", t("fingers.cannot"), "finger_off")
_OTHER = Action("other", t("fingers.other"), "hand")
#: Called after every finger, so that a restart goes on from there.
Keep = Callable[[HandPlan], None]


def rules_of(work: Workplace) -> CaptureRules:
    """How fingers are taken at this desk now."""
    bundle = work.store.bundles.current
    return read_rules(bundle.settings, [programme.code for programme in bundle.programmes])


async def take_fingers(
    work: Workplace, ui: Ui, person: Person, plan: HandPlan, keep: Keep, known: KnownFingers = NOTHING_KNOWN
) -> HandPlan:
    """Every finger that the person's age asks for, or its exception; ``plan`` holds those of before a restart.

    ``known``: nobody gives a finger for somebody else, and one given under another name than before is noticed.
    """
    rules = rules_of(work)
    wanted = rules.fingers_wanted(person, on=work.store.clock.today())
    chosen: FingerPosition | None = None
    while wanted and (position := chosen or plan.next_finger(most=wanted)) is not None:
        outcome = await _take_finger(work, ui, person, FingerCapture(position, rules=rules), plan, known)
        chosen = None
        if isinstance(outcome, TakenFinger | FingerExcepted):
            plan = plan.after(outcome)
        elif isinstance(outcome, Wish):
            plan = plan.putting_off(position)
        else:
            chosen = outcome
        keep(plan)
    return plan


async def _take_finger(
    work: Workplace, ui: Ui, person: Person, capture: FingerCapture, plan: HandPlan, known: KnownFingers
) -> TakenFinger | FingerExcepted | FingerPosition | Wish:
    """The finger, its exception, a wish to do it later, or another finger that shall come first."""
    hint, is_held_back = None, False
    while capture.phase not in (CapturePhase.DONE, CapturePhase.GIVEN_UP):
        if capture.phase is CapturePhase.WEAK:
            reason = await ask_weak(ui, capture)
            capture = capture.left_out() if reason is None else capture.taken_as_it_is(reason)
            continue
        reading = await insist(ui, partial(read_finger, work, ui, _screen(person, capture, plan, hint)))
        if isinstance(reading, NobodyThere):
            await _remind(ui)
            continue
        if isinstance(reading, Answer):
            decided = await _after_touch(ui, person, capture, plan, reading)
            if decided is not Wish.TRY:
                return decided
            continue
        capture, hint, stranger = await _after_reading(work, ui, capture, plan, known, reading)
        if stranger is Stranger.OTHER_NAME:
            # Said once; laid down again it is taken as it is given, and the registry has somebody decide.
            known = replace(known, earlier=None)
        is_held_back = is_held_back or stranger in (Stranger.OPERATOR, Stranger.RELATIVE)
        await await_lifted(work)
    if capture.phase is CapturePhase.DONE:
        return capture.taken()
    why = FingerException.HELD_BACK if is_held_back else FingerException.WORN
    return FingerExcepted(position=capture.position, reason=why, attempts=capture.attempts, sensor=capture.sensor)


async def _after_touch(
    ui: Ui, person: Person, capture: FingerCapture, plan: HandPlan, touched: Answer
) -> FingerExcepted | FingerPosition | Wish:
    """What the officer wants instead."""
    position = capture.position
    if touched.action == _OTHER.id:
        return await ask_finger(ui, plan) or Wish.TRY
    reason = await ask_reason(ui, person, may_wait=position not in plan.put_off)
    if isinstance(reason, Wish):
        return reason
    lasting = await ask_lasting(ui) if reason is FingerException.WORN else _LASTING[reason]
    return FingerExcepted(
        position=position, reason=reason, lasting=lasting, attempts=capture.attempts, sensor=capture.sensor
    )


_LASTING = {
    FingerException.MISSING: ExceptionLasting.PERMANENT,
    FingerException.BANDAGED: ExceptionLasting.TEMPORARY,
    FingerException.DECLINED: ExceptionLasting.TEMPORARY,
}


async def _after_reading(
    work: Workplace, ui: Ui, capture: FingerCapture, plan: HandPlan, known: KnownFingers, reading: Reading
) -> tuple[FingerCapture, Text | None, Stranger | None]:
    """The capture after one more placing, what to say, and whose finger it was if not this one."""
    impression = Impression(template=reading.template, quality=reading.quality, sensor=reading.sensor)
    hint = None if reading.hint_key is None else t(reading.hint_key)
    stranger = None
    if impression.template:
        found = await insist(ui, lambda: find_stranger(work, impression.template, capture, plan, known))
        if found is not None:
            stranger, hint = found.kind, found.hint
            impression = Impression(template=b"", quality=0, sensor=reading.sensor)
            is_swapped = stranger is Stranger.OTHER_SLOT and capture.phase is CapturePhase.SECOND
            if is_swapped or stranger is Stranger.OTHER_NAME:
                await say_swapped(ui, asked=capture.position, given=found.position)
    return await _after(work, ui, capture, impression), hint, stranger


async def _after(work: Workplace, ui: Ui, capture: FingerCapture, impression: Impression) -> FingerCapture:
    if capture.phase is CapturePhase.FIRST:
        return capture.after_first(impression)
    assert capture.first is not None, "the second impression comes after a first"
    if not impression.template:
        return capture.after_second(impression, is_match=False)
    first = capture.first.template
    (like,) = await insist(ui, lambda: work.biometrics.likeness(impression.template, [first]))
    is_match = like.false_match_rate <= _SAME_FINGER_FMR
    return capture.after_second(impression, is_match=is_match, evidence=like.evidence)


async def _remind(ui: Ui) -> None:
    """Nobody placed a finger: the screen waits for a touch before the sensor is asked again."""
    body = t("fingers.nobody")
    again = Action(RETRY.id, t("action.go_on"), "next")
    notice = Notice(title=t("fingers.title"), mood=Mood.INFO, body=body, speak=body, icon="finger", actions=(again, OK))
    answer = await ui.ask(notice)
    if answer.action == "timeout":
        raise FlowLeft("nobody at the sensor")


def _screen(person: Person, capture: FingerCapture, plan: HandPlan, hint: Text | None) -> people.FingerCapture:
    is_second = capture.phase is CapturePhase.SECOND
    done = {each.position: True for each in plan.done} | {each.position: False for each in plan.excepted}
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
        actions=(_CANNOT, _OTHER),
        timeout_s=None,
    )
