"""The catalogue, open to everybody: what is given, to whom, and which papers are asked for."""

from __future__ import annotations

from fastapi import APIRouter

from central_api.context import RegistryPart
from central_api.programmes.repository import list_programmes
from domain.messages.routes import PROGRAMMES
from domain.programmes import Programme

router = APIRouter(tags=["programmes"])


@router.get(PROGRAMMES)
def programmes(registry: RegistryPart) -> list[Programme]:
    """Every programme with its rule and the examples that the rule was tried with."""
    with registry.database.read() as connection:
        return list_programmes(connection)
