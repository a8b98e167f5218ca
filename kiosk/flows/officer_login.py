"""An officer shows who they are: the officer's card, then the finger that the card holds."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from card_service.errors import CardError
from card_service.verified_card import VerifiedCard
from domain.cards import CardProfile
from domain.desk_lock import MISSED_LOGINS, LockReason
from domain.desk_policy import ListStanding
from domain.errors import ProjectError
from domain.events import EventKind
from domain.ids import OperatorId, PersonId
from domain.messages.kiosks import OperatorEntry
from domain.record import Record
from domain.verification import TRIES_A_FINGER, Verdict
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.card_opening import note_reading, open_card
from kiosk.flows.duty import (
    desk_policy,
    find_lock,
    forget_missed_logins,
    list_days_left,
    list_standing,
    lock_desk,
    note_missed_login,
    unlock,
)
from kiosk.flows.finger_reading import NobodyThere, Reading, await_lifted, read_finger
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, STOP, insist, waiting
from kiosk.flows.officer_quota import look_after_quota
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import FingerCapture, FingerPhase
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.journal import Happening
from kiosk.ui import Answer, Ui

_HOLDER = 1


class OfficerRefused(ProjectError):
    """The card or the finger is not an officer's of this desk; ``reason`` is the key of the sentence."""

    code = "officer.refused"
    message_key = "login.refused"

    def __init__(self, reason: Text) -> None:
        super().__init__("officer refused")
        self.reason = reason


class OfficerFingerMissed(OfficerRefused):
    """An officer's card, and another finger."""

    def __init__(self, operator_id: OperatorId) -> None:
        super().__init__(t("login.finger_not_matched"))
        self.operator_id = operator_id


class OperatorLoggedIn(Record):
    """Payload of ``operator.logged_in``."""

    operator_id: OperatorId
    card_number: str


async def log_in(work: Workplace, ui: Ui) -> Officer | None:
    """The officer now on duty, or None when nobody was let in. The card may be taken away afterwards."""
    try:
        officer, _ = await show_officer(work, ui)
    except (OfficerRefused, CardTakenAway, CardError) as error:
        if isinstance(error, OfficerFingerMissed):
            _note_miss(work, error.operator_id)
        reason = error.reason if isinstance(error, OfficerRefused) else t("login.card_lost")
        await ui.ask(_refusal(reason))
        return None
    except FlowLeft:
        return None
    finally:
        await work.officer_reader.release()
    if not await _may_come_in(work, ui, officer):
        return None
    payload = OperatorLoggedIn(operator_id=officer.operator_id, card_number=officer.card_number)
    work.store.journal.record(
        Happening(EventKind.OPERATOR_LOGGED_IN, payload, officer.operator_id, officer.operator_id)
    )
    work.officer = officer
    work.sync.nudge()
    await _warn_ahead(work, ui)
    return officer


def _note_miss(work: Workplace, operator_id: OperatorId) -> None:
    if note_missed_login(work) >= MISSED_LOGINS and find_lock(work) is None:
        lock_desk(work, operator_id, LockReason.MISSES)


async def _may_come_in(work: Workplace, ui: Ui, officer: Officer) -> bool:
    """A locked desk opens for the same operator or a supervisor; everybody else is told whom to fetch."""
    entry = work.store.bundles.find_operator(officer.operator_id)
    lock = find_lock(work)
    if entry is not None and unlock(work, entry):
        forget_missed_logins(work)
        return True
    assert lock is not None, "only a lock keeps out who was let in"
    await ui.ask(_refusal(t(f"login.locked.{lock.reason}")))
    return False


async def _warn_ahead(work: Workplace, ui: Ui) -> None:
    if list_standing(work) is not ListStanding.AGEING:
        return
    body = t("login.list_ageing", count=list_days_left(work))
    await ui.ask(
        Notice(title=t("login.go_online"), mood=Mood.WARNING, body=body, speak=body, icon="offline", actions=(OK,))
    )


async def show_officer(
    work: Workplace,
    ui: Ui,
    *,
    is_serving: bool = False,
    barred: Collection[PersonId] = (),
    but_not: OperatorId | None = None,
) -> tuple[Officer, VerifiedCard]:
    """An officer by card and finger; the card stays open in its reader until the caller releases it.

    A list of operators that is too old lets nobody in, except to serve (``is_serving``): serving never waits for sync.
    ``barred`` and ``but_not`` must not answer for this: it is for them, or it is their own work.
    Raises OfficerRefused, CardTakenAway, FlowLeft, and CardError for the officer's card.
    """
    if not is_serving and list_standing(work) is ListStanding.OVER:
        raise OfficerRefused(t("login.list_over", count=desk_policy(work).operators_max_age_days))
    await _await_card(work, ui)
    officer, card = await work.officer_watcher.while_present(_check(work, ui))
    entry = work.store.bundles.find_operator(officer.operator_id)
    if officer.operator_id == but_not or (entry is not None and entry.person_id in barred):
        raise OfficerRefused(t("four_eyes.same_person"))
    return officer, card


async def _await_card(work: Workplace, ui: Ui) -> None:
    if work.officer_watcher.is_present:
        return
    prompt = t("login.insert_card")
    ui.show(
        Notice(title=t("login.title"), mood=Mood.INFO, body=prompt, speak=prompt, icon="card_reader", actions=(STOP,))
    )
    touched = await answer_or(ui, work.officer_watcher.wait_present())
    if isinstance(touched, Answer):
        raise FlowLeft("no officer card")


async def _check(work: Workplace, ui: Ui) -> tuple[Officer, VerifiedCard]:
    ui.show(waiting(t("login.checking_card"), "card"))
    result = await insist(ui, lambda: open_card(work, work.officer_reader, CardProfile.OPERATOR))
    if result.verdict is not Verdict.VERIFIED or result.card is None:
        assert result.reason is not None, "a verdict other than VERIFIED has a reason"
        raise OfficerRefused(t(result.reason.message_key))
    card = result.card
    entry = _entry_of(work, card)
    if entry is None:
        raise OfficerRefused(t("login.not_registered"))
    officer = Officer(entry.operator_id, entry.name, entry.role, card.card_number)
    await _match_finger(work, ui, officer, card)
    await look_after_quota(work, card)
    return officer, card


def _entry_of(work: Workplace, card: VerifiedCard) -> OperatorEntry | None:
    """The officer's entry in the bundle; only the card that the registry names there counts."""
    entry = work.store.bundles.find_operator(OperatorId(card.details.household_id))
    if entry is None or not entry.is_active or entry.card_number != card.card_number:
        return None
    return entry


async def _match_finger(work: Workplace, ui: Ui, officer: Officer, card: VerifiedCard) -> None:
    credential = work.credential
    templates = await work.officer_reader.proceed(lambda: card.read_templates(credential, _HOLDER))
    if templates is None:
        raise OfficerRefused(t("login.no_finger_on_card"))
    note_reading(work, "templates.read", card.card_number)
    work.operator_fingers[officer.operator_id] = templates
    position = card.details.members[0].fingers[0]
    for attempt in range(1, TRIES_A_FINGER + 1):
        screen = FingerCapture(
            title=t("login.title"),
            speak=t("login.place_finger") if attempt == 1 else None,
            person=verbatim(officer.name.latin),
            position=position,
            phase=FingerPhase.WAITING,
            attempt=attempt,
            tries=TRIES_A_FINGER,
            actions=(STOP,),
            timeout_s=None,
        )
        reading = await insist(ui, partial(read_finger, work, ui, screen))
        if isinstance(reading, Answer | NobodyThere):
            raise FlowLeft("no officer finger")
        if await _is_match(work, ui, reading, templates):
            return
        await await_lifted(work)
    raise OfficerFingerMissed(officer.operator_id)


async def _is_match(work: Workplace, ui: Ui, reading: Reading, templates: bytes) -> bool:
    if not reading.template:
        return False
    (found,) = await insist(ui, lambda: work.biometrics.match(reading.template, [templates]))
    return found is not None


def _refusal(reason: Text) -> Notice:
    return Notice(title=t("login.refused"), mood=Mood.WARNING, body=reason, speak=reason, icon="lock", actions=(OK,))
