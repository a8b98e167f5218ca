"""The desk at rest, and what begins there: a card in the reader, the staff tile, a language, a complaint."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback

from domain.errors import ProjectError
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.duty import find_lock, send_home
from kiosk.flows.language import choose_language
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.lodge_grievance import lodge_grievance
from kiosk.flows.notices import OK
from kiosk.flows.officer_home import officer_home
from kiosk.flows.officer_login import log_in
from kiosk.flows.paper_twin import check_paper
from kiosk.flows.serve_holder import serve_holder
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action
from kiosk.screen_models.general import Attract, Mood, Notice
from kiosk.screen_models.text import t, verbatim
from kiosk.store.database import StoreFailed
from kiosk.ui import Answer, Ui

_log = logging.getLogger(__name__)

STAFF = Action("staff", t("desk.staff"), "staff")
LANGUAGE = Action("language", t("desk.language"), "language")
#: For whoever comes without a card, or with one whose chip is dead.
PAPER = Action("paper", t("desk.paper"), "qr")
COMPLAINT = Action("complaint", t("desk.complaint"), "complaint")
STAFF_LOCKED = Action("staff", t("desk.staff_locked"), "lock")
#: How often the resting screen looks whether network or outbox changed.
_REFRESH_S = 1.0
HOLDER, OFFICER = "holder_card", "officer_card"


async def run_desk(work: Workplace, ui: Ui) -> None:
    """For ever: rest, serve, rest. Whatever a visit ends in, the next person finds the resting screen."""
    while True:
        what = await _rest(work, ui)
        try:
            await _visit(work, ui, what)
        except CardTakenAway:
            await _say_taken(ui)
        except StoreFailed:
            # Said by the flow already; the next visit tries the disk again.
            continue
        except ProjectError as error:
            await _say_trouble(ui, error.code)
        except Exception as error:  # noqa: BLE001  the one edge of all flows: a fault of ours must not close the desk
            # Where it happened, and nothing of what it was about: the text of an error may hold a name.
            _log.error(
                "a visit failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
            )
            await _say_trouble(ui, type(error).__name__)
        await _until_card_gone(work, ui)


async def _rest(work: Workplace, ui: Ui) -> str:
    """What ends the rest: the id of a tile, or a card that came."""
    # A card that came during the visit before has had its use: left in a reader, it begins no other.
    arrivals = work.officer_watcher.arrivals
    touch = asyncio.create_task(ui.ask(_attract(work)))
    holder = asyncio.create_task(work.holder_watcher.wait_present())
    officer = asyncio.create_task(work.officer_watcher.wait_arrival(arrivals))
    shown = _attract(work)
    try:
        while True:
            done, _ = await asyncio.wait(
                {touch, holder, officer}, timeout=_REFRESH_S, return_when=asyncio.FIRST_COMPLETED
            )
            send_home(work)
            if done:
                return HOLDER if holder in done else OFFICER if officer in done else _action_of(touch.result())
            if (now := _attract(work)) != shown:
                shown = now
                ui.show(now)
    finally:
        for task in (touch, holder, officer):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def _action_of(answer: Answer) -> str:
    return answer.action


def _attract(work: Workplace) -> Attract:
    return Attract(
        title=t("desk.title"),
        speak=None,
        actions=(LANGUAGE, PAPER, COMPLAINT, STAFF if find_lock(work) is None else STAFF_LOCKED),
        timeout_s=None,
        is_online=work.sync.state.is_online,
        waiting_events=work.store.outbox.count_waiting(),
        desk_name=verbatim(work.store.identity.name),
    )


async def _visit(work: Workplace, ui: Ui, what: str) -> None:
    if what == HOLDER:
        await work.holder_watcher.while_present(serve_holder(work, ui))
    elif what == LANGUAGE.id:
        await choose_language(ui)
    elif what == PAPER.id:
        with contextlib.suppress(FlowLeft):
            await check_paper(work, ui)
    elif what == COMPLAINT.id:
        await lodge_grievance(work, ui)
    elif what in (STAFF.id, OFFICER):
        await _staff(work, ui)


async def _staff(work: Workplace, ui: Ui) -> None:
    """Always by card and finger: a screen left open lets nobody in."""
    officer = await log_in(work, ui)
    if officer is not None:
        await officer_home(work, ui, officer)


async def _until_card_gone(work: Workplace, ui: Ui) -> None:
    """A holder's card left behind is asked for. The officer's may stay."""
    if not work.holder_watcher.is_present:
        return
    body = t("desk.take_card")
    ui.show(Notice(title=body, mood=Mood.INFO, body=body, speak=body, icon="card_remove", timeout_s=None))
    await work.holder_watcher.wait_absent()


async def _say_taken(ui: Ui) -> None:
    body = t("card.taken_away")
    await ui.ask(
        Notice(
            title=t("desk.ended"),
            mood=Mood.INFO,
            body=body,
            speak=body,
            icon="card_remove",
            actions=(OK,),
            timeout_s=4.0,
        )
    )


async def _say_trouble(ui: Ui, code: str) -> None:
    body = t("error.unexpected", code=code)
    await ui.ask(
        Notice(
            title=t("desk.trouble"),
            mood=Mood.PROBLEM,
            body=body,
            speak=body,
            icon="alert",
            actions=(OK,),
            timeout_s=20.0,
        )
    )
