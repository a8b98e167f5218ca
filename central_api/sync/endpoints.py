"""Push and pull."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from central_api.access.json_body import describes_body, json_body
from central_api.access.signed_request import Caller
from central_api.context import RegistryPart
from central_api.journal.feed import read_changes
from central_api.sync.service import push
from domain.messages.routes import SYNC_PULL, SYNC_PUSH
from domain.messages.sync import PullAnswer, PushRequest, SignedPushReceipt

router = APIRouter(tags=["sync"])

MAX_CHANGES = 200


@router.post(SYNC_PUSH, openapi_extra=describes_body(PushRequest))
def push_events(
    request: Annotated[PushRequest, Depends(json_body(PushRequest))], kiosk: Caller, registry: RegistryPart
) -> SignedPushReceipt:
    """Takes events in the order of their sequence. The receipt is signed after every one of them is committed."""
    return push(request, kiosk, registry)


@router.get(SYNC_PULL)
def pull_changes(kiosk: Caller, registry: RegistryPart, after: Annotated[int, Query(ge=0, lt=2**63)] = 0) -> PullAnswer:
    """Changes behind the cursor that concern the kiosk's office, oldest first; ask again after the last one."""
    with registry.database.read() as connection:
        changes = read_changes(connection, after=after, area=kiosk.area, limit=MAX_CHANGES)
    return PullAnswer(changes=tuple(changes), cursor=changes[-1].cursor if changes else after)
