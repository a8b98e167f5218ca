"""Pages on cards in the drawers, and on the organisations that hand them out."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from central_api.cards.stock import StockDay, read_stock
from central_api.console.repository import list_kiosks
from central_api.organisations.repository import list_organisations
from central_api.organisations.service import Performance, read_performance
from domain.ids import KioskId


@dataclass(frozen=True, slots=True)
class DeskStock:
    """One desk with its days, the newest first, and the sums over all of them."""

    kiosk_id: KioskId
    name: str
    days: tuple[StockDay, ...]

    @property
    def received(self) -> int:
        return sum(day.received for day in self.days)

    @property
    def issued(self) -> int:
        return sum(day.issued for day in self.days)

    @property
    def spoiled(self) -> int:
        return sum(day.spoiled for day in self.days)

    @property
    def blank(self) -> int:
        """What the drawer should hold now."""
        return self.days[0].blank if self.days else 0

    @property
    def missing(self) -> int | None:
        """By the last count; None: nobody ever counted."""
        return next((day.missing for day in self.days if day.missing is not None), None)

    @property
    def is_sum_right(self) -> bool:
        """Blank + issued + spoiled = received."""
        return self.blank + self.issued + self.spoiled == self.received


def read_desk_stock(connection: Connection) -> list[DeskStock]:
    """Every desk that ever had a blank card."""
    names = {kiosk.id: kiosk.name for kiosk in list_kiosks(connection)}
    by_desk: dict[KioskId, list[StockDay]] = {}
    for day in read_stock(connection):
        by_desk.setdefault(day.kiosk_id, []).append(day)
    return [DeskStock(each, names.get(each, ""), tuple(reversed(days))) for each, days in sorted(by_desk.items())]


def read_performances(connection: Connection) -> list[Performance]:
    """Every organisation, also those no longer hired."""
    return [read_performance(connection, each.id) for each in list_organisations(connection)]
