"""Fingers that are not taken, and the photographs of hands, read for a stated purpose."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from central_api.access.signed_request import Caller
from central_api.context import RegistryPart
from central_api.fingers.exceptions import read_exceptions, read_hands
from central_api.households.service import PurposeOfReading
from domain.ids import PersonId
from domain.messages.fingers import FingersExcepted, HandsPhotographed
from domain.messages.routes import FINGER_EXCEPTIONS, HAND_PHOTO

router = APIRouter(tags=["fingers"])

#: Whoever looks at hands says so: no other purpose needs them.
ToCheck = Annotated[Literal[PurposeOfReading.CHECK_EXCEPTION], Query()]


@router.get(FINGER_EXCEPTIONS)
def finger_exceptions(
    person_id: str, purpose: PurposeOfReading, kiosk: Caller, registry: RegistryPart
) -> FingersExcepted:
    """Which fingers are not there, until when, and who signed for it. Every reading is in the access log."""
    with registry.begin() as transaction:
        return read_exceptions(transaction, PersonId(person_id), purpose, kiosk.id)


@router.get(HAND_PHOTO)
def hand_photo(
    person_id: str, capture_id: str, purpose: ToCheck, kiosk: Caller, registry: RegistryPart
) -> HandsPhotographed:
    """The hands as they were at that capture. Every reading is in the access log."""
    with registry.begin() as transaction:
        return read_hands(transaction, PersonId(person_id), capture_id, registry.vault, purpose, kiosk.id)
