"""Queries on deliveries and on the cards and kiosks that prove them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from central_api.tables.benefits import deliveries
from central_api.tables.cards import cards
from central_api.tables.kiosks import kiosks
from domain.card_number import CardNumber
from domain.cards import CardStatus
from domain.deliveries import BenefitDelivery
from domain.ids import DeliveryId, HouseholdId


@dataclass(frozen=True, slots=True)
class ProvingCard:
    """What is needed of a card to believe its receipts."""

    number: CardNumber
    household_id: HouseholdId | None
    status: CardStatus
    receipt_key: bytes


def find_card(connection: Connection, number: CardNumber) -> ProvingCard | None:
    query = select(cards.c.number, cards.c.household_id, cards.c.status, cards.c.receipt_key)
    row = connection.execute(query.where(cards.c.number == number)).first()
    if row is None:
        return None
    return ProvingCard(CardNumber(row.number), row.household_id, CardStatus(row.status), row.receipt_key)


def find_terminal_key(connection: Connection, reference: str) -> bytes | None:
    """Point (65 bytes) of the kiosk whose certificate bears this holder reference."""
    return connection.execute(select(kiosks.c.terminal_key).where(kiosks.c.terminal_reference == reference)).scalar()


def find_delivery(connection: Connection, delivery_id: DeliveryId) -> BenefitDelivery | None:
    record = connection.execute(select(deliveries.c.record).where(deliveries.c.id == delivery_id)).scalar()
    return None if record is None else BenefitDelivery.model_validate(record)


def find_at_sequence(connection: Connection, number: CardNumber, sequence: int) -> BenefitDelivery | None:
    """The delivery booked at this place of the card's ledger."""
    query = select(deliveries.c.record).where(
        deliveries.c.card_number == number, deliveries.c.card_sequence == sequence
    )
    record = connection.execute(query).scalar()
    return None if record is None else BenefitDelivery.model_validate(record)


def add_delivery(connection: Connection, delivery: BenefitDelivery, household_id: HouseholdId, now: datetime) -> None:
    plain = delivery.model_dump(mode="json")
    copied = ("id", "kind", "card_number", "card_sequence", "scheme", "period_key", "units", "person_id")
    values = {name: plain[name] for name in copied}
    values |= {name: plain[name] for name in ("verified_by", "kiosk_id", "operator_id", "was_offline")}
    connection.execute(
        insert(deliveries).values(
            **values,
            household_id=household_id,
            ledger_record=bytes.fromhex(delivery.ledger_record_hex),
            receipt=bytes.fromhex(delivery.receipt_hex),
            delivered_at=delivery.delivered_at,
            received_at=now,
            record=plain,
        )
    )


def list_newest(connection: Connection, limit: int) -> list[tuple[BenefitDelivery, datetime]]:
    """The deliveries made last, with the instant each reached the registry."""
    query = select(deliveries.c.record, deliveries.c.received_at)
    rows = connection.execute(query.order_by(deliveries.c.delivered_at.desc(), deliveries.c.id).limit(limit))
    return [(BenefitDelivery.model_validate(row.record), row.received_at) for row in rows]


def count_since(connection: Connection, since: datetime) -> int:
    query = select(func.count()).select_from(deliveries).where(deliveries.c.delivered_at >= since)
    return connection.execute(query).scalar_one()
