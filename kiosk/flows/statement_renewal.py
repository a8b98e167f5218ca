"""A newer statement, put on the card at a tap. Cut off, it is there or it is not; the next tap completes it."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from card_service.activation import write_statement
from card_service.authentic_card import authenticate_card
from card_service.connection import CardConnection
from card_service.session import CardSession
from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.events import EventKind
from domain.messages.card_services import StatementOffer
from domain.messages.cards import StatementWritten
from kiosk.flows.card_opening import open_card
from kiosk.flows.workplace import Workplace
from kiosk.registry_client import RegistryOutOfOrder, RegistryRefused, RegistryUnreachable
from kiosk.store.documents import DocumentKind, Shelf
from kiosk.store.journal import Happening

#: Nobody waits longer than this for a statement that may not even be there.
_ASK_S = 2.0
_ENDS_SOON = timedelta(days=30)
_CURSOR = "statements.cursor"


def held_statements(work: Workplace) -> Shelf[StatementOffer]:
    """What the registry signed for cards of this office, by card number."""
    return Shelf(work.store.database, DocumentKind.STATEMENT, StatementOffer)


async def fetch_statements(work: Workplace) -> int:
    """Takes what is new for this office's cards; how many. Raises what the registry client raises."""
    taken, shelf = 0, held_statements(work)
    while True:
        after = int(work.store.meta.find(_CURSOR) or 0)
        answer = await work.registry.office_statements(after=after)
        with work.store.database.transaction():
            for offer in answer.offers:
                shelf.put(offer.card_number, offer)
            work.store.meta.put(_CURSOR, str(answer.cursor))
        taken += len(answer.offers)
        if not answer.offers or answer.cursor <= after:
            return taken


async def renew_at_tap(work: Workplace, card: VerifiedCard) -> VerifiedCard:
    """The card as it is after the newest statement at hand is on it. Raises card errors; nothing is lost by one."""
    if card.details.profile is not CardProfile.HOUSEHOLD:
        return card
    held, may_ask = card.details.statement.version, _wants_more(card, work.store.clock.today())
    offer = await _find_offer(work, card.card_number, held, may_ask=may_ask)
    if offer is None:
        return card
    await put_on_card(work, card, offer)
    result = await open_card(work, work.holder_reader, CardProfile.HOUSEHOLD)
    return card if result.card is None else result.card


async def revive(work: Workplace, number: CardNumber) -> bool:
    """Whether a card whose statement ran out got a new one. Raises card errors."""
    offer = await _find_offer(work, number, 0, may_ask=True)
    if offer is None:
        return False
    anchors, credential, today = work.store.bundles.anchors, work.credential, work.store.clock.today()
    slot = offer.slot or b""

    def write(connection: CardConnection) -> None:
        card = authenticate_card(CardSession(connection), anchors, on=today)
        card.session.show_credential(credential)
        write_statement(card, anchors, slot, on=today)

    await work.holder_reader.run(write)
    _note_written(work, offer)
    return True


async def put_on_card(work: Workplace, card: VerifiedCard, offer: StatementOffer) -> None:
    """Written, and told to the registry. Raises card errors."""
    anchors, credential, today = work.store.bundles.anchors, work.credential, work.store.clock.today()
    slot = offer.slot or b""

    def write() -> None:
        card.session.show_credential(credential)
        write_statement(card.authentic, anchors, slot, on=today)

    await work.holder_reader.proceed(write)
    _note_written(work, offer)


def _note_written(work: Workplace, offer: StatementOffer) -> None:
    written = StatementWritten(card_number=offer.card_number, version=offer.version)
    with work.store.journal.entry() as entry:
        entry.add(Happening(EventKind.STATEMENT_WRITTEN, written, offer.card_number, work.operator_id))
        held_statements(work).drop(offer.card_number)
    work.sync.nudge()


async def _find_offer(work: Workplace, number: CardNumber, held: int, *, may_ask: bool) -> StatementOffer | None:
    kept = held_statements(work).find(number)
    if kept is not None and kept.version > held and kept.slot is not None:
        return kept
    if not (may_ask and work.sync.state.is_online):
        return None
    try:
        offer = await asyncio.wait_for(work.registry.statement(number, held=held), _ASK_S)
    except (TimeoutError, RegistryUnreachable, RegistryOutOfOrder, RegistryRefused):
        # The card works as it is: nobody is kept waiting.
        return None
    return offer if offer.slot is not None and offer.version > held else None


def _wants_more(card: VerifiedCard, today: date) -> bool:
    """Nothing to collect any more, or the statement ends soon: worth asking the registry."""
    statement = card.details.statement
    has_more = any(line.is_collectable(today) for line in card.details.lines)
    return not has_more or statement.valid_until - today <= _ENDS_SOON
