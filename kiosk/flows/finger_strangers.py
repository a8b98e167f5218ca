"""A finger that is not the one asked for: given already under another name, or a staff member's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.fingers import FingerPosition
from enrolment.finger_capture import FingerCapture
from enrolment.hand_plan import HandPlan
from kiosk.flows.finger_choices import finger_name
from kiosk.flows.notices import OK
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t
from kiosk.store.audit_log import AuditLine
from kiosk.ui import Ui

#: One in ten thousand comparisons of different fingers takes them for one; then the next try decides.
_SAME_FINGER_FMR = 1e-4


class Stranger(StrEnum):
    """Whose finger it was."""

    OTHER_SLOT = "other_slot"
    #: Somebody's who works at this desk. The public is only asked for the right finger; the audit says it.
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class FoundStranger:
    """``position`` is the finger as it was given before, UNKNOWN for an operator's."""

    kind: Stranger
    position: FingerPosition
    hint: Text


async def find_stranger(work: Workplace, probe: bytes, capture: FingerCapture, plan: HandPlan) -> FoundStranger | None:
    """Whose finger this is, if it is known as another one. Raises DeviceFailed."""
    others = [each for each in plan.done if each.position is not capture.position]
    operators = sorted(work.operator_fingers.items())
    references = [each.better.template for each in others] + [record for _, record in operators]
    if not references:
        return None
    alike = await work.biometrics.likeness(probe, references)
    hits = [at for at, like in enumerate(alike) if like.false_match_rate <= _SAME_FINGER_FMR]
    if not hits:
        return None
    best = min(hits, key=lambda at: (at >= len(others), alike[at].false_match_rate))
    if best < len(others):
        given = others[best].position
        _note(work, "finger.given_twice", f"{capture.position.name.lower()}={given.name.lower()}")
        return FoundStranger(Stranger.OTHER_SLOT, given, t("capture.hint.given_as", finger=finger_name(given)))
    _note(work, "finger.operators_at_enrolment", operators[best - len(others)][0])
    return FoundStranger(Stranger.OPERATOR, FingerPosition.UNKNOWN, t("capture.hint.own_finger"))


def _note(work: Workplace, what: str, subject: str) -> None:
    """Which fingers or which operator; never whose finger was expected."""
    now = work.store.clock.now()
    work.store.journal.note(AuditLine(at=now, what=what, subject=subject, operator=work.operator_id))


async def say_swapped(ui: Ui, *, asked: FingerPosition, given: FingerPosition) -> None:
    """Two fingers were swapped: what came, and what is wanted."""
    is_other_hand = asked.is_right_hand is not given.is_right_hand
    key = "fingers.swapped_hands" if is_other_hand else "fingers.swapped"
    body = t(key, given=finger_name(given), asked=finger_name(asked))
    icon = "hand" if asked.is_right_hand else "hand_left"
    await ui.ask(
        Notice(title=t("fingers.swapped_title"), mood=Mood.WARNING, body=body, speak=body, icon=icon, actions=(OK,))
    )
