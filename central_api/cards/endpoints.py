"""Orders, activation and state of cards."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from card_service.issuer import SigningFault, SigningRefused
from card_service.signing import KeyStoreUnavailable
from central_api.access.json_body import describes_body, json_body
from central_api.access.signed_request import Caller
from central_api.cards import activation, in_force_endpoints, service, signing_desk
from central_api.cards.errors import IssuingUnavailable, OrderDiffers, TooManyCards
from central_api.cards.notes import note_card
from central_api.cards.signing_desk import ALARM_ACTION
from central_api.cards.token_only import scrub_files
from central_api.context import RegistryPart
from central_api.errors import NotFound
from domain.card_number import CardNumberWrong, parse_card_number
from domain.messages.cards import (
    ActivationGrant,
    ActivationProof,
    ActivationRequest,
    CardOrderRequest,
    CardPackage,
    CardState,
)
from domain.messages.routes import CARD, CARD_ACTIVATION_PROOFS, CARD_ACTIVATIONS, CARD_ORDERS

router = APIRouter(tags=["cards"])
# Before the paths below: "statements" is no card number.
router.include_router(in_force_endpoints.router)
router.include_router(signing_desk.router)


@router.post(CARD_ORDERS, openapi_extra=describes_body(CardOrderRequest))
def order(
    request: Annotated[CardOrderRequest, Depends(json_body(CardOrderRequest))],
    kiosk: Caller,
    registry: RegistryPart,
) -> CardPackage:
    """All that is written to the chip in the kiosk's reader. The same order again gets the same package."""
    try:
        with registry.begin() as transaction:
            return service.order_card(transaction, request, kiosk, registry)
    except SigningRefused as refused:
        # In a transaction of its own: the one that was refused is rolled back, the alarm must stay.
        with registry.begin() as transaction:
            note_card(transaction, None, kiosk.id, ALARM_ACTION, fault=refused.fault)
        if refused.fault is SigningFault.NOT_APPROVED:
            raise NotFound("enrolment") from refused
        if refused.fault in (SigningFault.RATE_EXCEEDED, SigningFault.DESK_RATE_EXCEEDED):
            raise TooManyCards("the hourly rate of cards is used up") from refused
        raise OrderDiffers("this order was signed before") from refused
    except KeyStoreUnavailable as error:
        raise IssuingUnavailable("the signing keys cannot be reached") from error


@router.post(CARD_ACTIVATIONS, openapi_extra=describes_body(ActivationRequest))
def activate(
    request: Annotated[ActivationRequest, Depends(json_body(ActivationRequest))],
    kiosk: Caller,
    registry: RegistryPart,
) -> ActivationGrant:
    """The first statement, for a card that was read back, matched with its holder and countersigned."""
    try:
        with registry.begin() as transaction:
            return activation.grant_activation(transaction, request, kiosk, registry)
    except KeyStoreUnavailable as error:
        raise IssuingUnavailable("the signing keys cannot be reached") from error


@router.post(CARD_ACTIVATION_PROOFS, openapi_extra=describes_body(ActivationProof))
def prove(
    proof: Annotated[ActivationProof, Depends(json_body(ActivationProof))],
    kiosk: Caller,
    registry: RegistryPart,
) -> CardState:
    """ACTIVE, on the card's own receipt for its activation."""
    with registry.begin() as transaction:
        state = activation.prove_activation(transaction, proof, kiosk, registry)
    scrub_files(registry)
    return state


@router.get(CARD)
def state(card_number: str, _kiosk: Caller, registry: RegistryPart) -> CardState:
    """Where the card is in its life."""
    try:
        number = parse_card_number(card_number)
    except CardNumberWrong as error:
        raise NotFound("card") from error
    with registry.database.read() as connection:
        return service.read_card_state(connection, number)
