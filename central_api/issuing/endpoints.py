"""Sessions with chips of the stock, and quotas of officers' cards."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from card_service.signing import KeyStoreUnavailable
from central_api.access.json_body import describes_body, json_body
from central_api.access.signed_request import Caller
from central_api.cards.errors import IssuingUnavailable
from central_api.cards.notes import note_card
from central_api.context import RegistryPart
from central_api.issuing.channel import ChannelRefused, OrderNotOpen, TooManySessions, open_channel
from central_api.issuing.quota import QuotaRefused, grant_quota
from domain.ids import OrderId
from domain.messages.card_channels import CARD_CHANNEL, CardChannelAnswer, CardChannelRequest
from domain.messages.officer_quota import QUOTA_GRANTS, QuotaAnswer, QuotaRequest

router = APIRouter(tags=["cards"])


@router.post(CARD_CHANNEL, openapi_extra=describes_body(CardChannelRequest))
def channel(
    order_id: str,
    request: Annotated[CardChannelRequest, Depends(json_body(CardChannelRequest))],
    kiosk: Caller,
    registry: RegistryPart,
) -> CardChannelAnswer:
    """The keys of one session with the chip in the reader, sealed to the key in the request."""
    try:
        with registry.begin() as transaction:
            return open_channel(transaction, OrderId(order_id), request, kiosk, registry)
    except (ChannelRefused, OrderNotOpen, TooManySessions) as refused:
        # In a transaction of its own: the refused one is rolled back, the line must stay.
        with registry.begin() as transaction:
            note_card(transaction, None, kiosk.id, "card.channel_refused", order=order_id[:40], fault=refused.code)
        raise
    except KeyStoreUnavailable as error:
        raise IssuingUnavailable("the signing keys cannot be reached") from error


@router.post(QUOTA_GRANTS, openapi_extra=describes_body(QuotaRequest))
def quota(
    request: Annotated[QuotaRequest, Depends(json_body(QuotaRequest))],
    kiosk: Caller,
    registry: RegistryPart,
) -> QuotaAnswer:
    """New signatures for an officer's card, as many as its old ones are found in issued cards."""
    try:
        with registry.begin() as transaction:
            return grant_quota(transaction, request, kiosk, registry)
    except QuotaRefused as refused:
        with registry.begin() as transaction:
            unexplained = refused.params["unexplained"]
            number = request.officer_card_number
            note_card(transaction, number, kiosk.id, "card.quota_refused", unexplained=unexplained)
        raise
    except KeyStoreUnavailable as error:
        raise IssuingUnavailable("the signing keys cannot be reached") from error
