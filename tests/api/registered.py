"""Steps that tests share: a registered family, and a card that proves deliveries."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert

from card_service.delivery_receipt import COUNTER_BYTES
from card_service.ecdsa_raw import encode_point, sign_raw
from card_service.ledger_record import (
    NO_PREVIOUS,
    LedgerRecord,
    RecordKind,
    encode_record,
    hash_for_next,
    sign_record,
)
from central_api.context import Registry
from central_api.tables.cards import cards
from domain.card_number import CardNumber, make_card_number
from domain.cards import CardProfile, CardStatus
from domain.deliveries import BenefitDelivery, DeliveryKind
from domain.events import EventKind
from domain.ids import DeliveryId, HouseholdId, PersonId, ProgrammeCode
from domain.messages.enrolment import EnrolmentState, EnrolmentSubmission, FingerRecord, ProgrammesChosen
from domain.messages.routes import ENROLMENT
from domain.messages.sync import EventAnswer, EventVerdict
from domain.people import Household
from domain.verification import VerifiedBy
from tests.api.client import TestKiosk
from tests.api.people import make_submission, seal

FOOD = ProgrammeCode("food_ration")
FOOD_SCHEME = 1
RATION_KG = 25
MARCH = 202603


def send_submission(
    kiosk: TestKiosk, household: Household, fingers: dict[PersonId, Sequence[FingerRecord]] | None = None
) -> EnrolmentSubmission:
    submission = make_submission(household, kiosk.id, kiosk.now(), fingers)
    answer = kiosk.tell(EventKind.ENROLMENT_SUBMITTED, seal(submission, kiosk.bundle().enrolment_key))
    assert answer.verdict is EventVerdict.ACCEPTED, answer
    return submission


def state_of(kiosk: TestKiosk, submission: EnrolmentSubmission) -> EnrolmentState:
    return kiosk.ask(EnrolmentState, ENROLMENT.format(submission_id=submission.submission_id))


def choose(kiosk: TestKiosk, household: Household, *programmes: ProgrammeCode) -> EventAnswer:
    chosen = ProgrammesChosen(household_id=household.id, programmes=programmes)
    return kiosk.tell(EventKind.PROGRAMMES_CHOSEN, chosen)


@dataclass
class TestCard:
    """A chip's receipt key and ledger, as far as the registry can tell."""

    __test__ = False

    number: CardNumber
    household_id: HouseholdId
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    sequence: int = 1
    previous: bytes = NO_PREVIOUS

    def deliver(
        self,
        kiosk: TestKiosk,
        *,
        kind: RecordKind = RecordKind.DELIVERY,
        units: int = RATION_KG,
        period: int = MARCH,
        key: ec.EllipticCurvePrivateKey | None = None,
        terminal_key: ec.EllipticCurvePrivateKey | None = None,
        verified_by: VerifiedBy = VerifiedBy.FINGER,
    ) -> BenefitDelivery:
        """The next ledger record, signed by terminal and chip, as the kiosk journals it."""
        self.sequence += 1
        record = LedgerRecord(
            kind=kind,
            sequence=self.sequence,
            previous_hash=self.previous,
            scheme=FOOD_SCHEME,
            period=period,
            quantity=units,
            member_index=1,
            on=date(2026, 3, 10),
            verified_by=verified_by,
            terminal=kiosk.reference,
        )
        record = sign_record(record, terminal_key or kiosk.terminal_key)
        self.previous = hash_for_next(record)
        message = b"RCPT" + self.sequence.to_bytes(COUNTER_BYTES, "big") + encode_record(record)
        return BenefitDelivery(
            id=DeliveryId(str(uuid.uuid4())),
            kind=DeliveryKind.REVERSAL if kind is RecordKind.REVERSAL else DeliveryKind.DELIVERY,
            card_number=self.number,
            card_sequence=self.sequence,
            programme=FOOD,
            scheme=FOOD_SCHEME,
            period_key=period,
            units=units,
            measure="kg",
            member_index=1,
            person_id=None,
            verified_by=verified_by,
            kiosk_id=kiosk.id,
            delivered_at=kiosk.now(),
            ledger_record_hex=encode_record(record).hex(),
            receipt_hex=sign_raw(key or self.key, message).hex(),
            was_offline=True,
        )


def add_card(
    registry: Registry, kiosk: TestKiosk, household: Household, status: CardStatus = CardStatus.ACTIVE
) -> TestCard:
    """A card in the registry's table, as if the cards room had issued it."""
    card = TestCard(make_card_number(uuid.uuid4().bytes[:5]), household.id)
    with registry.begin() as transaction:
        transaction.connection.execute(
            insert(cards).values(
                number=card.number,
                order_id=str(uuid.uuid4()),
                profile=CardProfile.HOUSEHOLD,
                household_id=household.id,
                status=status,
                kiosk_id=kiosk.id,
                chip_serial_hex="00" * 8,
                chip_authentication_key=b"",
                receipt_key=encode_point(card.key.public_key()),
                files_digest_hex="0" * 64,
                statement_version=1,
                valid_until=date(2036, 3, 10),
                details={},
                ordered_at=transaction.now,
                changed_at=transaction.now,
            )
        )
    return card
