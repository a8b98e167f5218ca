"""A desk that issues cards against the registry, with simulated chips."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date

from card_service.activation import write_activation
from card_service.apdu import CLA_PLAIN, INS_PSO, CommandApdu
from card_service.authentic_card import authenticate_card
from card_service.countersigned import activation_hash
from card_service.delivery_receipt import DeliveryProof
from card_service.ledger_record import encode_record
from card_service.personalisation import ChipKeys, data_from_package, lock_card, prepare_chip, write_card
from card_service.read_back import read_back
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential
from card_service.trust import TrustAnchors, trust_anchors_from_json
from card_service.verification import CardVerification, RevokedCards, verify_card
from central_api.context import Registry
from central_api.operators.repository import add_operator
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.ids import HouseholdId, OperatorId, OrderId, PersonId
from domain.messages import routes
from domain.messages.cards import (
    ActivationGrant,
    ActivationProof,
    ActivationRequest,
    CardOrderRequest,
    CardPackage,
    CardState,
)
from domain.messages.kiosks import Role
from domain.verification import VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from tests.api.client import TestKiosk
from tests.unit.card_service_terminal.reader import SimulatedReader


@dataclass
class Chip:
    """A blank chip at the desk, with the keys it made."""

    card: VirtualCard = field(default_factory=VirtualCard.blank)
    keys: ChipKeys = field(init=False)

    def __post_init__(self) -> None:
        self.keys = prepare_chip(self.reader())

    def reader(self) -> SimulatedReader:
        return SimulatedReader(self.card)


@dataclass(frozen=True)
class Officer:
    """An operator whose card can sign."""

    operator_id: OperatorId
    card_number: CardNumber
    chip: Chip


class Desk:
    """A kiosk that issues."""

    def __init__(self, kiosk: TestKiosk) -> None:
        self.kiosk = kiosk
        bundle = kiosk.bundle()
        self.anchors: TrustAnchors = trust_anchors_from_json(dict(bundle.trust_anchors))
        self.credential = TerminalCredential(bundle.terminal_chain, kiosk.terminal_key)

    @property
    def today(self) -> date:
        return self.kiosk.now().date()

    def order(
        self,
        chip: Chip,
        *,
        household_id: HouseholdId | None = None,
        operator_id: OperatorId | None = None,
        order_id: str | None = None,
    ) -> CardOrderRequest:
        """An order for the chip, not sent yet."""
        return CardOrderRequest(
            order_id=OrderId(order_id or str(uuid.uuid4())),
            profile=CardProfile.HOUSEHOLD if household_id else CardProfile.OPERATOR,
            household_id=household_id,
            operator_id=operator_id,
            chip_serial_hex=chip.keys.serial.hex(),
            chip_authentication_key=chip.keys.ca_public_key,
            receipt_key=chip.keys.receipt_public_key,
        )

    def package(self, order: CardOrderRequest) -> CardPackage:
        response = self.kiosk.post(routes.CARD_ORDERS, order)
        assert response.status_code == 200, response.text
        return CardPackage.model_validate_json(response.content)

    def write(self, chip: Chip, package: CardPackage) -> bytes:
        """The card written, locked and read back: its digest."""
        data = data_from_package(package, chip.keys.serial)
        write_card(chip.reader(), data)
        lock_card(chip.reader(), data)
        return read_back(chip.reader(), data, self.anchors, self.credential, on=self.today).digest

    def countersign(self, chip: Chip, hash32: bytes) -> bytes:
        """What an officer's card signs. Also before it is active, for the very first."""
        session = CardSession(chip.reader())
        authenticate_card(session, self.anchors, on=self.today)
        session.show_credential(self.credential)
        return session.send(CommandApdu(CLA_PLAIN, INS_PSO, 0x9E, 0x9A, hash32, 64)).data

    def request_activation(
        self, package: CardPackage, digest: bytes, holder: PersonId, officer: Officer
    ) -> ActivationRequest:
        signature = self.countersign(officer.chip, activation_hash(package.card_number, digest))
        return ActivationRequest(
            order_id=package.order_id,
            card_number=package.card_number,
            readback_digest_hex=digest.hex(),
            holder_person_id=holder,
            holder_verified_by=VerifiedBy.FINGER,
            operator_id=officer.operator_id,
            officer_card_number=officer.card_number,
            countersignature_hex=signature.hex(),
        )

    def grant(self, request: ActivationRequest) -> ActivationGrant:
        response = self.kiosk.post(routes.CARD_ACTIVATIONS, request)
        assert response.status_code == 200, response.text
        return ActivationGrant.model_validate_json(response.content)

    def activate(self, chip: Chip, grant: ActivationGrant) -> ActivationProof:
        proof: DeliveryProof = write_activation(
            chip.reader(),
            self.anchors,
            self.credential,
            grant.entitlement_slot,
            on=self.today,
            verified_by=VerifiedBy.FINGER,
        )
        return ActivationProof(
            order_id=grant.order_id,
            card_number=grant.card_number,
            ledger_record_hex=encode_record(proof.record).hex(),
            receipt_hex=proof.receipt.hex(),
        )

    def prove(self, proof: ActivationProof) -> CardState:
        response = self.kiosk.post(routes.CARD_ACTIVATION_PROOFS, proof)
        assert response.status_code == 200, response.text
        return CardState.model_validate_json(response.content)

    def verify(self, chip: Chip, profile: CardProfile = CardProfile.HOUSEHOLD) -> CardVerification:
        return verify_card(chip.reader(), self.anchors, on=self.today, revoked=RevokedCards(), profile=profile)

    def found_officer(self, registry: Registry, person: PersonId, name: str = "op-1") -> Officer:
        """The first officer: nobody can countersign but the new card itself."""
        operator_id = OperatorId(name)
        with registry.begin() as transaction:
            add_operator(transaction.connection, operator_id, person, Role.OFFICER, transaction.now)
        chip = Chip()
        package = self.package(self.order(chip, operator_id=operator_id))
        officer = Officer(operator_id, package.card_number, chip)
        request = self.request_activation(package, self.write(chip, package), person, officer)
        self.prove(self.activate(chip, self.grant(request)))
        return officer
