"""Which finger to ask for, learnt from every desk: by the rule of the desks themselves (domain.finger_rank).

The order is a function of what enrolment saw and of the set of outcomes, so that events that come twice, late or in
another order lead to the same order. It moves no threshold and adds no try: whom a visit lets in does not depend on
which finger was asked for (domain.visit_limits).
"""

from __future__ import annotations

from central_api.database import take_turns
from central_api.errors import NotFound
from central_api.fingers import tries_repository as repository
from central_api.fingers.telling import tell_desks
from central_api.journal.audit_chain import AuditLine, AuditStream
from central_api.journal.transaction import Transaction
from domain.finger_rank import rerank
from domain.ids import EventId, KioskId, PersonId
from domain.messages.fingers import FingersTried

#: Older outcomes weigh little anyhow; so many a person are looked at, as at a desk.
OUTCOMES_LOOKED_AT = 24


def learn(transaction: Transaction, tried: FingersTried, event_id: EventId, kiosk_id: KioskId) -> None:
    """Keeps the outcomes and, where they change the order, tells desks. The same event again changes nothing.

    Raises NotFound when the card was never this person's: a desk cannot speak of people it did not see.
    """
    connection = transaction.connection
    if not repository.is_on_card(connection, tried.card_number, tried.person_id):
        raise NotFound("person_on_card")
    # Two desks that tell of one person at once must see each other's outcomes.
    take_turns(connection, f"fingers:{tried.person_id}")
    if repository.has_tries_of(connection, event_id):
        return
    repository.add_tries(connection, event_id, kiosk_id, tried.person_id, tried.tries, transaction.now)
    if rank_again(transaction, tried.person_id):
        _note(transaction, tried.person_id, kiosk_id)
        tell_desks(transaction, tried.person_id)


def rank_again(transaction: Transaction, person_id: PersonId) -> bool:
    """Whether the order is another one now; it is kept with the templates, where the next card takes it from."""
    connection = transaction.connection
    enrolled = repository.list_enrolled(connection, person_id)
    outcomes = repository.list_outcomes(connection, person_id, OUTCOMES_LOOKED_AT)
    newest = max((each.at for each in outcomes), default=None)
    fingers = [each.finger for each in enrolled]
    order = rerank([each.position for each in fingers], fingers, outcomes, at=newest)
    ranks = {position: rank for rank, position in enumerate(order, start=1)}
    if all(ranks[each.finger.position] == each.rank for each in enrolled):
        return False
    repository.put_ranks(connection, person_id, ranks)
    return True


def _note(transaction: Transaction, person_id: PersonId, kiosk_id: KioskId) -> None:
    line = AuditLine(
        stream=AuditStream.ENROLMENTS,
        at=transaction.now,
        actor=kiosk_id,
        action="fingers.ranked",
        subject=f"person:{person_id}",
    )
    transaction.note(line)
