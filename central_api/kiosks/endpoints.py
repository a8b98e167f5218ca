"""Registration of kiosks and their bundle."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from central_api.access.json_body import describes_body, json_body
from central_api.access.signed_request import Caller
from central_api.context import RegistryPart
from central_api.kiosks import service
from central_api.kiosks.bundle import make_bundle
from domain.messages.kiosks import KioskRegistration, KioskRegistrationAnswer, SignedBundle
from domain.messages.routes import BUNDLE, KIOSK_REGISTRATION

router = APIRouter(tags=["kiosks"])


@router.post(KIOSK_REGISTRATION, openapi_extra=describes_body(KioskRegistration))
def register(
    registration: Annotated[KioskRegistration, Depends(json_body(KioskRegistration))], registry: RegistryPart
) -> KioskRegistrationAnswer:
    """A kiosk joins with its one-time code. The same request again gets the same answer."""
    with registry.begin() as transaction:
        return service.register_kiosk(transaction, registration, registry)


@router.get(BUNDLE)
def bundle(kiosk: Caller, registry: RegistryPart) -> SignedBundle:
    """All that reading and serving need without a network, signed by the registry."""
    with registry.begin() as transaction:
        return make_bundle(transaction, kiosk, registry)
