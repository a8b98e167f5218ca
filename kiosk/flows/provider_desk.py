"""At a clinic, shop or school: set an amount aside on the card, hand it out in parts, close it or undo it."""

from __future__ import annotations

from card_service.errors import CardChanged, CardError, CardRefused, TerminalRefused
from card_service.ledger import AlreadyDrawn, LedgerMovedOn, NotCollectable
from card_service.verified_card import LineOnCard, VerifiedCard
from domain.provider_transactions import ProviderKind, ProviderStep, ProviderTransaction
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.due_rows import due_row, lines_to_show
from kiosk.flows.holder_identification import Ladder, identify
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, STOP, store_problem, success, waiting
from kiosk.flows.provider_steps import SetAside, Visit, give_back, list_set_aside, set_aside, use_part
from kiosk.flows.racing import answer_or
from kiosk.flows.serve_holder import card_lost, heal_card, verified_card
from kiosk.flows.slip import Slip, SlipKind
from kiosk.flows.slip_printing import print_slip
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.general import Choice, Mood, Notice, NumberEntry, Option
from kiosk.screen_models.services import DueState
from kiosk.screen_models.text import Text, by_language, t, verbatim
from kiosk.store.database import StoreFailed
from kiosk.ui import Answer, Ui

_ICONS = {ProviderKind.CLINIC: "stethoscope", ProviderKind.SHOP: "basket", ProviderKind.SCHOOL: "school"}
_STEP_ICONS = {ProviderStep.USE: "give", ProviderStep.CLOSE: "check_circle", ProviderStep.REVERSE: "restart"}
#: Nothing was written: the plan is forgotten, and the person is told.
_NOT_WRITTEN = (AlreadyDrawn, NotCollectable, LedgerMovedOn, CardRefused, TerminalRefused, CardChanged)
_NEW, _OPEN = "new:", "open:"


async def serve_provider(work: Workplace, ui: Ui) -> None:
    """One card, one step. The card stays on the reader until the paper is printed."""
    try:
        await _await_card(work, ui)
        await work.holder_watcher.while_present(_serve(work, ui))
    except (FlowLeft, CardTakenAway):
        return
    except CardError:
        # What was under way is settled when the card is back.
        await ui.ask(card_lost())
    except StoreFailed:
        await ui.ask(store_problem())
    finally:
        await work.holder_reader.release()


async def _await_card(work: Workplace, ui: Ui) -> None:
    if work.holder_watcher.is_present:
        return
    body = t("provider.insert_card")
    ui.show(
        Notice(title=t("provider.title"), mood=Mood.INFO, body=body, speak=body, icon="card_insert", actions=(STOP,))
    )
    if isinstance(await answer_or(ui, work.holder_watcher.wait_present()), Answer):
        raise FlowLeft("no card")


async def _serve(work: Workplace, ui: Ui) -> None:
    card = await verified_card(work, ui)
    if card is None:
        return
    await heal_card(work, ui, card)
    card = await work.holder_reader.proceed(card.with_fresh_totals)
    ladder = Ladder()
    who = await identify(work, ui, card, ladder)
    if who is None:
        raise FlowLeft("nobody identified")
    visit = Visit(card, who, ladder.rungs)
    held, line = await _choose(work, ui, card)
    if line is not None:
        await _set_aside(work, ui, visit, line)
    elif held is not None:
        await _go_on(work, ui, visit, held)


async def _choose(work: Workplace, ui: Ui, card: VerifiedCard) -> tuple[SetAside | None, LineOnCard | None]:
    """What is open here, or a benefit of which something may be set aside. Raises FlowLeft."""
    today = work.store.clock.today()
    held = {f"{_OPEN}{each.transaction.id}": each for each in list_set_aside(work, card.card_number)}
    held = {key: each for key, each in held.items() if each.transaction.is_open}
    lines = {f"{_NEW}{each.line.scheme}": each for each in lines_to_show(card, today)}
    lines = {key: each for key, each in lines.items() if due_row(work, each, today).state is DueState.READY}
    if not held and not lines:
        body = t("provider.nothing")
        await ui.ask(
            Notice(title=t("provider.title"), mood=Mood.INFO, body=body, speak=body, icon="info", actions=(OK,))
        )
        raise FlowLeft("nothing to set aside")
    options = [Option(key, _open_text(work, each), _ICONS[each.transaction.kind]) for key, each in held.items()]
    options += [
        Option(key, t("provider.new", name=due_row(work, each, today).name), "add") for key, each in lines.items()
    ]
    answer = await ui.ask(
        Choice(title=t("provider.title"), question=t("provider.which"), options=tuple(options), has_back=True)
    )
    chosen = str(answer.value)
    if chosen not in held and chosen not in lines:
        raise FlowLeft("nothing chosen")
    return held.get(chosen), lines.get(chosen)


def _open_text(work: Workplace, held: SetAside) -> Text:
    transaction = held.transaction
    name = _name(work, transaction.scheme, held)
    return t("provider.open", name=name, left=transaction.left, blocked=transaction.blocked)


def _name(work: Workplace, scheme: int, held: SetAside) -> Text:
    programme = work.find_programme(scheme)
    return verbatim(held.block.programme) if programme is None else by_language(programme.names)


async def _set_aside(work: Workplace, ui: Ui, visit: Visit, on_card: LineOnCard) -> None:
    options = tuple(Option(str(kind), t(f"provider.{kind}"), _ICONS[kind]) for kind in ProviderKind)
    where = await ui.ask(
        Choice(title=t("provider.title"), question=t("provider.where"), options=options, has_back=True)
    )
    if where.action != "choose":
        raise FlowLeft("no provider")
    units = await _how_much(ui, t("provider.how_much_aside"), on_card.left)
    ui.show(waiting(t("serve.writing_card"), "card"))
    try:
        await set_aside(work, visit, on_card, units, ProviderKind(str(where.value)))
    except _NOT_WRITTEN as error:
        await _say_not_written(work, ui, visit, error)
        return
    await _finish(work, ui, visit, list_set_aside(work, visit.card.card_number)[-1], ProviderStep.BLOCK)


async def _go_on(work: Workplace, ui: Ui, visit: Visit, held: SetAside) -> None:
    steps = [ProviderStep.USE, ProviderStep.REVERSE]
    if held.transaction.used:
        steps.insert(1, ProviderStep.CLOSE)
    options = tuple(Option(str(step), t(f"provider.{step}"), _STEP_ICONS[step]) for step in steps)
    question = t("provider.what_now")
    answer = await ui.ask(Choice(title=t("provider.title"), question=question, options=options, has_back=True))
    if answer.action != "choose":
        raise FlowLeft("nothing chosen")
    step = ProviderStep(str(answer.value))
    if step is ProviderStep.USE:
        units = await _how_much(ui, t("provider.how_much_used"), held.transaction.left)
        after = use_part(work, held, units)
        step = ProviderStep.USE if after.is_open else ProviderStep.USE_UP
    else:
        ui.show(waiting(t("serve.writing_card"), "card"))
        try:
            await give_back(work, visit, held, step)
        except _NOT_WRITTEN as error:
            await _say_not_written(work, ui, visit, error)
            return
    now = next(
        each for each in list_set_aside(work, visit.card.card_number) if each.transaction.id == held.transaction.id
    )
    await _finish(work, ui, visit, now, step)


async def _how_much(ui: Ui, question: Text, most: int) -> int:
    problem: Text | None = None
    while True:
        answer = await ui.ask(
            NumberEntry(title=t("provider.title"), question=question, largest=most, problem=problem, has_back=True)
        )
        if answer.action != "done":
            raise FlowLeft("no amount")
        units = int(answer.value or 0)
        if 1 <= units <= most:
            return units
        problem = t("provider.at_most", count=most)


async def _say_not_written(work: Workplace, ui: Ui, visit: Visit, error: CardError) -> None:
    work.store.planned_deliveries.remove(visit.card.card_number)
    body = t("provider.not_written", code=error.code)
    await ui.ask(_notice(body, "card_off", Mood.WARNING))


def _notice(body: Text, icon: str, mood: Mood) -> Notice:
    return Notice(title=t("provider.title"), mood=mood, body=body, speak=body, icon=icon, actions=(OK,))


async def _finish(work: Workplace, ui: Ui, visit: Visit, held: SetAside, step: ProviderStep) -> None:
    """Said, and on paper: what is set aside, used, and back on the card."""
    after, title = held.transaction, t(f"provider.done.{step}")
    reference = after.id[-8:].upper()
    notice = success(title, _sum(after), icon="receipt", reference=reference)
    ui.show(notice)
    slip = Slip(
        kind=SlipKind.DELIVERY,
        title=title,
        lines=(
            (t("slip.card"), verbatim(visit.card.card_number)),
            (t("slip.what"), _name(work, after.scheme, held)),
            (t("slip.amount"), _sum(after)),
            (t("slip.verified_by"), t(f"verified_by.{visit.who.verified_by.name.lower()}")),
        ),
        footer=t("provider.slip_footer"),
        reference=reference,
        desk=verbatim(work.store.identity.name),
        at=work.store.clock.now(),
    )
    await print_slip(work, ui, slip)
    for name, owed in work.store.owed_receipts.all():
        if owed.provider is not None and owed.provider.transaction_id == after.id:
            work.store.owed_receipts.remove(name)
    await ui.ask(notice)


def _sum(after: ProviderTransaction) -> Text:
    return t("provider.sum", blocked=after.blocked, used=after.used, returned=after.returned)
