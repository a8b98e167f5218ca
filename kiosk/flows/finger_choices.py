"""What an officer is asked about a finger: which one, why not, for how long, and whether a weak one will do."""

from __future__ import annotations

from enum import StrEnum

from domain.fingers import FingerPosition
from domain.messages.enrolment import ExceptionLasting, FingerException, WeakFingerReason
from domain.people import Person
from enrolment.finger_capture import FingerCapture
from enrolment.hand_plan import TEN_FINGERS, HandPlan
from kiosk.screen_models.general import Choice, Option
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.ui import Ui


class Wish(StrEnum):
    """What an officer may want instead of a reason."""

    #: The finger is asked for again when all others have been.
    LATER = "later"
    TRY = "try"


_LEAVE_OUT = "leave_out"
_REASONS = {
    FingerException.MISSING: "hand",
    FingerException.BANDAGED: "health",
    FingerException.WORN: "worker",
    FingerException.DECLINED: "no",
}
_WEAK_ICONS = {
    WeakFingerReason.WORN_BY_WORK: "worker",
    WeakFingerReason.OLD_SKIN: "elder",
    WeakFingerReason.DRY_OR_WET: "hand",
    WeakFingerReason.SCARRED: "health",
}
_LASTING_ICONS = {ExceptionLasting.TEMPORARY: "clock", ExceptionLasting.PERMANENT: "lock"}


def finger_name(position: FingerPosition) -> Text:
    """The finger in words."""
    return t(f"finger.{position.name.lower()}")


async def ask_finger(ui: Ui, plan: HandPlan) -> FingerPosition | None:
    """Any of the ten; None for the one shown now. Those taken may be taken again."""
    options = tuple(
        Option(str(int(each)), t(f"finger_short.{each.name.lower()}"), _icon(plan, each)) for each in TEN_FINGERS
    )
    value = await _choose(ui, t("fingers.which"), options)
    return None if value is None else FingerPosition(int(value))


def _icon(plan: HandPlan, position: FingerPosition) -> str:
    if any(each.position is position for each in plan.done):
        return "check_circle"
    return "finger_off" if plan.is_settled(position) else "finger"


async def ask_reason(ui: Ui, person: Person, *, may_wait: bool) -> FingerException | Wish:
    """Why this finger is not taken; or that it is put off, where it ``may_wait``, or tried all the same."""
    question = t("fingers.why_not", name=verbatim(person.name.local or person.name.latin))
    options = [Option(reason, t(f"finger_exception.{reason}"), icon) for reason, icon in _REASONS.items()]
    if may_wait:
        options.append(Option(Wish.LATER, t("fingers.later"), "clock"))
    value = await _choose(ui, question, tuple(options))
    if value is None:
        return Wish.TRY
    return Wish.LATER if value == Wish.LATER else FingerException(value)


async def ask_lasting(ui: Ui) -> ExceptionLasting:
    """Whether the finger may come back; temporary when nobody says."""
    options = tuple(Option(lasting, t(f"finger_lasting.{lasting}"), icon) for lasting, icon in _LASTING_ICONS.items())
    value = await _choose(ui, t("fingers.how_long"), options)
    return ExceptionLasting.TEMPORARY if value is None else ExceptionLasting(value)


async def ask_weak(ui: Ui, capture: FingerCapture) -> WeakFingerReason | None:
    """Why the weak finger is taken all the same; None to leave it out."""
    assert capture.first is not None, "a weak finger was read"
    question = t(
        "fingers.weak",
        finger=finger_name(capture.position),
        quality=capture.first.quality,
        least=capture.rules.good_quality,
    )
    reasons = [Option(reason, t(f"weak_finger.{reason}"), icon) for reason, icon in _WEAK_ICONS.items()]
    value = await _choose(ui, question, (*reasons, Option(_LEAVE_OUT, t("fingers.leave_out"), "finger_off")))
    return None if value in (None, _LEAVE_OUT) else WeakFingerReason(value)


async def _choose(ui: Ui, question: Text, options: tuple[Option, ...]) -> str | None:
    answer = await ui.ask(
        Choice(
            title=t("fingers.title"), question=question, speak=question, options=options, has_back=True, timeout_s=None
        )
    )
    return str(answer.value) if answer.action == "choose" else None
