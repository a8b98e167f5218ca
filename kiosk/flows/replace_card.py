"""Lost, stolen, broken or ending: the card is blocked at once, and a new one is made in the same visit."""

from __future__ import annotations

from domain.card_number import CardNumber, spaced
from domain.cards import BlockReason, CardProfile, CardStatus
from domain.events import EventKind
from domain.messages.card_services import CardInForce
from domain.messages.cards import CardBlocked
from kiosk.flows.find_holder import KnownHolder, OnlyNumber, find_holder
from kiosk.flows.issue_card import issue_card
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK
from kiosk.flows.slip import Slip, SlipKind
from kiosk.flows.slip_printing import print_slip
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.base import Action, Tone
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.text import Text, t, verbatim
from kiosk.store.bundle_cache import CardStatusChange
from kiosk.store.card_job import CardHolder
from kiosk.store.journal import Happening
from kiosk.ui import Ui

_BLOCK = Action("block", t("lost.block_now"), "card_blocked", Tone.DANGER)
_NEW_CARD = Action("new_card", t("lost.new_card"), "card_insert", Tone.PRIMARY)
_LATER = Action("later", t("lost.later"), "clock")
_CARD_ICONS = {CardProfile.HOUSEHOLD: "household", CardProfile.WORKER: "worker", CardProfile.OPERATOR: "officer"}


async def replace_card(work: Workplace, ui: Ui, officer: Officer, reason: BlockReason | None) -> CardNumber | None:
    """The number of the new card, if one was made. ``reason`` None renews: the old card works until the new one does.

    Raises FlowLeft.
    """
    holder = await find_holder(work, ui, officer)
    if isinstance(holder, OnlyNumber):
        await _block_by_number(work, ui, holder.card_number, reason)
        return None
    card = await _choose_card(ui, holder)
    name = verbatim(holder.found.name.local or holder.found.name.latin)
    if reason is not None:
        await _confirm(ui, card.card_number, name)
        block_here(work, _blocked(card.card_number, reason, holder))
        await _tell_blocked(work, ui, card.card_number, name)
    elif not await _wants_new(ui, t("lost.renew", name=name), card.card_number):
        return None
    successor = CardHolder(
        profile=card.profile,
        household_id=holder.found.household_id,
        person_id=card.person_id,
        replaces=card.card_number,
    )
    return await issue_card(work, ui, successor)


def block_here(work: Workplace, blocked: CardBlocked) -> None:
    """Refused at this desk from now on, and everywhere else when the registry has heard of it."""
    store = work.store
    with store.journal.entry() as entry:
        entry.add(Happening(EventKind.CARD_BLOCKED, blocked, blocked.card_number, work.operator_id))
        store.bundles.note_card(CardStatusChange(card_number=blocked.card_number, status=CardStatus.BLOCKED))
    work.sync.nudge()


def _blocked(number: CardNumber, reason: BlockReason, holder: KnownHolder) -> CardBlocked:
    person_id, verified_by = holder.found.person_id, holder.verified_by
    return CardBlocked(
        card_number=number, reason=reason, person_id=person_id, verified_by=verified_by, face=holder.face
    )


async def _choose_card(ui: Ui, holder: KnownHolder) -> CardInForce:
    """Raises FlowLeft when there is none."""
    cards, title = holder.found.cards, t("lost.title")
    if not cards:
        body = t("lost.no_card")
        await ui.ask(Notice(title=title, mood=Mood.INFO, body=body, speak=body, icon="card_off", actions=(OK,)))
        raise FlowLeft("no card in force")
    if len(cards) == 1:
        return cards[0]
    options = tuple(
        Option(each.card_number, verbatim(spaced(each.card_number)), _CARD_ICONS[each.profile]) for each in cards
    )
    question = t("lost.which_card")
    answer = await ui.ask(Choice(title=title, question=question, speak=question, options=options, has_back=True))
    chosen = next((each for each in cards if each.card_number == answer.value), None)
    if chosen is None:
        raise FlowLeft("no card chosen")
    return chosen


async def _confirm(ui: Ui, number: CardNumber, name: Text | None) -> None:
    shown = verbatim(spaced(number))
    body = t("lost.confirm_number", number=shown) if name is None else t("lost.confirm", name=name, number=shown)
    notice = Notice(
        title=t("lost.title"),
        mood=Mood.WARNING,
        body=body,
        speak=body,
        icon="card_blocked",
        actions=(_BLOCK,),
        has_back=True,
    )
    if (await ui.ask(notice)).action != _BLOCK.id:
        raise FlowLeft("not blocked")


def _blocked_notice(body: Text, number: CardNumber, *actions: Action) -> Notice:
    return Notice(
        title=t("lost.blocked_title"),
        mood=Mood.SUCCESS,
        body=body,
        speak=body,
        icon="card_blocked",
        reference=spaced(number),
        actions=actions,
    )


async def _tell_blocked(work: Workplace, ui: Ui, number: CardNumber, name: Text) -> None:
    """Raises FlowLeft when the new card is wanted another day."""
    notice = _blocked_notice(t("lost.blocked", number=verbatim(spaced(number))), number, _NEW_CARD, _LATER)
    ui.show(notice)
    await print_slip(work, ui, _slip(work, number, name))
    if (await ui.ask(notice)).action != _NEW_CARD.id:
        raise FlowLeft("the new card is made another day")


async def _block_by_number(work: Workplace, ui: Ui, number: CardNumber, reason: BlockReason | None) -> None:
    """Offline the card is refused here at once; a new card waits for the network."""
    if reason is None:
        raise FlowLeft("nothing can be renewed offline")
    await _confirm(ui, number, None)
    block_here(work, CardBlocked(card_number=number, reason=reason, person_id=None, verified_by=None))
    notice = _blocked_notice(t("lost.blocked_offline", number=verbatim(spaced(number))), number, OK)
    ui.show(notice)
    await print_slip(work, ui, _slip(work, number, None))
    await ui.ask(notice)


async def _wants_new(ui: Ui, body: Text, number: CardNumber) -> bool:
    notice = Notice(
        title=t("lost.renew_title"),
        mood=Mood.INFO,
        body=body,
        speak=body,
        icon="card_insert",
        reference=spaced(number),
        actions=(_NEW_CARD,),
        has_back=True,
    )
    return (await ui.ask(notice)).action == _NEW_CARD.id


def _slip(work: Workplace, number: CardNumber, name: Text | None) -> Slip:
    lines = [(t("slip.card"), verbatim(spaced(number)))]
    if name is not None:
        lines.append((t("slip.head"), name))
    return Slip(
        kind=SlipKind.CARD_BLOCKED,
        title=t("lost.blocked_title"),
        lines=tuple(lines),
        footer=t("lost.slip_footer"),
        reference=str(number),
        desk=verbatim(work.store.identity.name),
        at=work.store.clock.now(),
    )
