"""New quotas for officers' cards: the signatures already made must be found in issued cards."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy import Connection, insert, select

from card_service.quota import sign_quota_grant
from central_api.access.repository import KnownKiosk
from central_api.cards import repository
from central_api.cards.authority import get_authority
from central_api.cards.notes import note_card
from central_api.context import Registry
from central_api.countersignatures import count_evidence
from central_api.database import take_turns
from central_api.errors import NotFound, RequestRefused
from central_api.journal.transaction import Transaction
from central_api.operators.repository import find_operator
from central_api.tables.issuing import quota_grants
from domain.card_number import CardNumber
from domain.cards import CardProfile, CardStatus
from domain.messages.officer_quota import QuotaAnswer, QuotaRequest
from domain.officer_quota import quota_to_grant


class QuotaRefused(RequestRefused):
    """The signatures made are not found in issued cards, or there is nothing to give; ``unexplained`` counts them."""

    code = "card.quota_refused"
    message_key = "error.card_quota_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, unexplained: int) -> None:
        super().__init__(f"no new quota, {unexplained} signatures unexplained", unexplained=unexplained)


def grant_quota(transaction: Transaction, request: QuotaRequest, kiosk: KnownKiosk, registry: Registry) -> QuotaAnswer:
    """The next grant for an active officer's card; one that the card never took is given again.

    Raises NotFound, QuotaRefused, NotAvailableYet or KeyStoreUnavailable.
    """
    connection, number = transaction.connection, request.officer_card_number
    take_turns(connection, "quotas")
    card_key = _officer_key(connection, number)
    last = connection.execute(
        select(quota_grants)
        .where(quota_grants.c.officer_card_number == number)
        .order_by(quota_grants.c.number.desc())
        .limit(1)
    ).first()
    if last is not None and request.last_grant_number < last.number:
        return QuotaAnswer(officer_card_number=number, number=last.number, quota=last.quota, grant=last.grant)
    evidenced = count_evidence(connection, number)
    # A desk that tells less than before does not make signatures undone.
    made = max(request.signatures_made, 0 if last is None else last.signatures_made)
    quota = quota_to_grant(signatures_made=made, evidenced=evidenced, remaining=request.remaining)
    if quota is None:
        raise QuotaRefused(max(0, made - evidenced))
    following = max(request.last_grant_number, 0 if last is None else last.number) + 1
    signer = get_authority(registry).quota_authority
    grant = sign_quota_grant(card_key, number=following, quota=quota, signer=signer)
    values = {"quota": quota, "signatures_made": made, "evidenced": evidenced, "grant": grant}
    connection.execute(
        insert(quota_grants).values(officer_card_number=number, number=following, granted_at=transaction.now, **values)
    )
    note_card(transaction, number, kiosk.id, "card.quota_granted", grant=following, quota=quota, evidenced=evidenced)
    return QuotaAnswer(officer_card_number=number, number=following, quota=quota, grant=grant)


def _officer_key(connection: Connection, number: CardNumber) -> bytes:
    """The receipt key of an active officer's card whose holder is still in office."""
    card = repository.find_card(connection, number)
    if card is None or card.profile is not CardProfile.OPERATOR or card.status is not CardStatus.ACTIVE:
        raise NotFound("officer card")
    operator = None if card.operator_id is None else find_operator(connection, card.operator_id)
    if operator is None or not operator.is_active:
        raise NotFound("officer card")
    return card.receipt_key
