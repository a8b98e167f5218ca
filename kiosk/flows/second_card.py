"""One balance, two cards, for a member who travels; and both back into one."""

from __future__ import annotations

from functools import partial

from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber
from domain.cards import BlockReason, CardProfile, CardStatus
from domain.messages.card_services import HolderSearch, ShareRequest
from domain.messages.cards import CardBlocked
from kiosk.flows.card_opening import open_card
from kiosk.flows.holder_identification import Identified, Ladder, identify
from kiosk.flows.issue_card import issue_card
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, STOP, insist, success, waiting
from kiosk.flows.racing import answer_or
from kiosk.flows.replace_card import block_here
from kiosk.flows.statement_renewal import put_on_card
from kiosk.flows.workplace import Officer, Workplace
from kiosk.registry_client import RegistryUnreachable
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.text import Text, t
from kiosk.store.card_job import CardHolder
from kiosk.ui import Answer, Ui

_FEWEST_MEMBERS = 3


async def give_second_card(work: Workplace, ui: Ui, officer: Officer) -> CardNumber | None:
    """The first card is lowered before the second is made: at no moment do both hold too much. Raises FlowLeft."""
    card, _ = await _open_with_holder(work, ui)
    kept, given = await _ask_parts(ui, len(card.details.members))
    await _share(work, ui, officer, card, kept, given)
    number, household_id = card.card_number, card.details.household_id
    await work.holder_reader.release()
    await _tell(ui, t("second.lowered"), "card_remove")
    return await issue_card(work, ui, CardHolder(household_id=household_id, beside=number))


async def join_cards(work: Workplace, ui: Ui, officer: Officer) -> None:
    """The second card is refused from now on, and this one holds the whole balance. Raises FlowLeft."""
    card, who = await _open_with_holder(work, ui)
    for number in await _other_cards(work, ui, officer, card):
        blocked = CardBlocked(
            card_number=number,
            reason=BlockReason.BROKEN,
            person_id=who.member.person_id,
            verified_by=who.verified_by,
        )
        block_here(work, blocked)
    await _share(work, ui, officer, card, 1, 0)
    await ui.ask(success(t("second.title"), t("second.joined"), icon="card"))


async def _other_cards(work: Workplace, ui: Ui, officer: Officer, card: VerifiedCard) -> list[CardNumber]:
    search = HolderSearch(search_id=card.card_number, operator_id=officer.operator_id, card_number=card.card_number)
    answer = await insist(ui, partial(work.registry.search_holder, search))
    return [
        each.card_number
        for found in answer.found
        for each in found.cards
        if each.card_number != card.card_number
        and each.profile is CardProfile.HOUSEHOLD
        and each.status is CardStatus.ACTIVE
    ]


async def _open_with_holder(work: Workplace, ui: Ui) -> tuple[VerifiedCard, Identified]:
    """The family's card on the reader, and somebody on it who showed who they are. Raises FlowLeft."""
    if not work.holder_watcher.is_present:
        await _await_card(work, ui)
    ui.show(waiting(t("serve.reading_card"), "card"))
    result = await insist(ui, lambda: open_card(work, work.holder_reader, CardProfile.HOUSEHOLD))
    if result.card is None:
        await _tell(ui, t("serve.not_read") if result.reason is None else t(result.reason.message_key), "card_off")
        raise FlowLeft("the card was not verified")
    who = await identify(work, ui, result.card, Ladder())
    if who is None:
        raise FlowLeft("nobody on the card is here")
    return result.card, who


async def _await_card(work: Workplace, ui: Ui) -> None:
    prompt = t("second.put_card")
    screen = Notice(
        title=t("second.title"),
        mood=Mood.INFO,
        body=prompt,
        speak=prompt,
        icon="card_insert",
        actions=(STOP,),
        timeout_s=None,
    )
    ui.show(screen)
    if isinstance(await answer_or(ui, work.holder_watcher.wait_present()), Answer):
        raise FlowLeft("no card")


async def _ask_parts(ui: Ui, members: int) -> tuple[int, int]:
    """Parts kept and given: simple fractions, as icons and words."""
    parts = {"half": (1, 1), "quarter": (3, 1)}
    options = [Option("half", t("second.half"), "half"), Option("quarter", t("second.quarter"), "little")]
    if members >= _FEWEST_MEMBERS:
        parts["member"] = (members - 1, 1)
        options.append(Option("member", t("second.by_member", number=members), "person"))
    question = t("second.how_much")
    screen = Choice(title=t("second.title"), question=question, speak=question, options=tuple(options), has_back=True)
    answer = await ui.ask(screen)
    if answer.action != "choose" or str(answer.value) not in parts:
        raise FlowLeft("no share agreed")
    return parts[str(answer.value)]


async def _share(work: Workplace, ui: Ui, officer: Officer, card: VerifiedCard, kept: int, given: int) -> None:
    """Agreed with the registry, on the chip, and known to the registry to be there."""
    await insist(ui, lambda: _send_all(work))
    request = ShareRequest(card_number=card.card_number, kept=kept, given=given, operator_id=officer.operator_id)
    offer = await insist(ui, partial(work.registry.share_card, request))
    ui.show(waiting(t("serve.writing_card"), "card"))
    await put_on_card(work, card, offer)
    await insist(ui, lambda: _send_all(work))


async def _send_all(work: Workplace) -> None:
    """Raises RegistryUnreachable as long as anything recorded here has not arrived."""
    if work.store.outbox.count_waiting():
        await work.sync.sync_now()
    if work.store.outbox.count_waiting():
        raise RegistryUnreachable("what was recorded before has not arrived")


async def _tell(ui: Ui, body: Text, icon: str) -> None:
    await ui.ask(Notice(title=t("second.title"), mood=Mood.INFO, body=body, speak=body, icon=icon, actions=(OK,)))
