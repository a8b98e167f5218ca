"""A lost card that turned up before it was replaced: its holder's finger and an officer bring it back."""

from __future__ import annotations

from card_service.connection import CardConnection
from card_service.verification import CardVerification, RevokedCards, verify_card
from card_service.verified_card import VerifiedCard
from domain.card_number import spaced
from domain.cards import CardStatus
from domain.events import EventKind
from domain.messages.cards import CardUnblocked
from domain.verification import VerifiedBy
from kiosk.flows.holder_identification import Ladder, identify
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, STOP, insist, success, waiting
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Officer, Workplace
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.text import Text, t
from kiosk.store.bundle_cache import CardStatusChange
from kiosk.store.journal import Happening
from kiosk.ui import Answer, Ui

_FINGERS = (VerifiedBy.FINGER, VerifiedBy.OTHER_FINGER, VerifiedBy.TWO_FINGERS)


async def bring_back(work: Workplace, ui: Ui, officer: Officer) -> bool:
    """Whether the registry says that the card works again: a desk alone never decides that. Raises FlowLeft."""
    card = await _open_blocked(work, ui)
    who = await identify(work, ui, card, Ladder())
    if who is None or who.verified_by not in _FINGERS:
        await _tell(ui, t("found.finger_needed"))
        raise FlowLeft("not the holder's finger")
    number = card.card_number
    said = CardUnblocked(card_number=number, person_id=who.member.person_id, verified_by=who.verified_by)
    work.store.journal.record(Happening(EventKind.CARD_UNBLOCKED, said, number, officer.operator_id))
    ui.show(waiting(t("find.searching"), "sync"))
    await work.sync.sync_now()
    state = await insist(ui, lambda: work.registry.card(number))
    if state.status is not CardStatus.ACTIVE:
        await _tell(ui, t("found.replaced"))
        return False
    with work.store.database.transaction():
        work.store.bundles.note_card(CardStatusChange(card_number=number, status=CardStatus.ACTIVE))
    await ui.ask(success(t("found.title"), t("found.works"), icon="unlock", reference=spaced(number)))
    return True


async def _open_blocked(work: Workplace, ui: Ui) -> VerifiedCard:
    """Everything is checked but the list of refused cards."""
    if not work.holder_watcher.is_present:
        await _await_card(work, ui)
    anchors, today = work.store.bundles.anchors, work.store.clock.today()

    def verify(connection: CardConnection) -> CardVerification:
        return verify_card(connection, anchors, on=today, revoked=RevokedCards())

    result = await insist(ui, lambda: work.holder_reader.keep(verify))
    if result.card is None:
        await _tell(ui, t("serve.not_read") if result.reason is None else t(result.reason.message_key))
        raise FlowLeft("not verified")
    return result.card


async def _await_card(work: Workplace, ui: Ui) -> None:
    body = t("found.put_card")
    screen = Notice(
        title=t("found.title"),
        mood=Mood.INFO,
        body=body,
        speak=body,
        icon="card_insert",
        actions=(STOP,),
        timeout_s=None,
    )
    ui.show(screen)
    if isinstance(await answer_or(ui, work.holder_watcher.wait_present()), Answer):
        raise FlowLeft("no card")


async def _tell(ui: Ui, body: Text) -> None:
    title = t("found.title")
    await ui.ask(Notice(title=title, mood=Mood.WARNING, body=body, speak=body, icon="card_off", actions=(OK,)))
