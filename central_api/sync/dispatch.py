"""Which room takes which event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from central_api.access.repository import KnownKiosk
from central_api.cards.blocking import block_card, unblock_card
from central_api.cards.renewal import take_written
from central_api.cards.spoiling import spoil_card
from central_api.cards.stock import take_move
from central_api.context import Registry
from central_api.deliveries.provider_transactions import take_use
from central_api.deliveries.service import book_delivery
from central_api.denials.service import record_denial
from central_api.enrolments.retaking import take_again
from central_api.enrolments.service import decide_duplicate, receive_submission
from central_api.entitlements.service import choose_programmes
from central_api.fingers.learning import learn
from central_api.fingers.swaps import decide_swap
from central_api.grievances.service import lodge_grievance
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.operators.standing import check_in_office
from central_api.sync.payloads import read_payload
from domain.deliveries import BenefitDelivery, Denial
from domain.desk_lock import DeskLock, DeskUnlocked
from domain.events import EventBody, EventKind
from domain.grievances import Grievance
from domain.messages.card_stock import StockMove
from domain.messages.cards import CardBlocked, CardSpoiled, CardUnblocked, StatementWritten
from domain.messages.enrolment import DuplicateDecided, EnrolmentStatus, ProgrammesChosen, SealedEnrolment
from domain.messages.fingers import FingersTried, FingerSwapDecided, SealedFingers
from domain.messages.sync import EventVerdict
from domain.provider_transactions import ProviderUse


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the room took the event; ``code`` says why, or what is still to be looked at."""

    verdict: EventVerdict = EventVerdict.ACCEPTED
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event in its place in the kiosk's chain, inside its transaction."""

    transaction: Transaction
    body: EventBody
    kiosk: KnownKiosk
    registry: Registry


Handler = Callable[[Arrival], Outcome]
ACCEPTED = Outcome()


def take_event(arrival: Arrival) -> Outcome:
    """Hands the event to its room. Raises a ProjectError when it can not be taken."""
    check_in_office(arrival.transaction, arrival.body)
    return HANDLERS[arrival.body.kind](arrival)


def _take_enrolment(arrival: Arrival) -> Outcome:
    envelope = read_payload(SealedEnrolment, arrival.body.payload)
    status = receive_submission(arrival.transaction, envelope, arrival.kiosk.id, arrival.registry)
    return Outcome(code="enrolment.refused") if status is EnrolmentStatus.REFUSED else ACCEPTED


def _take_decision(arrival: Arrival) -> Outcome:
    decided = read_payload(DuplicateDecided, arrival.body.payload)
    decide_duplicate(arrival.transaction, decided, arrival.body.operator_id, arrival.registry)
    return ACCEPTED


def _take_choice(arrival: Arrival) -> Outcome:
    chosen = read_payload(ProgrammesChosen, arrival.body.payload)
    choose_programmes(arrival.transaction, chosen, arrival.body.operator_id)
    return ACCEPTED


def _take_delivery(arrival: Arrival) -> Outcome:
    delivery = read_payload(BenefitDelivery, arrival.body.payload)
    booking = book_delivery(arrival.transaction, delivery, arrival.kiosk.id)
    return Outcome(EventVerdict.ACCEPTED if booking.is_booked else EventVerdict.CONFLICT, booking.code)


def _take_denial(arrival: Arrival) -> Outcome:
    denial = read_payload(Denial, arrival.body.payload)
    record_denial(arrival.transaction, denial, arrival.kiosk.id, arrival.kiosk.area)
    return ACCEPTED


def _take_grievance(arrival: Arrival) -> Outcome:
    grievance = read_payload(Grievance, arrival.body.payload)
    lodge_grievance(arrival.transaction, grievance, arrival.kiosk.id, arrival.kiosk.area)
    return ACCEPTED


def _take_login(arrival: Arrival) -> Outcome:
    """Only the line: who worked at which desk, and when."""
    line = AuditLine(
        stream=AuditStream.OPERATORS,
        at=arrival.body.occurred_at,
        actor=arrival.kiosk.id,
        operator_id=arrival.body.operator_id,
        action="operator.logged_in",
        subject=None if arrival.body.operator_id is None else f"operator:{arrival.body.operator_id}",
    )
    arrival.transaction.note(line)
    return ACCEPTED


def _take_desk_lock(arrival: Arrival) -> Outcome:
    """Only the line: who locked a desk and who opened it again, as what."""
    body = arrival.body
    if body.kind is EventKind.DESK_LOCKED:
        lock, details = read_payload(DeskLock, body.payload), {}
    else:
        unlocked = read_payload(DeskUnlocked, body.payload)
        lock, details = unlocked.lock, {"unlocked_as": unlocked.unlocked_as.value}
    line = AuditLine(
        stream=AuditStream.OPERATORS,
        at=body.occurred_at,
        actor=arrival.kiosk.id,
        operator_id=body.operator_id,
        action=body.kind,
        subject=f"operator:{lock.operator_id}",
        details={"reason": lock.reason.value, **details},
    )
    arrival.transaction.note(line)
    return ACCEPTED


def _take_provider_use(arrival: Arrival) -> Outcome:
    take_use(arrival.transaction, read_payload(ProviderUse, arrival.body.payload), arrival.kiosk.id)
    return ACCEPTED


def _take_spoiled_card(arrival: Arrival) -> Outcome:
    spoil_card(arrival.transaction, read_payload(CardSpoiled, arrival.body.payload), arrival.kiosk.id)
    return ACCEPTED


def _take_blocked_card(arrival: Arrival) -> Outcome:
    blocked = read_payload(CardBlocked, arrival.body.payload)
    return Outcome(code=block_card(arrival.transaction, blocked, arrival.kiosk.id, arrival.body.operator_id))


def _take_found_card(arrival: Arrival) -> Outcome:
    unblocked = read_payload(CardUnblocked, arrival.body.payload)
    code = unblock_card(arrival.transaction, unblocked, arrival.kiosk.id, arrival.body.operator_id)
    return ACCEPTED if code is None else Outcome(EventVerdict.CONFLICT, code)


def _take_written_statement(arrival: Arrival) -> Outcome:
    written = read_payload(StatementWritten, arrival.body.payload)
    return Outcome(code=take_written(arrival.transaction, written, arrival.kiosk.id))


def _take_stock_move(arrival: Arrival) -> Outcome:
    take_move(arrival.transaction, read_payload(StockMove, arrival.body.payload), arrival.body)
    return ACCEPTED


def _take_tries(arrival: Arrival) -> Outcome:
    tried = read_payload(FingersTried, arrival.body.payload)
    learn(arrival.transaction, tried, arrival.body.id, arrival.kiosk.id)
    return ACCEPTED


def _take_retaken(arrival: Arrival) -> Outcome:
    sealed = read_payload(SealedFingers, arrival.body.payload)
    return Outcome(code=take_again(arrival.transaction, sealed, arrival.kiosk.id, arrival.registry))


def _take_swap_decision(arrival: Arrival) -> Outcome:
    decided = read_payload(FingerSwapDecided, arrival.body.payload)
    decide_swap(arrival.transaction, decided, arrival.body.operator_id, arrival.registry.vault)
    return ACCEPTED


HANDLERS: dict[EventKind, Handler] = {
    EventKind.ENROLMENT_SUBMITTED: _take_enrolment,
    EventKind.DUPLICATE_DECIDED: _take_decision,
    EventKind.PROGRAMMES_CHOSEN: _take_choice,
    EventKind.DELIVERY_RECORDED: _take_delivery,
    EventKind.DENIAL_RECORDED: _take_denial,
    EventKind.GRIEVANCE_LODGED: _take_grievance,
    EventKind.OPERATOR_LOGGED_IN: _take_login,
    EventKind.CARD_SPOILED: _take_spoiled_card,
    EventKind.CARD_BLOCKED: _take_blocked_card,
    EventKind.CARD_UNBLOCKED: _take_found_card,
    EventKind.STATEMENT_WRITTEN: _take_written_statement,
    EventKind.STOCK_MOVED: _take_stock_move,
    EventKind.DESK_LOCKED: _take_desk_lock,
    EventKind.DESK_UNLOCKED: _take_desk_lock,
    EventKind.PROVIDER_USED: _take_provider_use,
    EventKind.FINGERS_TRIED: _take_tries,
    EventKind.FINGERS_RETAKEN: _take_retaken,
    EventKind.FINGER_SWAP_DECIDED: _take_swap_decision,
}
