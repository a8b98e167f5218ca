"""Cards in force: finding their holders, sharing a balance, renewing statements, parting a household."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from card_service.signing import KeyStoreUnavailable
from central_api.access.json_body import describes_body, json_body
from central_api.access.signed_request import Caller
from central_api.cards import clock, household_split, renewal, sharing
from central_api.cards.errors import IssuingUnavailable
from central_api.cards.holder_search import search_holder
from central_api.context import RegistryPart
from central_api.errors import NotFound
from domain.card_number import CardNumberWrong, parse_card_number
from domain.messages.card_services import (
    HolderSearch,
    HolderSearchAnswer,
    HouseholdSplit,
    OfficeStatements,
    ShareRequest,
    StatementOffer,
)
from domain.messages.routes import CARD_SHARES, CARD_STATEMENT, HOLDER_SEARCH, HOUSEHOLD_SPLITS, OFFICE_STATEMENTS

router = APIRouter()


@router.post(HOLDER_SEARCH, openapi_extra=describes_body(HolderSearch))
def holder_search(
    search: Annotated[HolderSearch, Depends(json_body(HolderSearch))], kiosk: Caller, registry: RegistryPart
) -> HolderSearchAnswer:
    """Whose finger, card or name this is. Everybody shown is in the access log."""
    with registry.begin() as transaction:
        return search_holder(transaction, search, kiosk, registry)


@router.post(CARD_SHARES, openapi_extra=describes_body(ShareRequest))
def shares(
    request: Annotated[ShareRequest, Depends(json_body(ShareRequest))], kiosk: Caller, registry: RegistryPart
) -> StatementOffer:
    """The statement that the first card must hold before a second one is ordered beside it."""
    try:
        with registry.begin() as transaction:
            return sharing.agree_shares(transaction, request, kiosk, registry)
    except KeyStoreUnavailable as error:
        raise IssuingUnavailable("the signing keys cannot be reached") from error


@router.post(HOUSEHOLD_SPLITS, openapi_extra=describes_body(HouseholdSplit))
def split(
    request: Annotated[HouseholdSplit, Depends(json_body(HouseholdSplit))], kiosk: Caller, registry: RegistryPart
) -> HouseholdSplit:
    """The new household exists and the old cards are refused. The same again changes nothing."""
    with registry.begin() as transaction:
        household_split.split_household(transaction, request, kiosk)
    return request


@router.get(OFFICE_STATEMENTS)
def office_statements(
    kiosk: Caller, registry: RegistryPart, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> OfficeStatements:
    """Renewed statements for cards of the kiosk's office. The first desk to ask on a day makes the clock run."""
    clock.run_if_due(registry)
    with registry.begin() as transaction:
        return renewal.list_office_statements(transaction, kiosk, after=after)


@router.get(CARD_STATEMENT)
def statement(
    card_number: str, kiosk: Caller, registry: RegistryPart, held: Annotated[int, Query(ge=0, lt=2**32)] = 0
) -> StatementOffer:
    """The newest statement of an active card, when the card does not hold it yet."""
    try:
        number = parse_card_number(card_number)
    except CardNumberWrong as error:
        raise NotFound("card") from error
    try:
        with registry.begin() as transaction:
            return renewal.offer_statement(transaction, number, held, kiosk, registry)
    except KeyStoreUnavailable as error:
        raise IssuingUnavailable("the signing keys cannot be reached") from error
