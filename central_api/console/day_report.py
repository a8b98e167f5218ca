"""The register in one record, for programmes: what the pages show, with every proof checked again."""

from __future__ import annotations

from sqlalchemy import Connection, select

from central_api.console.service import read_deliveries
from central_api.deliveries.double_spending import DoubleSpending, find_double_spending
from central_api.denials.repository import count_all
from central_api.enrolments.local_check import count_checks
from central_api.enrolments.repository import count_waiting
from central_api.tables.cards import cards
from domain.record import Record


class DeliveryReport(Record):
    card: str
    scheme: int
    period: int
    units: int
    kiosk: str
    verified_by: str
    was_offline: bool
    receipt_verified: bool


class DayReport(Record):
    """No names and no person ids: numbers of cards, and counts."""

    cards: dict[str, str]
    deliveries: tuple[DeliveryReport, ...]
    denials: int
    #: Proofs of one card that cannot both be right.
    double_spending: tuple[DoubleSpending, ...] = ()
    waiting_enrolments: int
    #: Registrations by what their desk found itself before it sent them.
    checked_at_desk: dict[str, int] = {}


def read_report(connection: Connection) -> DayReport:
    """Cards by number with their status, deliveries with their proof, and what waits."""
    statuses = {row.number: str(row.status) for row in connection.execute(select(cards.c.number, cards.c.status))}
    deliveries = tuple(
        DeliveryReport(
            card=line.delivery.card_number,
            scheme=line.delivery.scheme,
            period=line.delivery.period_key,
            units=line.delivery.units,
            kiosk=line.delivery.kiosk_id,
            verified_by=line.delivery.verified_by.name,
            was_offline=line.delivery.was_offline,
            receipt_verified=line.is_genuine,
        )
        for line in read_deliveries(connection)
    )
    return DayReport(
        cards=statuses,
        deliveries=deliveries,
        denials=count_all(connection),
        double_spending=find_double_spending(connection),
        waiting_enrolments=count_waiting(connection),
        checked_at_desk=count_checks(connection),
    )
