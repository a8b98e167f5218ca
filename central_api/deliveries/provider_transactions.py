"""Amounts set aside at providers: the registry follows each transaction by the desk's own steps."""

from __future__ import annotations

from sqlalchemy import Connection, Row, insert, select, update

from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.tables.benefits import provider_transactions as table
from domain.card_number import CardNumber
from domain.deliveries import BenefitDelivery, DeliveryKind
from domain.errors import ProjectError
from domain.ids import KioskId
from domain.provider_transactions import (
    ProviderKind,
    ProviderMark,
    ProviderState,
    ProviderStep,
    ProviderStepRefused,
    ProviderTransaction,
    ProviderUse,
    next_state,
)


class ProviderTransactionUnknown(ProjectError):
    """No such transaction of this desk, or its first step could not be booked."""

    code = "provider.unknown"
    message_key = "provider.step_refused"


def find_transaction(connection: Connection, transaction_id: str) -> ProviderTransaction | None:
    """As far as the desk has told."""
    row = connection.execute(select(table).where(table.c.id == transaction_id)).first()
    return None if row is None else _record(row)


def list_of_card(connection: Connection, number: CardNumber) -> list[ProviderTransaction]:
    """Every transaction with that card, the oldest first."""
    query = select(table).where(table.c.card_number == number).order_by(table.c.opened_at, table.c.id)
    return [_record(row) for row in connection.execute(query)]


def check_step(connection: Connection, delivery: BenefitDelivery) -> ProviderTransaction | None:
    """The transaction after this delivery or reversal; None for one that is no step of any.

    Raises ProviderStepRefused or ProviderTransactionUnknown.
    """
    mark = delivery.provider
    if mark is None:
        return None
    known = find_transaction(connection, mark.transaction_id)
    is_block = mark.step is ProviderStep.BLOCK
    if is_block is not (delivery.kind is DeliveryKind.DELIVERY):
        raise ProviderStepRefused("setting aside is a delivery, giving back a reversal")
    if is_block:
        return _opened(known, delivery, mark)
    return _get_own(known, delivery).after_return(mark.step, delivery.units)


def put_step(transaction: Transaction, after: ProviderTransaction, step: ProviderStep) -> None:
    """Keeps what ``check_step`` gave."""
    values = after.model_dump(mode="json", exclude={"id"}) | {"changed_at": transaction.now}
    connection = transaction.connection
    if step is ProviderStep.BLOCK:
        connection.execute(insert(table).values(id=after.id, opened_at=transaction.now, **values))
    else:
        connection.execute(update(table).where(table.c.id == after.id).values(values))
    _note(transaction, after, step)


def take_use(transaction: Transaction, use: ProviderUse, kiosk_id: KioskId) -> None:
    """Part of the amount was handed out. Raises ProviderStepRefused or ProviderTransactionUnknown."""
    known = find_transaction(transaction.connection, use.transaction_id)
    if known is None or known.kiosk_id != kiosk_id:
        raise ProviderTransactionUnknown("no such transaction of this desk")
    after = known.after_use(use.units)
    put_step(transaction, after, ProviderStep.USE if after.is_open else ProviderStep.USE_UP)


def _opened(known: ProviderTransaction | None, delivery: BenefitDelivery, mark: ProviderMark) -> ProviderTransaction:
    return ProviderTransaction(
        id=mark.transaction_id,
        kind=mark.kind,
        kiosk_id=delivery.kiosk_id,
        card_number=delivery.card_number,
        scheme=delivery.scheme,
        period_key=delivery.period_key,
        state=next_state(None if known is None else known.state, mark.step),
        blocked=delivery.units,
    )


def _get_own(known: ProviderTransaction | None, delivery: BenefitDelivery) -> ProviderTransaction:
    if known is None or known.kiosk_id != delivery.kiosk_id or known.card_number != delivery.card_number:
        raise ProviderTransactionUnknown("no such transaction of this desk and card")
    if (known.scheme, known.period_key) != (delivery.scheme, delivery.period_key):
        raise ProviderStepRefused("another benefit than was set aside")
    return known


def _note(transaction: Transaction, after: ProviderTransaction, step: ProviderStep) -> None:
    line = AuditLine(
        stream=AuditStream.DELIVERIES,
        at=transaction.now,
        actor=after.kiosk_id,
        action=f"provider.{step}",
        subject=f"card:{after.card_number}",
        details={
            "transaction": after.id,
            "state": after.state,
            "blocked": after.blocked,
            "used": after.used,
            "returned": after.returned,
        },
    )
    transaction.note(line)


def _record(row: Row[tuple[object, ...]]) -> ProviderTransaction:
    return ProviderTransaction(
        id=row.id,
        kind=ProviderKind(row.kind),
        kiosk_id=KioskId(row.kiosk_id),
        card_number=CardNumber(row.card_number),
        scheme=row.scheme,
        period_key=row.period_key,
        state=ProviderState(row.state),
        blocked=row.blocked,
        used=row.used,
        returned=row.returned,
    )
