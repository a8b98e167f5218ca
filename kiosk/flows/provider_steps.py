"""Amounts set aside here: their state, and each step planned, written on the card and journalled.

No state of its own is kept: what the card took stands in the deliveries, what was handed out in between in the uses.
A step cut off anywhere is settled at the card's next tap like any delivery.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from card_service.ledger import (
    PlannedRecord,
    append_delivery,
    decode_record,
    encode_record,
    plan_delivery,
    plan_reversal,
)
from card_service.verified_card import LineOnCard, VerifiedCard
from domain.card_number import CardNumber
from domain.deliveries import BenefitDelivery, DeliveryKind
from domain.events import EventKind
from domain.ids import DeliveryId, ProgrammeCode, make_uuid7
from domain.provider_transactions import (
    ProviderKind,
    ProviderMark,
    ProviderStep,
    ProviderTransaction,
    ProviderUse,
    next_state,
)
from domain.verification import RungTried
from kiosk.flows.delivering import settle_planned
from kiosk.flows.holder_identification import Identified
from kiosk.flows.workplace import Workplace
from kiosk.store.journal import Happening
from kiosk.store.planned_delivery import PlannedDelivery

_ID_RANDOM_BYTES = 10


@dataclass(frozen=True, slots=True)
class SetAside:
    """A transaction as it stands, and the delivery that began it."""

    transaction: ProviderTransaction
    block: BenefitDelivery


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose card it is, who stands here, and what was tried to know it."""

    card: VerifiedCard
    who: Identified
    rungs: tuple[RungTried, ...]


def list_set_aside(work: Workplace, card_number: CardNumber) -> list[SetAside]:
    """Every transaction of this desk with that card, the oldest first, closed ones too."""
    found: dict[str, SetAside] = {}
    uses = [use for _, use in work.store.provider_uses.all()]
    for _, delivery in work.store.deliveries.all():
        mark = delivery.provider
        if mark is None or delivery.card_number != card_number:
            continue
        if mark.step is ProviderStep.BLOCK:
            found[mark.transaction_id] = SetAside(_begun(delivery, mark, uses), delivery)
        elif mark.transaction_id in found:
            held = found[mark.transaction_id]
            after = held.transaction.after_return(mark.step, delivery.units)
            found[mark.transaction_id] = SetAside(after, held.block)
    return list(found.values())


def _begun(block: BenefitDelivery, mark: ProviderMark, uses: list[ProviderUse]) -> ProviderTransaction:
    transaction = ProviderTransaction(
        id=mark.transaction_id,
        kind=mark.kind,
        kiosk_id=block.kiosk_id,
        card_number=block.card_number,
        scheme=block.scheme,
        period_key=block.period_key,
        state=next_state(None, mark.step),
        blocked=block.units,
    )
    for use in uses:
        if use.transaction_id == transaction.id:
            transaction = transaction.after_use(use.units)
    return transaction


def use_part(work: Workplace, held: SetAside, units: int) -> ProviderTransaction:
    """Handed out of what is set aside; needs no card. Raises ProviderStepRefused, StoreFailed."""
    after = held.transaction.after_use(units)
    use = ProviderUse(transaction_id=held.transaction.id, units=units)
    with work.store.journal.entry() as entry:
        work.store.provider_uses.put(_new_id(work), use)
        entry.add(Happening(EventKind.PROVIDER_USED, use, held.transaction.id, work.operator_id))
    work.sync.nudge()
    return after


async def set_aside(
    work: Workplace, visit: Visit, on_card: LineOnCard, units: int, kind: ProviderKind
) -> BenefitDelivery:
    """So much is off the card, and this desk's to hand out.

    Raises what ``plan_delivery`` and ``append_delivery`` raise, and StoreFailed.
    """
    card, who, credential, line = visit.card, visit.who, work.credential, on_card.line
    today = work.store.clock.today()
    planned = await work.holder_reader.proceed(
        lambda: plan_delivery(card, credential, line, units, who.member.index, who.verified_by, today)
    )
    mark = ProviderMark(transaction_id=_new_id(work), kind=kind, step=ProviderStep.BLOCK)
    kept = _plan(work, visit, planned, mark, DeliveryKind.DELIVERY, ProgrammeCode(line.programme_code), line.unit)
    return await _write(work, card, planned, kept)


async def give_back(work: Workplace, visit: Visit, held: SetAside, step: ProviderStep) -> BenefitDelivery:
    """What is left (CLOSE), or all of it (REVERSE), is on the card again. Raises as ``set_aside``, and
    ProviderStepRefused."""
    units = held.transaction.units_to_return(step)
    card, credential, today = visit.card, work.credential, work.store.clock.today()
    delivered = replace(
        decode_record(bytes.fromhex(held.block.ledger_record_hex)),
        quantity=units,
        member_index=visit.who.member.index,
        verified_by=visit.who.verified_by,
    )
    planned = await work.holder_reader.proceed(lambda: plan_reversal(card, credential, delivered, today))
    mark = ProviderMark(transaction_id=held.transaction.id, kind=held.transaction.kind, step=step)
    block = held.block
    kept = _plan(work, visit, planned, mark, DeliveryKind.REVERSAL, block.programme, block.measure)
    return await _write(work, card, planned, kept)


async def _write(work: Workplace, card: VerifiedCard, planned: PlannedRecord, kept: PlannedDelivery) -> BenefitDelivery:
    work.store.planned_deliveries.save(kept.card_number, kept)
    await work.holder_reader.proceed(lambda: append_delivery(card, planned))
    # Journalled by the same way as after a tear: the card is asked for what it holds.
    delivery = await settle_planned(work, card)
    assert delivery is not None, "the card confirmed the record a moment ago"
    return delivery


def _plan(
    work: Workplace,
    visit: Visit,
    planned: PlannedRecord,
    mark: ProviderMark,
    kind: DeliveryKind,
    programme: ProgrammeCode,
    measure: str,
) -> PlannedDelivery:
    record, member = planned.record, visit.who.member
    return PlannedDelivery(
        id=DeliveryId(_new_id(work)),
        kind=kind,
        provider=mark,
        card_number=planned.card_number,
        card_sequence=record.sequence,
        record_hex=encode_record(record).hex(),
        programme=programme,
        scheme=record.scheme,
        period_key=record.period,
        units=record.quantity,
        measure=measure,
        member_index=member.index,
        person_id=member.person_id,
        verified_by=visit.who.verified_by,
        rungs=visit.rungs,
        operator_id=work.operator_id,
        planned_at=work.store.clock.now(),
        was_offline=not work.sync.state.is_online,
    )


def _new_id(work: Workplace) -> str:
    unix_ms = int(work.store.clock.now().timestamp() * 1000)
    return make_uuid7(unix_ms=unix_ms, random=secrets.token_bytes(_ID_RANDOM_BYTES))
