"""One delivery: planned and kept, written on the card, journalled, then handed over. Never twice, never lost."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum

from card_service.errors import CardChanged, CardError, CardRefused, TerminalRefused
from card_service.ledger import (
    AlreadyDrawn,
    DeliveryProof,
    LedgerMovedOn,
    NotCollectable,
    NotWritten,
    PlannedRecord,
    append_delivery,
    decode_record,
    encode_record,
    plan_delivery,
    recover_delivery,
)
from card_service.verified_card import LineOnCard, VerifiedCard
from domain.card_number import CardNumber
from domain.deliveries import BenefitDelivery
from domain.events import EventKind
from domain.ids import DeliveryId, ProgrammeCode, make_uuid7
from domain.verification import RungTried
from kiosk.flows.holder_identification import Identified
from kiosk.flows.workplace import Workplace
from kiosk.store.journal import Happening
from kiosk.store.planned_delivery import PlannedDelivery

_PLANS = 3
_ID_RANDOM_BYTES = 10


class DeliveryOutcome(StrEnum):
    DELIVERED = "delivered"
    ALREADY_DRAWN = "already_drawn"
    NOT_COLLECTABLE = "not_collectable"
    #: The card left, or was not understood, while it was being written: what happened is found out when it is back.
    UNKNOWN = "unknown"
    #: The card, or its rights, refused; nothing was written.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """``delivery`` when DELIVERED; ``refusal`` when ALREADY_DRAWN, with the card's own account of it."""

    outcome: DeliveryOutcome
    delivery: BenefitDelivery | None = None
    refusal: AlreadyDrawn | None = None
    code: str | None = None


async def deliver(
    work: Workplace,
    card: VerifiedCard,
    on_card: LineOnCard,
    who: Identified,
    rungs: tuple[RungTried, ...],
    *,
    units: int | None = None,
) -> DeliveryResult:
    """``units``, or all that is left. Raises StoreFailed before the card hears of anything."""
    # With nothing left the card itself is asked, and says when and where it was drawn.
    wanted = units or on_card.left or on_card.line.limit
    for _ in range(_PLANS):
        try:
            return await _deliver_once(work, card, on_card, wanted, who, rungs)
        except LedgerMovedOn:
            # Another desk wrote in between, with this very card: look again at what is left.
            _forget(work, card)
        except AlreadyDrawn as error:
            _forget(work, card)
            return DeliveryResult(DeliveryOutcome.ALREADY_DRAWN, refusal=error)
        except NotCollectable:
            return DeliveryResult(DeliveryOutcome.NOT_COLLECTABLE)
        except (CardRefused, TerminalRefused, CardChanged) as error:
            _forget(work, card)
            return DeliveryResult(DeliveryOutcome.REFUSED, code=error.code)
        except CardError:
            # Gone, silent or garbled. The plan stays: the card knows what happened, and tells when it is read anew.
            return DeliveryResult(DeliveryOutcome.UNKNOWN)
    return DeliveryResult(DeliveryOutcome.REFUSED, code=LedgerMovedOn.code)


async def _deliver_once(
    work: Workplace, card: VerifiedCard, on_card: LineOnCard, units: int, who: Identified, rungs: tuple[RungTried, ...]
) -> DeliveryResult:
    credential, today, line = work.credential, work.store.clock.today(), on_card.line
    planned = await work.holder_reader.proceed(
        lambda: plan_delivery(card, credential, line, units, who.member.index, who.verified_by, today)
    )
    kept = _plan_to_keep(work, planned, on_card, who, rungs)
    work.store.planned_deliveries.save(kept.card_number, kept)
    proof = await work.holder_reader.proceed(lambda: append_delivery(card, planned))
    return DeliveryResult(DeliveryOutcome.DELIVERED, _journal(work, kept, proof))


async def settle_planned(work: Workplace, card: VerifiedCard) -> BenefitDelivery | None:
    """What became of a delivery to this card that was cut off; the delivery when the card holds it.

    Called at every tap before anything else. Raises CardGone and other card errors: the plan then stays.
    """
    kept = work.store.planned_deliveries.find(card.card_number)
    if kept is None:
        return None
    planned = PlannedRecord(kept.card_number, decode_record(bytes.fromhex(kept.record_hex)))
    credential = work.credential
    outcome = await work.holder_reader.proceed(lambda: recover_delivery(card, credential, planned))
    if isinstance(outcome, NotWritten):
        _forget(work, card)
        return None
    return _journal(work, kept, outcome)


def receipts_owed(work: Workplace, card_number: CardNumber) -> list[BenefitDelivery]:
    """Deliveries that this card took here and whose receipt never came into the person's hand."""
    return [owed for _, owed in work.store.owed_receipts.all() if owed.card_number == card_number]


def _journal(work: Workplace, kept: PlannedDelivery, proof: DeliveryProof) -> BenefitDelivery:
    """The delivery in the journal, its receipt owed, and the plan gone, in one transaction."""
    delivery = kept.delivered(work.store.kiosk_id, proof.receipt)
    with work.store.journal.entry() as entry:
        entry.add(Happening(EventKind.DELIVERY_RECORDED, delivery, delivery.card_number, delivery.operator_id))
        work.store.deliveries.put(delivery.id, delivery)
        work.store.owed_receipts.put(delivery.id, delivery)
        work.store.planned_deliveries.drop(kept.card_number)
    work.sync.nudge()
    return delivery


def _forget(work: Workplace, card: VerifiedCard) -> None:
    work.store.planned_deliveries.remove(card.card_number)


def _plan_to_keep(
    work: Workplace, planned: PlannedRecord, on_card: LineOnCard, who: Identified, rungs: tuple[RungTried, ...]
) -> PlannedDelivery:
    now, line, record = work.store.clock.now(), on_card.line, planned.record
    random = secrets.token_bytes(_ID_RANDOM_BYTES)
    return PlannedDelivery(
        id=DeliveryId(make_uuid7(unix_ms=int(now.timestamp() * 1000), random=random)),
        card_number=planned.card_number,
        card_sequence=record.sequence,
        record_hex=encode_record(record).hex(),
        programme=ProgrammeCode(line.programme_code),
        scheme=line.scheme,
        period_key=line.period,
        units=record.quantity,
        measure=line.unit,
        member_index=who.member.index,
        person_id=who.member.person_id,
        verified_by=who.verified_by,
        rungs=rungs,
        operator_id=work.operator_id,
        planned_at=now,
        was_offline=not work.sync.state.is_online,
    )
