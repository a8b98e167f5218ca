"""Where two proofs of one card cannot both be right: the delivery that was booked, and the one that did not fit."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy import Connection, select

from central_api.deliveries.service import CODE_OVER_ENTITLEMENT, CODE_SEQUENCE_TAKEN
from central_api.reviews.repository import CaseState
from central_api.tables.benefits import deliveries, review_cases
from domain.deliveries import BenefitDelivery
from domain.ids import KioskId
from domain.record import Record

#: A genuine card counts up and stops at its limit: either of these means a copied chip, a restored one, or a fault.
_SIGNS = (CODE_SEQUENCE_TAKEN, CODE_OVER_ENTITLEMENT)


class DoubleSpending(Record):
    """One finding. ``kiosks``: where the booked deliveries were made, then where the one in doubt was."""

    card: str
    scheme: int
    period: int
    sequence: int
    reason: str
    units: int
    kiosks: tuple[KioskId, ...]
    was_offline: bool


def find_double_spending(connection: Connection) -> tuple[DoubleSpending, ...]:
    """Open cases of that kind, the oldest first; everything an officer needs to know whom to ask."""
    query = select(review_cases.c.reason, review_cases.c.record).where(
        review_cases.c.reason.in_(_SIGNS), review_cases.c.state == CaseState.OPEN
    )
    rows = connection.execute(query.order_by(review_cases.c.opened_at, review_cases.c.id))
    return tuple(finding for row in rows if (finding := _finding(connection, row.reason, row.record)) is not None)


def _finding(connection: Connection, reason: str, record: object) -> DoubleSpending | None:
    try:
        doubted = BenefitDelivery.model_validate(record)
    except ValidationError:
        return None  # a case of an older form: it stands in the list of cases all the same
    return DoubleSpending(
        card=doubted.card_number,
        scheme=doubted.scheme,
        period=doubted.period_key,
        sequence=doubted.card_sequence,
        reason=reason,
        units=doubted.units,
        kiosks=(*_booked_at(connection, doubted, reason), doubted.kiosk_id),
        was_offline=doubted.was_offline,
    )


def _booked_at(connection: Connection, doubted: BenefitDelivery, reason: str) -> list[KioskId]:
    """The desk that holds the same place of the ledger, or those that handed over from the same entitlement."""
    same = deliveries.c.card_number == doubted.card_number
    if reason == CODE_SEQUENCE_TAKEN:
        same &= deliveries.c.card_sequence == doubted.card_sequence
    else:
        same &= (deliveries.c.scheme == doubted.scheme) & (deliveries.c.period_key == doubted.period_key)
    rows = connection.execute(select(deliveries.c.kiosk_id).where(same).order_by(deliveries.c.card_sequence))
    return [KioskId(row.kiosk_id) for row in rows]
