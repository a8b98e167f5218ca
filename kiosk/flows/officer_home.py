"""The officer's tiles, and the work behind each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from domain.desk_lock import LockReason
from domain.errors import ProjectError
from enrolment.session import EnrolmentDraft, EnrolmentStage
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.card_services import show_card_services
from kiosk.flows.card_stock import keep_stock
from kiosk.flows.devices_view import show_devices
from kiosk.flows.duty import DutyEnd, desk_policy, find_end, lock_desk
from kiosk.flows.enrol_household import enrol_household, resume_enrolment
from kiosk.flows.issue_card import issue_card
from kiosk.flows.lodge_grievance import lodge_grievance
from kiosk.flows.notices import OK
from kiosk.flows.officer_quota import home_notes
from kiosk.flows.outbox_view import age_text, show_outbox
from kiosk.flows.provider_desk import serve_provider
from kiosk.flows.racing import answer_or
from kiosk.flows.serve_holder import serve_holder
from kiosk.flows.watched_ui import WatchedUi
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.base import Action
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.services import OfficerHome
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.card_job import CardJob
from kiosk.ui import Answer, Ui

_ENROL = Action("enrol", t("home.enrol"), "household")
_CONTINUE = Action("continue", t("home.continue"), "history")
_COMPLAINT = Action("complaint", t("home.complaint"), "complaint")
_CARDS = Action("cards", t("home.cards"), "card_lost")
_PROVIDER = Action("provider", t("home.provider"), "stethoscope")
_STOCK = Action("stock", t("home.stock"), "inbox")
_OUTBOX = Action("outbox", t("home.outbox"), "outbox")
_DEVICES = Action("devices", t("home.devices"), "devices")
_LOCK = Action("lock", t("home.lock"), "lock")
_LOGOUT = Action("logout", t("home.logout"), "logout")

#: How often a session is looked at from outside.
_LOOK_S = 0.5
Task = Callable[[], Awaitable[object]]


async def officer_home(work: Workplace, ui: Ui, officer: Officer) -> None:
    """Until the officer goes back to the resting screen. On duty stays on duty, for the service point.

    A session that nobody uses is locked. One whose officer may not go on ends. What was begun is kept, as after a
    power cut: it stands under "continue" for whoever may come in next.
    """
    watched = WatchedUi(ui)
    session = asyncio.create_task(_session(work, watched, officer))
    try:
        while not session.done():
            await asyncio.wait({session}, timeout=min(_LOOK_S, work.patience.poll_s))
            end = None if session.done() else _find_end(work, watched, officer)
            if end is not None:
                await _end(work, ui, officer, session, end)
                return
        session.result()
    finally:
        await _cancel(session)


def _find_end(work: Workplace, watched: WatchedUi, officer: Officer) -> DutyEnd | None:
    if watched.is_serving:
        # Whoever was let in, the person with the card is served to the end.
        return None
    if (end := find_end(work, officer)) is not None:
        return end
    return DutyEnd.IDLE if watched.idle_s > desk_policy(work).lock_after_s else None


async def _end(work: Workplace, ui: Ui, officer: Officer, session: asyncio.Task[None], end: DutyEnd) -> None:
    await _cancel(session)
    work.officer = None
    if end is DutyEnd.IDLE:
        lock_desk(work, officer.operator_id, LockReason.IDLE)
        return
    body = t(end.message_key)
    icon = "officer" if end is DutyEnd.DEACTIVATED else "offline"
    await ui.ask(Notice(title=t("duty.ended"), mood=Mood.WARNING, body=body, speak=body, icon=icon, actions=(OK,)))


async def _cancel(session: asyncio.Task[None]) -> None:
    session.cancel()
    with contextlib.suppress(asyncio.CancelledError, ProjectError):
        await session


async def _session(work: Workplace, ui: WatchedUi, officer: Officer) -> None:
    while True:
        tiles = [_ENROL, _CARDS, _PROVIDER, _COMPLAINT, _STOCK, _LOCK, _LOGOUT, _OUTBOX, _DEVICES]
        if _unfinished(work):
            tiles.insert(1, _CONTINUE)
        arrivals = work.holder_watcher.arrivals
        ui.show(_home(work, officer, tuple(tiles)))
        touched = await answer_or(ui, work.holder_watcher.wait_arrival(arrivals))
        if not isinstance(touched, Answer):
            await _serve(work, ui)
            continue
        task = _tasks(work, ui, officer).get(touched.action)
        if task is None:
            if touched.action == _LOGOUT.id:
                work.officer = None
            if touched.action == _LOCK.id:
                lock_desk(work, officer.operator_id, LockReason.BY_HAND)
            return
        await task()


async def _serve(work: Workplace, ui: WatchedUi) -> None:
    """Somebody taps while the officer's screen is open: people come first."""
    ui.is_serving = True
    try:
        with contextlib.suppress(CardTakenAway):
            await work.holder_watcher.while_present(serve_holder(work, ui))
    finally:
        ui.is_serving = False
        ui.use()


def _home(work: Workplace, officer: Officer, tiles: tuple[Action, ...]) -> OfficerHome:
    return OfficerHome(
        title=t("home.title"),
        officer=verbatim(officer.name.latin),
        is_online=work.sync.state.is_online,
        waiting_events=work.store.outbox.count_waiting(),
        notes=home_notes(work, officer),
        actions=tiles,
        has_back=True,
        timeout_s=None,
    )


def _tasks(work: Workplace, ui: Ui, officer: Officer) -> dict[str, Task]:
    return {
        _ENROL.id: lambda: enrol_household(work, ui, officer),
        _CONTINUE.id: lambda: _choose_unfinished(work, ui),
        _COMPLAINT.id: lambda: lodge_grievance(work, ui),
        _CARDS.id: lambda: show_card_services(work, ui, officer),
        _PROVIDER.id: lambda: serve_provider(work, ui),
        _STOCK.id: lambda: keep_stock(work, ui, officer),
        _OUTBOX.id: lambda: show_outbox(work, ui),
        _DEVICES.id: lambda: show_devices(work, ui),
    }


def _unfinished(work: Workplace) -> list[tuple[str, Text, EnrolmentDraft | CardJob]]:
    """Registrations and cards that were cut off, each once, with words to find it by."""
    now = work.store.clock.now()
    drafts = [draft for _, draft in work.drafts.all() if draft.stage is not EnrolmentStage.REFUSED]
    found: list[tuple[str, Text, EnrolmentDraft | CardJob]] = []
    for draft in drafts:
        age = age_text((now - draft.started_at).total_seconds())
        name = "" if draft.head is None else draft.head.person.name.local or draft.head.person.name.latin
        found.append((draft.submission_id, t("home.unfinished_household", name=verbatim(name), age=age), draft))
    households = {draft.household_id for draft in drafts}
    for _, job in work.store.card_jobs.all():
        if job.holder.household_id not in households:
            number = verbatim(job.card_number or job.order_id[-8:])
            found.append((job.order_id, t("home.unfinished_card", number=number), job))
    return found


async def _choose_unfinished(work: Workplace, ui: Ui) -> None:
    unfinished = _unfinished(work)
    question = t("home.which_one")
    options = tuple(Option(key, text, "history") for key, text, _ in unfinished)
    answer = await ui.ask(Choice(title=t("home.continue"), question=question, options=options, has_back=True))
    chosen = next((each for key, _, each in unfinished if key == answer.value), None)
    if isinstance(chosen, EnrolmentDraft):
        await resume_enrolment(work, ui, chosen)
    elif isinstance(chosen, CardJob):
        await issue_card(work, ui, chosen.holder)
