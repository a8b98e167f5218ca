"""Which organisation runs a desk, and whether one more card may be signed for it: what issuing must know of hiring."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection, Row, func, select

from central_api.errors import RequestRefused
from central_api.tables.cards import cards
from central_api.tables.kiosks import kiosks, organisations
from domain.cards import CardStatus
from domain.ids import KioskId


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str
    name: str
    #: How many cards may be signed for its desks in all.
    card_quota: int
    is_active: bool


class CardQuotaUsed(RequestRefused):
    """The organisation that runs this desk has had all the cards that were agreed; ``quota`` says how many."""

    code = "organisation.quota_used"
    message_key = "error.organisation_quota_used"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, quota: int, used: int) -> None:
        super().__init__(f"{used} of {quota} cards are signed", quota=quota, used=used)


class OrganisationDismissed(RequestRefused):
    """The organisation that runs this desk issues no more cards."""

    code = "organisation.dismissed"
    message_key = "error.organisation_dismissed"
    status = HTTPStatus.FORBIDDEN


def check_card_quota(connection: Connection, kiosk_id: KioskId) -> None:
    """Whether one more card may be signed for that desk. Raises CardQuotaUsed or OrganisationDismissed.

    Inside the turn of the cards: two desks of one organisation do not both take the last one.
    """
    organisation = find_organisation_of(connection, kiosk_id)
    if organisation is None:
        return
    if not organisation.is_active:
        raise OrganisationDismissed("issues no more cards")
    used = count_signed(connection, list_desks(connection, organisation.id))
    if used >= organisation.card_quota:
        raise CardQuotaUsed(organisation.card_quota, used)


def find_organisation_of(connection: Connection, kiosk_id: KioskId) -> Organisation | None:
    """Who runs that desk; None: the office itself."""
    query = select(organisations).join(kiosks, kiosks.c.organisation_id == organisations.c.id)
    row = connection.execute(query.where(kiosks.c.id == kiosk_id)).first()
    return None if row is None else organisation_of(row)


def list_desks(connection: Connection, organisation_id: str) -> list[KioskId]:
    query = select(kiosks.c.id).where(kiosks.c.organisation_id == organisation_id).order_by(kiosks.c.id)
    return [KioskId(each) for each in connection.execute(query).scalars()]


def count_signed(connection: Connection, desks: list[KioskId]) -> int:
    """Cards signed for those desks and not burned since: what counts against the quota."""
    query = select(func.count()).select_from(cards)
    query = query.where(cards.c.kiosk_id.in_(desks), cards.c.status != CardStatus.SCRAPPED)
    return connection.execute(query).scalar_one()


def organisation_of(row: Row[tuple[object, ...]]) -> Organisation:
    return Organisation(row.id, row.name, row.card_quota, row.is_active)
