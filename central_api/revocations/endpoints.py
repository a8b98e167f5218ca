"""Fetching the list of refused cards."""

from __future__ import annotations

from fastapi import APIRouter

from card_service.revocation import HASH_BYTES
from card_service.signing import KeyStoreUnavailable
from central_api.access.signed_request import Caller
from central_api.cards.errors import IssuingUnavailable
from central_api.context import RegistryPart
from central_api.errors import MalformedRequest
from central_api.revocations.service import ListHeld, make_update
from domain.messages.revocations import REVOCATIONS, RevocationUpdate

router = APIRouter(tags=["cards"])


@router.get(REVOCATIONS)
def revocations(
    kiosk: Caller, registry: RegistryPart, after: int | None = None, fingerprint: str | None = None
) -> RevocationUpdate:
    """What leads from the list held (its number and fingerprint) to the newest; the whole list when none is named."""
    held = _held(after, fingerprint)
    try:
        with registry.begin() as transaction:
            return make_update(transaction, held, kiosk.id, registry)
    except KeyStoreUnavailable as error:
        raise IssuingUnavailable("the signing keys cannot be reached") from error


def _held(after: int | None, fingerprint: str | None) -> ListHeld | None:
    if after is None and fingerprint is None:
        return None
    try:
        known = bytes.fromhex(fingerprint or "")
    except ValueError as error:
        raise MalformedRequest("a fingerprint is hexadecimal", problems=1) from error
    if after is None or after < 0 or len(known) != HASH_BYTES:
        raise MalformedRequest("number and fingerprint go together", problems=1)
    return ListHeld(after, known)
