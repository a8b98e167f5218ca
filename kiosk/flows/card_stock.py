"""The drawer of empty cards: what came, what is spoiled and why, what is there."""

from __future__ import annotations

import contextlib

from domain.cards import SpoilReason
from domain.events import EventKind
from domain.messages.card_stock import StockMove, StockMoveKind
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import success
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.general import Choice, NumberEntry, Option
from kiosk.screen_models.text import t
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_KINDS = {StockMoveKind.RECEIVED: "inbox", StockMoveKind.SPOILED: "trash", StockMoveKind.COUNTED: "list"}
_REASONS = {
    SpoilReason.PRINT_WRONG: "printer_off",
    SpoilReason.CHIP_DEAD: "chip",
    SpoilReason.DAMAGED: "card_off",
    SpoilReason.NOT_COLLECTED: "no_work",
}
_MOST_CARDS = 9_999


async def keep_stock(work: Workplace, ui: Ui, officer: Officer) -> None:
    """One move, recorded for the registry; nothing when the officer goes back."""
    with contextlib.suppress(FlowLeft):
        await _record_move(work, ui, officer)


async def _record_move(work: Workplace, ui: Ui, officer: Officer) -> None:
    kind = StockMoveKind(await _choose(ui, "stock.what", {str(kind): icon for kind, icon in _KINDS.items()}))
    reason = None
    if kind is StockMoveKind.SPOILED:
        reason = SpoilReason(await _choose(ui, "stock.reason", {str(each): icon for each, icon in _REASONS.items()}))
    question = t(f"stock.how_many.{kind}")
    screen = NumberEntry(
        title=t("stock.title"),
        question=question,
        speak=question,
        unit=t("stock.cards"),
        largest=_MOST_CARDS,
        has_back=True,
    )
    answer = await ui.ask(screen)
    if answer.action != "done":
        raise FlowLeft("no number")
    move = StockMove(kind=kind, on=work.store.clock.today(), count=int(answer.value or 0), reason=reason)
    work.store.journal.record(Happening(EventKind.STOCK_MOVED, move, work.store.kiosk_id, officer.operator_id))
    work.sync.nudge()
    await ui.ask(success(t("stock.title"), t("stock.done", count=move.count), icon="inbox"))


async def _choose(ui: Ui, key: str, icons: dict[str, str]) -> str:
    question = t(f"{key}.question")
    options = tuple(Option(value, t(f"{key}.{value}"), icon) for value, icon in icons.items())
    answer = await ui.ask(
        Choice(title=t("stock.title"), question=question, speak=question, options=options, has_back=True)
    )
    if answer.action != "choose" or str(answer.value) not in icons:
        raise FlowLeft("nothing chosen")
    return str(answer.value)
