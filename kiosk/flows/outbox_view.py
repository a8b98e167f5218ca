"""What has not reached the registry yet, in words; and a button to try now."""

from __future__ import annotations

from datetime import datetime

from kiosk.flows.notices import waiting
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.services import OutboxRow, OutboxView
from kiosk.screen_models.text import Text, t
from kiosk.store.outbox import OutboxEntry, OutboxState
from kiosk.ui import Ui

_SEND = Action("send", t("outbox.send_now"), "sync", Tone.PRIMARY)
_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400


async def show_outbox(work: Workplace, ui: Ui) -> None:
    """Until the officer goes back."""
    while True:
        entries = work.store.outbox.open_entries()
        now = work.store.clock.now()
        answer = await ui.ask(
            OutboxView(
                title=t("outbox.title"),
                rows=tuple(_row(entry, now) for entry in entries),
                is_online=work.sync.state.is_online,
                actions=(_SEND,),
                has_back=True,
            )
        )
        if answer.action != _SEND.id:
            return
        ui.show(waiting(t("outbox.sending"), "sync"))
        await work.sync.sync_now()


def _row(entry: OutboxEntry, now: datetime) -> OutboxRow:
    is_problem = entry.state is not OutboxState.WAITING
    state = t(f"outbox.state.{entry.state}", code=entry.code) if entry.code else t(f"outbox.state.{entry.state}")
    return OutboxRow(
        what=t(f"event.{entry.event.body.kind}"),
        age=age_text((now - entry.recorded_at).total_seconds()),
        state=state,
        is_problem=is_problem,
    )


def age_text(seconds: float) -> Text:
    """How long ago, in the largest whole unit."""
    for length_s, key in ((_DAY_S, "age.days"), (_HOUR_S, "age.hours"), (_MINUTE_S, "age.minutes")):
        if seconds >= length_s:
            return t(key, count=int(seconds // length_s))
    return t("age.now")
