"""Queries on cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from central_api.tables.cards import cards
from central_api.tables.people import areas
from central_api.vault import Sealed
from domain.card_number import CardNumber
from domain.cards import BlockReason, CardProfile, CardStatus
from domain.ids import AreaCode, HouseholdId, KioskId, OperatorId, OrderId, PersonId

#: A card in one of these states holds its place in the holder's life; the others are out of it.
UNFINISHED = (CardStatus.RESERVED, CardStatus.PERSONALISING, CardStatus.READ_BACK)
IN_FORCE = (CardStatus.ACTIVE, CardStatus.BLOCKED)


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as the registry keeps it."""

    number: CardNumber
    order_id: OrderId
    profile: CardProfile
    household_id: HouseholdId | None
    operator_id: OperatorId | None
    status: CardStatus
    kiosk_id: KioskId
    chip_serial_hex: str
    chip_authentication_key: bytes
    receipt_key: bytes
    package: Sealed | None
    files_digest_hex: str
    statement_version: int
    valid_until: date
    issued_on: date | None
    details: dict[str, JsonValue]
    ordered_at: datetime
    #: The member whose own card it is (profile worker).
    person_id: PersonId | None = None
    replaces: CardNumber | None = None
    #: Which of the household's places the card stands in (domain/card_limits.py).
    place: int = 1
    block_reason: BlockReason | None = None


def find_card(connection: Connection, number: CardNumber) -> CardRow | None:
    row = connection.execute(select(cards).where(cards.c.number == number)).first()
    return None if row is None else _card(row)


def find_card_of_order(connection: Connection, order_id: OrderId) -> CardRow | None:
    row = connection.execute(select(cards).where(cards.c.order_id == order_id)).first()
    return None if row is None else _card(row)


def list_cards_of(
    connection: Connection, household_id: HouseholdId | None, operator_id: OperatorId | None
) -> list[CardRow]:
    """All cards ever ordered for that household, or operator, oldest first."""
    query = select(cards).where(_is_for(household_id, operator_id)).order_by(cards.c.ordered_at, cards.c.number)
    return [_card(row) for row in connection.execute(query)]


def has_any_active_officer(connection: Connection) -> bool:
    """Whether any operator's card was ever activated."""
    query = select(cards.c.number).where(cards.c.profile == CardProfile.OPERATOR, cards.c.issued_on.is_not(None))
    return connection.execute(query).first() is not None


def count_ordered_since(connection: Connection, moment: datetime) -> int:
    query = select(func.count()).select_from(cards).where(cards.c.ordered_at > moment)
    count: int = connection.execute(query).scalar_one()
    return count


def add_card(connection: Connection, card: CardRow) -> None:
    assert card.package is not None
    connection.execute(
        insert(cards).values(
            number=card.number,
            order_id=card.order_id,
            profile=card.profile,
            household_id=card.household_id,
            operator_id=card.operator_id,
            status=card.status,
            kiosk_id=card.kiosk_id,
            chip_serial_hex=card.chip_serial_hex,
            chip_authentication_key=card.chip_authentication_key,
            receipt_key=card.receipt_key,
            sealed_package=card.package.data,
            key_id=card.package.key_id,
            files_digest_hex=card.files_digest_hex,
            statement_version=card.statement_version,
            valid_until=card.valid_until,
            issued_on=card.issued_on,
            details=card.details,
            ordered_at=card.ordered_at,
            changed_at=card.ordered_at,
            person_id=card.person_id,
            replaces=card.replaces,
            place=card.place,
            block_reason=card.block_reason,
        )
    )


def put_status(connection: Connection, number: CardNumber, status: CardStatus, now: datetime) -> None:
    values = {"status": status, "changed_at": now}
    connection.execute(update(cards).where(cards.c.number == number).values(values))


def put_block_reason(connection: Connection, number: CardNumber, reason: BlockReason | None) -> None:
    connection.execute(update(cards).where(cards.c.number == number).values(block_reason=reason))


def list_expired(connection: Connection, on: date) -> list[CardRow]:
    """Cards in force whose last day is over."""
    query = select(cards).where(cards.c.valid_until < on, cards.c.status.in_(IN_FORCE)).order_by(cards.c.number)
    return [_card(row) for row in connection.execute(query)]


def list_active_household_cards(connection: Connection, *, after: CardNumber, limit: int) -> list[CardRow]:
    """Active household cards with a higher number, in order."""
    is_active = (cards.c.status == CardStatus.ACTIVE) & (cards.c.profile == CardProfile.HOUSEHOLD)
    query = select(cards).where(is_active, cards.c.number > after).order_by(cards.c.number).limit(limit)
    return [_card(row) for row in connection.execute(query)]


def put_statement(connection: Connection, number: CardNumber, version: int, details: dict[str, JsonValue]) -> None:
    values = {"statement_version": version, "details": details}
    connection.execute(update(cards).where(cards.c.number == number).values(values))


def put_issued(connection: Connection, number: CardNumber, on: date) -> None:
    """The card is in its holder's hand: the package, which holds portraits and templates, is erased."""
    values = {"issued_on": on, "sealed_package": None, "key_id": None}
    connection.execute(update(cards).where(cards.c.number == number).values(values))


def erase_package(connection: Connection, number: CardNumber) -> None:
    connection.execute(update(cards).where(cards.c.number == number).values(sealed_package=None, key_id=None))


def get_area_names(connection: Connection, code: AreaCode) -> dict[str, str]:
    """Names of the area by language."""
    names: dict[str, str] = connection.execute(select(areas.c.names).where(areas.c.code == code)).scalar_one()
    return names


def _is_for(household_id: HouseholdId | None, operator_id: OperatorId | None) -> ColumnElement[bool]:
    if operator_id is not None:
        return cards.c.operator_id == operator_id
    return cards.c.household_id == household_id


def _card(row: Row[tuple[object, ...]]) -> CardRow:
    package = None if row.sealed_package is None else Sealed(row.key_id, row.sealed_package)
    return CardRow(
        number=row.number,
        order_id=row.order_id,
        profile=CardProfile(row.profile),
        household_id=row.household_id,
        operator_id=row.operator_id,
        status=CardStatus(row.status),
        kiosk_id=row.kiosk_id,
        chip_serial_hex=row.chip_serial_hex,
        chip_authentication_key=row.chip_authentication_key,
        receipt_key=row.receipt_key,
        package=package,
        files_digest_hex=row.files_digest_hex,
        statement_version=row.statement_version,
        valid_until=row.valid_until,
        issued_on=row.issued_on,
        details=row.details,
        ordered_at=row.ordered_at,
        person_id=row.person_id,
        replaces=row.replaces,
        place=row.place,
        block_reason=None if row.block_reason is None else BlockReason(row.block_reason),
    )
