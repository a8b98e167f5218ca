"""A finger that is not the one asked for: given already under another name, or a staff member's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId
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
SAME_FINGER_FMR = 1e-4
#: Between people more is asked: a household of eight holds many fingers, and nobody shall be held back by chance.
_OTHER_PERSON_FMR = 1e-5


class Stranger(StrEnum):
    """Whose finger it was."""

    OTHER_SLOT = "other_slot"
    #: The person's own, under another name than the one on their card.
    OTHER_NAME = "other_name"
    #: Somebody's of this household whose fingers were taken before.
    RELATIVE = "relative"
    #: Somebody's who works at this desk. The public is only asked for the right finger; the audit says it.
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class FoundStranger:
    """``position`` is the finger as it was given before; of another person's it is UNKNOWN."""

    kind: Stranger
    position: FingerPosition
    hint: Text


@dataclass(frozen=True, slots=True)
class KnownFingers:
    """Fingers to compare with: the household's other members', by id, and the person's own as given before."""

    relatives: Sequence[tuple[str, bytes]] = ()
    #: Record of one or more fingers, from the card.
    earlier: bytes | None = field(default=None, repr=False)


async def find_stranger(
    work: Workplace, probe: bytes, capture: FingerCapture, plan: HandPlan, known: KnownFingers
) -> FoundStranger | None:
    """Whose finger this is, if it is known as another one. Raises DeviceFailed."""
    found = await _find_here(work, probe, capture, plan, known.relatives)
    if found is not None or known.earlier is None:
        return found
    (like,) = await work.biometrics.likeness(probe, [known.earlier])
    is_other = like.position not in (capture.position, FingerPosition.UNKNOWN)
    if not is_other or like.false_match_rate > SAME_FINGER_FMR:
        return None
    _note(work, "finger.other_than_on_card", f"{capture.position.name.lower()}={like.position.name.lower()}")
    return FoundStranger(
        Stranger.OTHER_NAME, like.position, t("capture.hint.known_as", finger=finger_name(like.position))
    )


async def _find_here(
    work: Workplace, probe: bytes, capture: FingerCapture, plan: HandPlan, relatives: Sequence[tuple[str, bytes]]
) -> FoundStranger | None:
    own = [each for each in plan.done if each.position is not capture.position]
    people = [(Stranger.RELATIVE, *each) for each in relatives]
    people += [(Stranger.OPERATOR, str(who), record) for who, record in sorted(work.operator_fingers.items())]
    references = [each.better.template for each in own] + [record for _, _, record in people]
    if not references:
        return None
    rates = [like.false_match_rate for like in await work.biometrics.likeness(probe, references)]
    slot = _closest(rates[: len(own)], SAME_FINGER_FMR)
    if slot is not None:
        given = own[slot].position
        _note(work, "finger.given_twice", f"{capture.position.name.lower()}={given.name.lower()}")
        return FoundStranger(Stranger.OTHER_SLOT, given, t("capture.hint.given_as", finger=finger_name(given)))
    other = _closest(rates[len(own) :], _OTHER_PERSON_FMR)
    if other is None:
        return None
    kind, who, _ = people[other]
    _note(work, f"finger.{kind}s_at_enrolment", who)
    return FoundStranger(kind, FingerPosition.UNKNOWN, t("capture.hint.own_finger"))


async def note_operators_finger(work: Workplace, probe: bytes, household: Collection[PersonId]) -> None:
    """Notes that somebody who works here gave a finger for a holder's. Nothing is said to the public.

    Who works here and belongs to the ``household`` may stand before the desk like everybody else. Raises DeviceFailed.
    """
    known = {who: record for who, record in sorted(work.operator_fingers.items()) if not _belongs(work, who, household)}
    if not known:
        return
    rates = [like.false_match_rate for like in await work.biometrics.likeness(probe, list(known.values()))]
    closest = _closest(rates, _OTHER_PERSON_FMR)
    if closest is not None:
        _note(work, "finger.operators_at_service", str(list(known)[closest]))


def _belongs(work: Workplace, operator_id: OperatorId, household: Collection[PersonId]) -> bool:
    entry = work.store.bundles.find_operator(operator_id)
    return entry is not None and entry.person_id in household


def _closest(rates: Sequence[float], limit: float) -> int | None:
    """The place of the smallest rate, if it is within the limit."""
    best = min(range(len(rates)), key=rates.__getitem__, default=None)
    return best if best is not None and rates[best] <= limit else None


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
