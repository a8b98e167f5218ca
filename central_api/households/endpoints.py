"""A household's file, read for a stated purpose."""

from __future__ import annotations

from fastapi import APIRouter

from central_api.access.signed_request import Caller
from central_api.context import RegistryPart
from central_api.households.service import PurposeOfReading, read_household
from domain.ids import HouseholdId
from domain.messages.routes import HOUSEHOLD
from domain.people import Household

router = APIRouter(tags=["households"])


@router.get(HOUSEHOLD)
def household(household_id: str, purpose: PurposeOfReading, kiosk: Caller, registry: RegistryPart) -> Household:
    """The household with its members. Every reading is in the access log, with its purpose."""
    with registry.begin() as transaction:
        return read_household(transaction, HouseholdId(household_id), purpose, kiosk.id)
