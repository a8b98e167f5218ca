"""Who may look without being a kiosk: programs on the registry's own machine."""

from __future__ import annotations

import ipaddress
from http import HTTPStatus

from fastapi import Request

from central_api.errors import RequestRefused


class OnlyNearBy(RequestRefused):
    """Staff log-in for the console is not available yet: until then it answers on the registry's own machine only."""

    code = "err.request.only_near_by"
    status = HTTPStatus.FORBIDDEN


def require_near_by(request: Request) -> None:
    """Raises OnlyNearBy unless the request comes over the loopback interface."""
    host = request.client.host if request.client else ""
    try:
        is_near = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_near = False
    if not is_near:
        raise OnlyNearBy("not over loopback")
