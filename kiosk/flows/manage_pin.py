"""A PIN set, replaced or taken off: by an officer, for a holder who showed who they are without it."""

from __future__ import annotations

from card_service.pin import MAX_PIN_DIGITS, PinUnfit, remove_pin, set_pin
from card_service.verified_card import VerifiedCard
from domain.cards import CardProfile
from kiosk.flows.card_opening import open_card
from kiosk.flows.holder_identification import Ladder, identify
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, STOP, insist, success, waiting
from kiosk.flows.pin_check import has_pin, note_pin
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.general import Choice, Mood, Notice, Option, PinEntry
from kiosk.screen_models.text import Text, t
from kiosk.ui import Answer, Ui


async def manage_pin(work: Workplace, ui: Ui, officer: Officer) -> None:
    """From the holder's card to a PIN that works, or to none. Raises FlowLeft and card errors."""
    card = await _open(work, ui)
    if await identify(work, ui, card, Ladder(), with_pin=False) is None:
        raise FlowLeft("nobody on the card is here")
    was_set = await has_pin(work, card)
    if was_set and await _wants_none(ui):
        credential = work.credential
        await work.holder_reader.proceed(lambda: remove_pin(card.session, credential))
        note_pin(work, card, "pin.removed", officer.operator_id)
        await ui.ask(success(t("pin.menu_title"), t("pin.removed"), icon="unlock"))
        return
    await _set(work, ui, card)
    note_pin(work, card, "pin.replaced" if was_set else "pin.set", officer.operator_id)
    await ui.ask(success(t("pin.menu_title"), t("pin.is_set"), icon="lock"))


async def _open(work: Workplace, ui: Ui) -> VerifiedCard:
    if not work.holder_watcher.is_present:
        prompt = t("pin.put_card")
        ui.show(_notice(prompt, "card_insert", mood=Mood.INFO))
        if isinstance(await answer_or(ui, work.holder_watcher.wait_present()), Answer):
            raise FlowLeft("no card")
    ui.show(waiting(t("serve.reading_card"), "card"))
    result = await insist(ui, lambda: open_card(work, work.holder_reader, CardProfile.HOUSEHOLD))
    if result.card is None:
        reason = t("serve.not_read") if result.reason is None else t(result.reason.message_key)
        await ui.ask(_notice(reason, "card_off", mood=Mood.WARNING))
        raise FlowLeft("the card was not verified")
    return result.card


async def _wants_none(ui: Ui) -> bool:
    options = (Option("replace", t("pin.replace"), "lock"), Option("remove", t("pin.remove"), "unlock"))
    question = t("pin.what")
    screen = Choice(title=t("pin.menu_title"), question=question, speak=question, options=options, has_back=True)
    answer = await ui.ask(screen)
    if answer.action != "choose":
        raise FlowLeft("the PIN stays")
    return answer.value == "remove"


async def _set(work: Workplace, ui: Ui, card: VerifiedCard) -> None:
    """Typed twice by the holder; what differs is asked for again."""
    problem: Text | None = None
    while True:
        first = await _typed(ui, t("pin.choose", count=MAX_PIN_DIGITS), problem)
        if first != await _typed(ui, t("pin.again"), None):
            problem = t("pin.differs")
            continue
        try:
            await _put_on_card(work, card, first)
        except PinUnfit:
            problem = t("error.card_pin_unfit")
            continue
        return


async def _put_on_card(work: Workplace, card: VerifiedCard, pin: str) -> None:
    credential = work.credential
    await work.holder_reader.proceed(lambda: set_pin(card.session, credential, pin))


async def _typed(ui: Ui, question: Text, problem: Text | None) -> str:
    screen = PinEntry(title=t("pin.menu_title"), question=question, speak=question, problem=problem, has_back=True)
    answer = await ui.ask(screen)
    if answer.action != "done":
        raise FlowLeft("no PIN chosen")
    return str(answer.value)


def _notice(body: Text, icon: str, *, mood: Mood) -> Notice:
    actions = (STOP,) if mood is Mood.INFO else (OK,)
    return Notice(
        title=t("pin.menu_title"), mood=mood, body=body, speak=body, icon=icon, actions=actions, timeout_s=None
    )
