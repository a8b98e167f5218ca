"""Everything about a card that is out in the world: lost, ending, found, shared, or a worker's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from card_service.errors import CardError
from domain.cards import BlockReason, CardProfile
from kiosk.card_watcher import CardTakenAway
from kiosk.flows.find_holder import OnlyNumber, find_holder
from kiosk.flows.found_card import bring_back
from kiosk.flows.issue_card import issue_card
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.manage_pin import manage_pin
from kiosk.flows.notices import OK
from kiosk.flows.paper_twin import check_paper
from kiosk.flows.replace_card import replace_card
from kiosk.flows.retake_fingers import retake_fingers
from kiosk.flows.second_card import give_second_card, join_cards
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.general import Choice, Mood, Notice, Option
from kiosk.screen_models.text import t, verbatim
from kiosk.store.card_job import CardHolder
from kiosk.ui import Ui

_ICONS = {
    "lost": "card_lost",
    "stolen": "card_blocked",
    "broken": "card_off",
    "ending": "calendar",
    "found": "unlock",
    "second": "copy",
    "join": "half",
    "worker": "worker",
    "pin": "pin",
    "fingers": "finger",
    "paper": "qr",
}
Service = Callable[[], Awaitable[object]]


async def show_card_services(work: Workplace, ui: Ui, officer: Officer) -> None:
    """One question, then the work behind the answer. A card taken away ends it; nothing half done is left."""
    question = t("cards.question")
    options = tuple(Option(value, t(f"cards.{value}"), icon) for value, icon in _ICONS.items())
    screen = Choice(title=t("cards.title"), question=question, speak=question, options=options, has_back=True)
    answer = await ui.ask(screen)
    service = _services(work, ui, officer).get(str(answer.value))
    if answer.action != "choose" or service is None:
        return
    try:
        await service()
    except FlowLeft:
        return
    except (CardError, CardTakenAway):
        title, body = t("serve.card_lost"), t("serve.put_card_back")
        await ui.ask(Notice(title=title, mood=Mood.WARNING, body=body, speak=body, icon="card_insert", actions=(OK,)))
    finally:
        await work.holder_reader.release()


def _services(work: Workplace, ui: Ui, officer: Officer) -> dict[str, Service]:
    return {
        "lost": lambda: replace_card(work, ui, officer, BlockReason.LOST),
        "stolen": lambda: replace_card(work, ui, officer, BlockReason.STOLEN),
        "broken": lambda: replace_card(work, ui, officer, BlockReason.BROKEN),
        "ending": lambda: replace_card(work, ui, officer, None),
        "found": lambda: bring_back(work, ui, officer),
        "second": lambda: give_second_card(work, ui, officer),
        "join": lambda: join_cards(work, ui, officer),
        "paper": lambda: check_paper(work, ui),
        "pin": lambda: manage_pin(work, ui, officer),
        "fingers": lambda: retake_fingers(work, ui, officer),
        "worker": lambda: _give_worker_card(work, ui, officer),
    }


async def _give_worker_card(work: Workplace, ui: Ui, officer: Officer) -> None:
    """A member's own card, in place of the one that the member may have already. Raises FlowLeft."""
    holder = await find_holder(work, ui, officer)
    if isinstance(holder, OnlyNumber):
        raise FlowLeft("a card cannot be made offline")
    found = holder.found
    options = tuple(
        Option(each.person_id, verbatim(each.name.local or each.name.latin), "worker") for each in found.members
    )
    question = t("cards.whose")
    screen = Choice(title=t("cards.worker"), question=question, speak=question, options=options, has_back=True)
    answer = await ui.ask(screen)
    member = next((each for each in found.members if each.person_id == answer.value), None)
    if member is None:
        raise FlowLeft("nobody chosen")
    own = next((each.card_number for each in found.cards if each.person_id == member.person_id), None)
    await issue_card(
        work,
        ui,
        CardHolder(
            profile=CardProfile.WORKER,
            household_id=found.household_id,
            person_id=member.person_id,
            replaces=own,
        ),
    )
