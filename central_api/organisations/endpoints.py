"""What a desk may ask about the organisation that runs it; of others it learns nothing."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter

from central_api.access.signed_request import Caller
from central_api.cards.stock import StockDay
from central_api.context import RegistryPart
from central_api.organisations import repository
from central_api.organisations.service import Performance, read_performance
from domain.ids import KioskId
from domain.record import Record

#: GET -> Performance.
PERFORMANCE = "/v1/organisations/{organisation_id}/performance"
#: GET -> OrganisationStock.
STOCK = "/v1/organisations/{organisation_id}/stock"

router = APIRouter(tags=["organisations"])


class DeskDay(Record):
    """Blank, issued and spoiled cards of one desk and day."""

    kiosk_id: KioskId
    day: date
    received: int
    issued: int
    spoiled: int
    blank: int
    missing: int | None


class OrganisationStock(Record):
    days: tuple[DeskDay, ...]


@router.get(PERFORMANCE)
def performance(organisation_id: str, kiosk: Caller, registry: RegistryPart) -> Performance:
    """Registered, issued, spoiled, failed captures and days, of the caller's own organisation."""
    with registry.database.read() as connection:
        return read_performance(connection, organisation_id, asking=kiosk.id)


@router.get(STOCK)
def stock(organisation_id: str, kiosk: Caller, registry: RegistryPart) -> OrganisationStock:
    """Every day of every desk of the caller's own organisation."""
    with registry.database.read() as connection:
        told = read_performance(connection, organisation_id, asking=kiosk.id)
        days = repository.read_stock_of(connection, list(told.desks))
    return OrganisationStock(days=tuple(_day(day) for day in days))


def _day(day: StockDay) -> DeskDay:
    return DeskDay(
        kiosk_id=day.kiosk_id,
        day=day.day,
        received=day.received,
        issued=day.issued,
        spoiled=day.spoiled,
        blank=day.blank,
        missing=day.missing,
    )
