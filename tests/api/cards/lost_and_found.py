"""What a desk says about cards in force, in tests."""

from __future__ import annotations

import secrets
import uuid

from card_service.activation import write_statement
from card_service.authentic_card import authenticate_card
from card_service.ledger import append_delivery, plan_delivery
from card_service.ledger_record import encode_record
from card_service.session import CardSession
from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber
from domain.cards import BlockReason, CardStatus
from domain.deliveries import BenefitDelivery
from domain.events import EventKind
from domain.ids import DeliveryId, PersonId
from domain.messages import routes
from domain.messages.card_services import (
    HPKE_INFO_HOLDER_SEARCH,
    HolderSearch,
    HolderSearchAnswer,
    ShareRequest,
    StatementOffer,
)
from domain.messages.cards import CardBlocked, CardState, CardUnblocked, StatementWritten
from domain.messages.enrolment import FingerRecord
from domain.messages.sync import EventAnswer
from domain.people import Household
from domain.verification import VerifiedBy
from tests.api.client import TestKiosk
from tests.api.issuing import Chip, Desk, Officer
from tests.api.people import seal_bytes
from tests.api.registered import FOOD, FOOD_SCHEME, MARCH


def issue(desk: Desk, household: Household, officer: Officer, **order: object) -> tuple[Chip, CardState]:
    """A card from blank to ACTIVE; ``order`` changes the order."""
    chip = Chip()
    request = desk.order(chip, household_id=household.id).model_copy(update=order)
    package = desk.package(request)
    digest = desk.write(chip, package)
    holder = request.person_id or household.head.person.id
    grant = desk.grant(desk.request_activation(package, digest, holder, officer))
    return chip, desk.prove(desk.activate(chip, grant))


def block(
    kiosk: TestKiosk, number: CardNumber, officer: Officer, reason: BlockReason = BlockReason.LOST
) -> EventAnswer:
    said = CardBlocked(card_number=number, reason=reason, person_id=None, verified_by=VerifiedBy.FINGER)
    return kiosk.tell(EventKind.CARD_BLOCKED, said, officer.operator_id)


def unblock(kiosk: TestKiosk, number: CardNumber, officer: Officer, person: PersonId) -> EventAnswer:
    said = CardUnblocked(card_number=number, person_id=person, verified_by=VerifiedBy.FINGER)
    return kiosk.tell(EventKind.CARD_UNBLOCKED, said, officer.operator_id)


def status_of(kiosk: TestKiosk, number: CardNumber) -> CardStatus:
    return kiosk.ask(CardState, routes.CARD.format(card_number=number)).status


def search(kiosk: TestKiosk, officer: Officer, finger: FingerRecord | None = None, **by: object) -> HolderSearchAnswer:
    search_id = secrets.token_hex(8)
    sealed = None
    if finger is not None:
        info = HPKE_INFO_HOLDER_SEARCH + search_id.encode()
        sealed = seal_bytes(finger.template, kiosk.bundle().enrolment_key, info)
    values = {"search_id": search_id, "operator_id": officer.operator_id, "sealed_finger": sealed, **by}
    response = kiosk.post(routes.HOLDER_SEARCH, HolderSearch.model_validate(values))
    assert response.status_code == 200, response.text
    return HolderSearchAnswer.model_validate_json(response.content)


def offer(kiosk: TestKiosk, number: CardNumber, held: int) -> StatementOffer:
    return kiosk.ask(StatementOffer, routes.CARD_STATEMENT.format(card_number=number), held=held)


def share(kiosk: TestKiosk, number: CardNumber, officer: Officer, kept: int, given: int) -> StatementOffer:
    request = ShareRequest(card_number=number, kept=kept, given=given, operator_id=officer.operator_id)
    response = kiosk.post(routes.CARD_SHARES, request)
    assert response.status_code == 200, response.text
    return StatementOffer.model_validate_json(response.content)


def tell_written(kiosk: TestKiosk, offered: StatementOffer) -> EventAnswer:
    written = StatementWritten(card_number=offered.card_number, version=offered.version)
    return kiosk.tell(EventKind.STATEMENT_WRITTEN, written)


def card_of(desk: Desk, chip: Chip) -> VerifiedCard:
    checked = desk.verify(chip)
    assert checked.card is not None, checked.reason
    return checked.card


def limits_on(desk: Desk, chip: Chip) -> dict[int, int]:
    """Limits of the food ration by period, as the card shows them."""
    return {each.line.period: each.line.limit for each in card_of(desk, chip).details.lines}


def draw(desk: Desk, chip: Chip, units: int, period: int = MARCH) -> BenefitDelivery:
    """The card gives out that much; the event is not sent yet. Raises what the card refuses with."""
    card = card_of(desk, chip)
    on_card = card.details.find_line(FOOD_SCHEME, period)
    assert on_card is not None
    planned = plan_delivery(card, desk.credential, on_card.line, units, 1, VerifiedBy.FINGER, desk.today)
    proof = append_delivery(card, planned)
    return BenefitDelivery(
        id=DeliveryId(str(uuid.uuid4())),
        card_number=card.card_number,
        card_sequence=proof.record.sequence,
        programme=FOOD,
        scheme=FOOD_SCHEME,
        period_key=period,
        units=units,
        measure="kg",
        member_index=1,
        person_id=None,
        verified_by=VerifiedBy.FINGER,
        kiosk_id=desk.kiosk.id,
        delivered_at=desk.kiosk.now(),
        ledger_record_hex=encode_record(proof.record).hex(),
        receipt_hex=proof.receipt.hex(),
        was_offline=True,
    )


def write(desk: Desk, chip: Chip, offered: StatementOffer) -> None:
    """The statement on the card, as a desk writes it at a tap."""
    assert offered.slot is not None
    card = authenticate_card(CardSession(chip.reader()), desk.anchors, on=desk.today)
    card.session.show_credential(desk.credential)
    write_statement(card, desk.anchors, offered.slot, on=desk.today)
