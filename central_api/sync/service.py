"""Push: each event is checked, taken and answered in a transaction of its own."""

from __future__ import annotations

import logging

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import JsonValue
from sqlalchemy.exc import DataError

from central_api.access.repository import KnownKiosk
from central_api.context import Registry
from central_api.errors import Conflict, RequestRefused
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from central_api.reviews.repository import open_case
from central_api.sync import repository
from central_api.sync.dispatch import Arrival, Outcome, take_event
from central_api.sync.repository import StoredEvent
from domain.errors import ProjectError
from domain.events import EventBody, SignedEvent
from domain.messages.sync import EventAnswer, EventVerdict, PushReceipt, PushRequest, SignedPushReceipt

logger = logging.getLogger(__name__)

MAX_EVENTS = 500

CODE_OTHER_KIOSK = "event.other_kiosk"
CODE_SIGNATURE = "event.signature_wrong"
CODE_GAP = "event.gap"
CODE_CHAIN = "event.chain_broken"
CODE_ID_REUSED = "event.id_reused"
CODE_FORK = "event.fork"
CODE_MALFORMED = "event.payload_malformed"

#: Stands for "the registry does not hold this event": no hash that a kiosk could know.
NOT_HELD = ""


class TooManyEvents(RequestRefused):
    """More events than one push may carry; ``limit`` says how many may come."""

    code = "sync.too_many_events"
    message_key = "error.sync_too_many_events"


def push(request: PushRequest, kiosk: KnownKiosk, registry: Registry) -> SignedPushReceipt:
    """The signed receipt with a verdict for every event, in the order they came. Raises TooManyEvents."""
    if len(request.events) > MAX_EVENTS:
        raise TooManyEvents(limit=MAX_EVENTS)
    answers = tuple(_receive(event, kiosk, registry) for event in request.events)
    receipt = PushReceipt(kiosk_id=kiosk.id, received_at=registry.now(), answers=answers)
    text = receipt.model_dump_json()
    return SignedPushReceipt(receipt_json=text, signature_hex=registry.trust.sign_receipt(text.encode()).hex())


def _receive(event: SignedEvent, kiosk: KnownKiosk, registry: Registry) -> EventAnswer:
    """One event, committed before it is answered."""
    if event.body.kiosk_id != kiosk.id:
        return _refusal(event.body, CODE_OTHER_KIOSK)
    content = event.body.canonical_bytes()
    if not _is_signed(event, content, kiosk):
        return _refusal(event.body, CODE_SIGNATURE)
    try:
        with registry.begin() as transaction:
            return _place(transaction, event, kiosk, registry)
    except (DataError, OverflowError):
        # Its own id or place is nothing that a row could hold.
        return _refusal(event.body, CODE_MALFORMED)


def _place(transaction: Transaction, event: SignedEvent, kiosk: KnownKiosk, registry: Registry) -> EventAnswer:
    """The event's place in the kiosk's chain decides first."""
    connection, body = transaction.connection, event.body
    content_sha256 = body.hash_hex()
    head = repository.lock_head(connection, kiosk.id)
    known = repository.find_event(connection, body.id)
    if known is not None:
        return _answer_again(transaction, event, content_sha256, known)
    if not 1 <= body.sequence <= head.sequence + 1:
        return _refusal(body, CODE_GAP)
    occupant = repository.find_event_at(connection, kiosk.id, body.sequence)
    if occupant is not None:
        return _answer_fork(transaction, event, occupant, CODE_FORK)
    if body.previous_hash != head.hash_hex:
        return _answer_broken_chain(transaction, event)
    outcome = _take(Arrival(transaction, body, kiosk, registry))
    repository.add_event(connection, event, content_sha256, outcome.verdict, outcome.code, transaction.now)
    return EventAnswer(event_id=body.id, content_sha256=content_sha256, verdict=outcome.verdict, code=outcome.code)


def _take(arrival: Arrival) -> Outcome:
    """What the room made of the event. One that no room takes is kept all the same, with a case for it:
    were it refused, nothing that the kiosk did afterwards could ever come in."""
    transaction = arrival.transaction
    mark = transaction.mark()
    try:
        with transaction.connection.begin_nested():
            return take_event(arrival)
    except (ProjectError, DataError, OverflowError) as error:
        transaction.forget_since(mark)
        code = error.code if isinstance(error, ProjectError) else CODE_MALFORMED
        logger.info("event of kind %s was not taken: %s", arrival.body.kind, code)
        _open_case(transaction, arrival.body, code, arrival.body.model_dump(mode="json"))
        verdict = EventVerdict.CONFLICT if isinstance(error, Conflict) else EventVerdict.REJECTED
        return Outcome(verdict, code)


def _answer_again(transaction: Transaction, event: SignedEvent, content_sha256: str, known: StoredEvent) -> EventAnswer:
    """The id is known: the same bytes are a duplicate, others are not this event."""
    if known.content_sha256 != content_sha256:
        return _answer_fork(transaction, event, known, CODE_ID_REUSED)
    return EventAnswer(
        event_id=event.body.id,
        content_sha256=known.content_sha256,
        verdict=EventVerdict.DUPLICATE,
        code=known.code,
    )


def _answer_fork(transaction: Transaction, event: SignedEvent, held: StoredEvent, code: str) -> EventAnswer:
    """Two histories of one kiosk: the second is kept in a case, and never counts."""
    _open_case(transaction, event.body, code, event.model_dump(mode="json"))
    return EventAnswer(
        event_id=event.body.id, content_sha256=held.content_sha256, verdict=EventVerdict.CONFLICT, code=code
    )


def _answer_broken_chain(transaction: Transaction, event: SignedEvent) -> EventAnswer:
    _open_case(transaction, event.body, CODE_CHAIN, event.model_dump(mode="json"))
    return _refusal(event.body, CODE_CHAIN)


def _open_case(transaction: Transaction, body: EventBody, code: str, record: JsonValue) -> None:
    subject = f"event:{body.id}"
    open_case(
        transaction.connection,
        subject=subject,
        reason=code,
        kiosk_id=body.kiosk_id,
        record=record,
        now=transaction.now,
    )
    line = AuditLine(
        stream=AuditStream.KIOSKS,
        at=transaction.now,
        actor=body.kiosk_id,
        action="event.case_opened",
        subject=subject,
        details={"code": code, "kind": body.kind, "sequence": body.sequence},
    )
    transaction.note(line)


def _refusal(body: EventBody, code: str) -> EventAnswer:
    """The registry does not hold this event; the kiosk must keep it."""
    return EventAnswer(event_id=body.id, content_sha256=NOT_HELD, verdict=EventVerdict.REJECTED, code=code)


def _is_signed(event: SignedEvent, content: bytes, kiosk: KnownKiosk) -> bool:
    try:
        signature = bytes.fromhex(event.signature_hex)
        Ed25519PublicKey.from_public_bytes(kiosk.signing_key).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
