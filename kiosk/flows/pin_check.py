"""The rung after fingers that do not match: the PIN, if the card has one. It goes to the card and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from card_service.errors import CardError, CardRefused
from card_service.pin import PinOutcome, PinStatus, PinUnfit, read_pin_status, unblock_pin, verify_pin
from card_service.verified_card import VerifiedCard
from domain.ids import OperatorId
from domain.verification import Rung, RungOutcome
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.officer_login import OfficerRefused, show_officer
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.general import Mood, Notice, PinEntry
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.audit_log import AuditLine
from kiosk.ui import Ui

_SKIP = Action("skip", t("pin.skip"), "help")
_UNBLOCK = Action("unblock", t("pin.unblock"), "unlock", Tone.PRIMARY)
_OTHER_WAY = Action("other_way", t("pin.other_way"), "face")


async def has_pin(work: Workplace, card: VerifiedCard) -> bool:
    """Whether an officer has set one."""
    return (await _status(work, card)).status is not PinStatus.NOT_SET


async def check_pin(work: Workplace, ui: Ui, card: VerifiedCard, note: Callable[[Rung, RungOutcome], None]) -> bool:
    """Whether the holder showed the PIN in this session; False when they would rather be known in another way.

    Raises FlowLeft, and card errors.
    """
    outcome = await _status(work, card)
    if outcome.status is PinStatus.NOT_SET:
        return False
    problem: Text | None = None
    while True:
        if outcome.status is PinStatus.BLOCKED:
            if not await _unblocked(work, ui, card):
                return False
            problem = t("pin.try_anew")
        answer = await ui.ask(pin_screen(card, t("pin.enter"), problem))
        if answer.action == _SKIP.id:
            note(Rung.PIN, RungOutcome.DECLINED)
            return False
        if answer.action != "done":
            raise FlowLeft("left at the PIN")
        found = await _verify(work, card, str(answer.value))
        if found is None:
            problem = t("error.card_pin_unfit")
            continue
        outcome = found
        note(Rung.PIN, RungOutcome.MATCHED if outcome.is_right else RungOutcome.NOT_MATCHED)
        if outcome.is_right:
            return True
        problem = t("pin.wrong", count=outcome.tries_left or 0)


def pin_screen(card: VerifiedCard, question: Text, problem: Text | None = None) -> PinEntry:
    """The pad, for the card's first member."""
    return PinEntry(
        title=t("pin.title", name=verbatim(card.details.members[0].name)),
        question=question,
        speak=question,
        problem=problem,
        actions=(_SKIP,),
    )


async def _status(work: Workplace, card: VerifiedCard) -> PinOutcome:
    try:
        return await work.holder_reader.proceed(lambda: read_pin_status(card.session))
    except CardRefused:
        return PinOutcome(PinStatus.NOT_SET)  # a chip that knows no PIN


async def _verify(work: Workplace, card: VerifiedCard, pin: str) -> PinOutcome | None:
    try:
        return await work.holder_reader.proceed(lambda: verify_pin(card.session, pin))
    except PinUnfit:
        return None


async def _unblocked(work: Workplace, ui: Ui, card: VerifiedCard) -> bool:
    """Whether an officer, by card and finger, gave new tries."""
    body = t("pin.blocked")
    notice = Notice(
        title=t("pin.blocked_title"),
        mood=Mood.WARNING,
        body=body,
        speak=body,
        icon="lock",
        actions=(_UNBLOCK, _OTHER_WAY),
    )
    while (await ui.ask(notice)).action == _UNBLOCK.id:
        try:
            officer, _ = await show_officer(work, ui)
        except OfficerRefused as refused:
            notice = _with_reason(notice, refused.reason)
            continue
        except (CardTakenAway, CardError):
            notice = _with_reason(notice, t("login.card_lost"))
            continue
        except FlowLeft:
            continue
        finally:
            await work.officer_reader.release()
        await _give_new_tries(work, card)
        note_pin(work, card, "pin.unblocked", officer.operator_id)
        return True
    return False


async def _give_new_tries(work: Workplace, card: VerifiedCard) -> None:
    credential = work.credential
    await work.holder_reader.proceed(lambda: unblock_pin(card.session, credential))


def _with_reason(notice: Notice, reason: Text) -> Notice:
    return replace(notice, body=reason, speak=reason)


def note_pin(work: Workplace, card: VerifiedCard, what: str, operator: OperatorId) -> None:
    """The audit line of whatever an officer does to a PIN; never the PIN."""
    line = AuditLine(at=work.store.clock.now(), what=what, subject=card.card_number, operator=operator)
    work.store.journal.note(line)
