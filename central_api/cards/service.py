"""Ordering a card: one package for one order, built and signed once, the same however often it is asked for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from card_service.authority import Authority
from card_service.card_order import CAN_DIGITS, CardOrder, ChipKeys
from card_service.country_certificates import CARD_VALIDITY
from card_service.issuer import CardIssuer, IssuedCard, SigningAlarm, SigningPolicy
from card_service.personalisation_data import readback_digest
from central_api.access.repository import KnownKiosk
from central_api.cards import repository
from central_api.cards.admission import Admission, admit
from central_api.cards.authority import get_authority
from central_api.cards.errors import CardFinished, OrderDiffers
from central_api.cards.notes import note_card
from central_api.cards.people_on_card import PeopleReader, make_neutral_portrait
from central_api.cards.repository import CardRow
from central_api.cards.signing_desk import SigningDesk
from central_api.context import Registry
from central_api.database import take_turns
from central_api.errors import NotFound
from central_api.hiring import check_card_quota
from central_api.journal.transaction import Transaction
from domain.card_number import CardNumber, make_card_number
from domain.cards import CardEvent, CardProfile, CardStatus, next_card_status
from domain.ids import HouseholdId, OrderId
from domain.messages.cards import CardFile, CardOrderRequest, CardPackage, CardState, FacePrint
from domain.officer_quota import OFFICER_QUOTA

_NUMBER_RANDOM_BYTES = 5
#: The last day on the card is one before the signer's certificate could run out.
_CARD_DAYS = CARD_VALIDITY - timedelta(days=1)


def order_card(
    transaction: Transaction, request: CardOrderRequest, kiosk: KnownKiosk, registry: Registry
) -> CardPackage:
    """The package for the chip in the kiosk's reader; the same order gets the same package again.

    Raises OrderDiffers, CardFinished, NotFound, what ``admit`` raises, OrderUnfit, CardQuotaUsed,
    OrganisationDismissed, SigningRefused, KeyStoreUnavailable.
    """
    take_turns(transaction.connection, "cards")
    known = repository.find_card_of_order(transaction.connection, request.order_id)
    if known is not None:
        return _give_again(known, request, kiosk, registry)
    check_card_quota(transaction.connection, kiosk.id)
    admission = admit(transaction.connection, request)
    for card in admission.superseded:
        scrap_card(transaction, card, kiosk.id, "card.superseded")
    return _issue(transaction, request, kiosk, registry, admission)


def read_card_state(connection: Connection, number: CardNumber) -> CardState:
    """Where the card is in its life; raises NotFound."""
    card = repository.find_card(connection, number)
    if card is None:
        raise NotFound("card")
    return card_state(card)


def card_state(card: CardRow) -> CardState:
    return CardState(
        card_number=card.number,
        status=card.status,
        profile=card.profile,
        household_id=card.household_id,
        operator_id=card.operator_id,
        issued_on=card.issued_on,
        details={"valid_until": card.valid_until.isoformat(), "statement_version": card.statement_version},
    )


def scrap_card(transaction: Transaction, card: CardRow, actor: str, action: str) -> None:
    """The number is burned: no card will ever bear it. Raises CardLifeRefused for a finished card."""
    status = next_card_status(card.status, CardEvent.SPOILED)
    repository.put_status(transaction.connection, card.number, status, transaction.now)
    repository.erase_package(transaction.connection, card.number)
    note_card(transaction, card.number, actor, action)


@dataclass(frozen=True, slots=True)
class _SignedCards:
    """What was signed so far, read from the table of cards."""

    connection: Connection

    def has_signed(self, order_id: OrderId) -> bool:
        return repository.find_card_of_order(self.connection, order_id) is not None

    def count_signed_since(self, moment: datetime) -> int:
        return repository.count_ordered_since(self.connection, moment)


def _ignore_alarm(_alarm: SigningAlarm) -> None:
    """The refusal that follows carries the fault; endpoints.py notes it where a rollback cannot take it back."""


def _give_again(card: CardRow, request: CardOrderRequest, kiosk: KnownKiosk, registry: Registry) -> CardPackage:
    same = (
        card.kiosk_id == kiosk.id
        and card.profile is request.profile
        and card.household_id == request.household_id
        and card.operator_id == request.operator_id
        and card.person_id == request.person_id
        and card.replaces == request.replaces
        and card.chip_serial_hex == request.chip_serial_hex
        and card.chip_authentication_key == request.chip_authentication_key
        and card.receipt_key == request.receipt_key
    )
    if not same:
        raise OrderDiffers("another order under the same id")
    if card.package is None:
        raise CardFinished("the card is finished", status=card.status)
    plain = registry.vault.open(card.package, _package_place(card.number))
    return CardPackage.model_validate_json(plain)


def _issue(
    transaction: Transaction,
    request: CardOrderRequest,
    kiosk: KnownKiosk,
    registry: Registry,
    admission: Admission,
) -> CardPackage:
    issue_number = admission.issue_number
    order = _approve(transaction, request, kiosk, registry, issue_number)
    authority = get_authority(registry)
    desk = SigningDesk(transaction.connection, kiosk.id, request.household_id, request.operator_id)
    policy = SigningPolicy(_SignedCards(transaction.connection), _ignore_alarm, desk=desk)
    issued = CardIssuer(authority).build_card(order, policy)
    package = _package(transaction, issued, authority, kiosk)
    sealed = registry.vault.seal(package.model_dump_json().encode(), _package_place(order.card_number))
    status = next_card_status(CardStatus.RESERVED, CardEvent.PACKAGE_GIVEN)
    row = CardRow(
        number=order.card_number,
        order_id=request.order_id,
        profile=request.profile,
        household_id=request.household_id,
        operator_id=request.operator_id,
        status=status,
        kiosk_id=kiosk.id,
        chip_serial_hex=request.chip_serial_hex,
        chip_authentication_key=request.chip_authentication_key,
        receipt_key=request.receipt_key,
        package=sealed,
        files_digest_hex=readback_digest(issued.files).hex(),
        statement_version=0,
        valid_until=order.valid_until,
        issued_on=None,
        details={"issue_number": issue_number, "members": len(order.members)},
        ordered_at=transaction.now,
        person_id=request.person_id,
        replaces=request.replaces,
        place=admission.place,
    )
    repository.add_card(transaction.connection, row)
    note_card(transaction, order.card_number, kiosk.id, "card.package_given", issue_number=issue_number)
    return package


def _approve(
    transaction: Transaction, request: CardOrderRequest, kiosk: KnownKiosk, registry: Registry, issue_number: int
) -> CardOrder:
    """The order with everything that the registry decides: people, number, access number, validity."""
    reader = PeopleReader(transaction, registry.vault, kiosk.id)
    if request.household_id is not None:
        holder_id = request.household_id
        members = reader.household_members(request.household_id, only=request.person_id)
    else:
        assert request.operator_id is not None
        holder_id, members = HouseholdId(request.operator_id), reader.operator(request.operator_id)
    return CardOrder(
        order_id=request.order_id,
        card_number=_new_number(transaction.connection),
        can="".join(secrets.choice("0123456789") for _ in range(CAN_DIGITS)),
        profile=request.profile,
        household_id=holder_id,
        issue_number=issue_number,
        members=members,
        chip=ChipKeys(request.chip_authentication_key, request.receipt_key),
        ordered_at=transaction.now,
        valid_until=transaction.now.date() + _CARD_DAYS,
        no_portrait_jpeg=make_neutral_portrait(),
    )


def _new_number(connection: Connection) -> CardNumber:
    while True:
        number = make_card_number(secrets.token_bytes(_NUMBER_RANDOM_BYTES))
        if repository.find_card(connection, number) is None:
            return number


def _package(transaction: Transaction, issued: IssuedCard, authority: Authority, kiosk: KnownKiosk) -> CardPackage:
    order = issued.order
    files = tuple(
        CardFile(
            application_hex="" if file.directory.aid is None else file.directory.aid.hex().upper(),
            file_id=file.fid,
            content=content,
        )
        for file, content in issued.in_writing_order()
    )
    face = FacePrint(
        card_number=order.card_number,
        can=order.can,
        names=(order.holder.name.local, order.holder.name.latin),
        portrait=order.holder.portrait_jpeg,
        valid_until=order.valid_until,
        issuing_area=repository.get_area_names(transaction.connection, kiosk.area),
        member_count=len(order.members),
        profile=order.profile,
        qr_text=issued.qr_text,
    )
    is_officer = order.profile is CardProfile.OPERATOR
    return CardPackage(
        order_id=order.order_id,
        card_number=order.card_number,
        can=order.can,
        files=files,
        cvca_certificates=authority.anchors.cvca_certificates,
        chip_date=transaction.now.date(),
        face=face,
        officer_quota=OFFICER_QUOTA if is_officer else None,
        quota_authority_key=authority.quota_authority.public_point if is_officer else b"",
    )


def _package_place(number: CardNumber) -> str:
    return f"card-package/{number}"
