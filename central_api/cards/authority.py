"""The issuing keys of this registry."""

from __future__ import annotations

from card_service.authority import Authority
from central_api.context import Registry
from domain.errors import NotAvailableYet


def get_authority(registry: Registry) -> Authority:
    """The issuing keys; NotAvailableYet in a registry that runs without them."""
    if not isinstance(registry.trust, Authority):
        raise NotAvailableYet("this registry has no issuing keys")
    return registry.trust
