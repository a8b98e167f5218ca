"""The fingers of a desk's area, page by page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from central_api.access.json_body import describes_body, json_body
from central_api.access.signed_request import Caller
from central_api.area_gallery.service import give_page
from central_api.context import RegistryPart
from domain.messages.area_gallery import AREA_GALLERY, AreaGalleryPage, AreaGalleryRequest

router = APIRouter(tags=["area gallery"])


@router.post(AREA_GALLERY, openapi_extra=describes_body(AreaGalleryRequest))
def area_gallery(
    request: Annotated[AreaGalleryRequest, Depends(json_body(AreaGalleryRequest))],
    kiosk: Caller,
    registry: RegistryPart,
) -> AreaGalleryPage:
    """Who came, changed or went in the desk's own area since its last page, sealed to the desk. Ask again until last.

    Every person given has a line in the access log, with the desk and the purpose.
    """
    with registry.begin() as transaction:
        return give_page(transaction, request, kiosk, registry)
