"""Booking a delivery: once, on the card's proof, and never above what was granted. What does not fit becomes a case."""

from __future__ import annotations

from dataclasses import dataclass

from central_api.deliveries import repository
from central_api.deliveries.proof import ProofVerdict, check_proof, read_record
from central_api.deliveries.provider_transactions import check_step, put_step
from central_api.deliveries.repository import ProvingCard
from central_api.entitlements import repository as entitlements
from central_api.four_eyes import check_exception
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.reviews.repository import open_case
from domain.cards import CardStatus
from domain.deliveries import BenefitDelivery, DeliveryKind, MergeStatus, merge_status
from domain.errors import ProjectError
from domain.ids import HouseholdId, KioskId

CODE_DIFFERS = "delivery.differs"
CODE_OTHER_KIOSK = "delivery.other_kiosk"
CODE_CARD_UNKNOWN = "delivery.card_unknown"
CODE_SEQUENCE_TAKEN = "delivery.sequence_taken"
CODE_NOT_ENTITLED = "delivery.not_entitled"
CODE_OVER_ENTITLEMENT = "delivery.over_entitlement"
CODE_CARD_NOT_ACTIVE = "delivery.card_not_active"


@dataclass(frozen=True, slots=True)
class Booking:
    """``is_booked``: it counts. ``code``: why not, or what an officer should still look at."""

    is_booked: bool
    code: str | None = None


def book_delivery(transaction: Transaction, delivery: BenefitDelivery, kiosk_id: KioskId) -> Booking:
    """Books the delivery, or opens a review case with everything the kiosk sent."""
    known = repository.find_delivery(transaction.connection, delivery.id)
    status = merge_status(delivery, known)
    if status is MergeStatus.IDENTICAL:
        return Booking(is_booked=True)
    if status is MergeStatus.CONFLICT:
        return _open_case(transaction, delivery, kiosk_id, CODE_DIFFERS)
    if delivery.kiosk_id != kiosk_id:
        return _open_case(transaction, delivery, kiosk_id, CODE_OTHER_KIOSK)
    card = repository.find_card(transaction.connection, delivery.card_number)
    if card is None or card.household_id is None:
        return _open_case(transaction, delivery, kiosk_id, CODE_CARD_UNKNOWN)
    trouble = _find_trouble(transaction, delivery, card)
    if trouble is not None:
        return _open_case(transaction, delivery, kiosk_id, trouble)
    return _book(transaction, delivery, card, card.household_id)


def _find_trouble(transaction: Transaction, delivery: BenefitDelivery, card: ProvingCard) -> str | None:
    record = read_record(delivery)
    if record is None:
        return ProofVerdict.MALFORMED
    terminal_key = repository.find_terminal_key(transaction.connection, record.terminal)
    verdict = check_proof(delivery, record, card.receipt_key, terminal_key)
    if verdict is not ProofVerdict.GENUINE:
        return verdict
    if repository.find_at_sequence(transaction.connection, card.number, delivery.card_sequence) is not None:
        return CODE_SEQUENCE_TAKEN
    return None


def _book(transaction: Transaction, delivery: BenefitDelivery, card: ProvingCard, household_id: HouseholdId) -> Booking:
    connection = transaction.connection
    drawing = entitlements.lock_drawing(connection, household_id, delivery.scheme, delivery.period_key)
    if drawing is None:
        return _open_case(transaction, delivery, delivery.kiosk_id, CODE_NOT_ENTITLED)
    sign = -1 if delivery.kind is DeliveryKind.REVERSAL else 1
    drawn = drawing.drawn + sign * delivery.units
    if not 0 <= drawn <= drawing.units:
        return _open_case(transaction, delivery, delivery.kiosk_id, CODE_OVER_ENTITLEMENT)
    repository.add_delivery(connection, delivery, household_id, transaction.now)
    entitlements.put_drawn(connection, household_id, delivery.scheme, delivery.period_key, drawn)
    _note(transaction, "delivery.booked", delivery, None)
    code = _find_doubt(transaction, delivery, card, household_id)
    if code is None:
        return Booking(is_booked=True)
    # The card bears it out, so it counts; somebody looks at it all the same.
    case = _open_case(transaction, delivery, delivery.kiosk_id, code)
    return Booking(is_booked=True, code=case.code)


def _find_doubt(
    transaction: Transaction, delivery: BenefitDelivery, card: ProvingCard, household_id: HouseholdId
) -> str | None:
    """What is wrong with a delivery that did happen; a step of a provider's transaction is taken here."""
    if card.status is not CardStatus.ACTIVE:
        # Handed over before the kiosk could know that the card is blocked.
        return CODE_CARD_NOT_ACTIVE
    try:
        after = check_step(transaction.connection, delivery)
        if after is not None and delivery.provider is not None:
            put_step(transaction, after, delivery.provider.step)
        check_exception(transaction.connection, delivery, household_id)
    except ProjectError as error:
        return error.code
    return None


def _open_case(transaction: Transaction, delivery: BenefitDelivery, kiosk_id: KioskId, code: str) -> Booking:
    open_case(
        transaction.connection,
        subject=f"delivery:{delivery.id}",
        reason=code,
        kiosk_id=kiosk_id,
        record=delivery.model_dump(mode="json"),
        now=transaction.now,
    )
    _note(transaction, "delivery.case_opened", delivery, code)
    return Booking(is_booked=False, code=str(code))


def _note(transaction: Transaction, action: str, delivery: BenefitDelivery, code: str | None) -> None:
    line = AuditLine(
        stream=AuditStream.DELIVERIES,
        at=transaction.now,
        actor=delivery.kiosk_id,
        operator_id=delivery.operator_id,
        action=action,
        subject=f"card:{delivery.card_number}",
        details={
            "delivery": delivery.id,
            "sequence": delivery.card_sequence,
            "scheme": delivery.scheme,
            "period": delivery.period_key,
            "units": delivery.units,
            "verified_by": delivery.verified_by,
            "code": code,
        },
    )
    transaction.note(line)
