"""Fingers of one person that came under other names than before: an officer says which names are right."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.errors import CardError
from domain.events import EventKind
from domain.finger_swaps import SwapDecision
from domain.ids import OperatorId, PersonId
from domain.messages.enrolment import DuplicateCandidate, DuplicateDecided, DuplicateDecision
from domain.messages.fingers import FingerSwapDecided
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.text import t
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_ICONS = {SwapDecision.RECORD_WAS_WRONG: "retake", SwapDecision.GIVEN_WRONGLY: "hand"}
_LATER = "later"


async def ask_about_swap(
    work: Workplace, ui: Ui, maker: OperatorId, candidate: DuplicateCandidate, decided: DuplicateDecided
) -> None:
    """After "the same person": which names of the fingers are right. Left for later, the registry keeps it in sight.

    Changing the record takes an officer other than ``maker``, who took the fingers.
    """
    if decided.decision is DuplicateDecision.SAME_PERSON and candidate.swapped:
        found = SwapFound(decided.submission_id, candidate.known_person_id, len(candidate.swapped))
        await decide_swap(work, ui, maker, found)


@dataclass(frozen=True, slots=True)
class SwapFound:
    """How many fingers of whom came under other names, at which capture."""

    capture_id: str
    person_id: PersonId
    count: int


async def decide_swap(work: Workplace, ui: Ui, maker: OperatorId, found: SwapFound) -> None:
    """Asks, and records what was decided; nothing when it is left for later."""
    while (decision := await _choose(ui, found.count)) is not None:
        decider = work.operator_id or maker
        if decision is SwapDecision.RECORD_WAS_WRONG:
            other = await _another_officer(work, ui, maker)
            if other is None:
                continue
            decider = other
        payload = FingerSwapDecided(capture_id=found.capture_id, person_id=found.person_id, decision=decision)
        work.store.journal.record(Happening(EventKind.FINGER_SWAP_DECIDED, payload, found.capture_id, decider))
        return


async def _choose(ui: Ui, count: int) -> SwapDecision | None:
    """None: later."""
    question = t("swap.question", count=count)
    options = [Option(each, t(f"swap.{each}"), icon) for each, icon in _ICONS.items()]
    options.append(Option(_LATER, t("swap.later"), "clock"))
    answer = await ui.ask(
        Choice(title=t("swap.title"), question=question, speak=question, options=tuple(options), timeout_s=None)
    )
    return None if answer.value in (None, _LATER) else SwapDecision(str(answer.value))


async def _another_officer(work: Workplace, ui: Ui, maker: OperatorId) -> OperatorId | None:
    """Who answers for the change; None when nobody did, and said so."""
    try:
        officer, _ = await show_officer(work, ui, but_not=maker)
    except FlowLeft:
        return None
    except (OfficerRefused, CardTakenAway, CardError) as error:
        reason = error.reason if isinstance(error, OfficerRefused) else t("login.card_lost")
        await ui.ask(
            Notice(title=t("login.refused"), mood=Mood.WARNING, body=reason, speak=reason, icon="lock", actions=(OK,))
        )
        return None
    finally:
        await work.officer_reader.release()
    return officer.operator_id
