"""A delivery about to be written on a card: kept before the card hears of it, settled by what the card then says."""

from __future__ import annotations

from datetime import datetime

from domain.card_number import CardNumber
from domain.deliveries import BenefitDelivery, DeliveryKind
from domain.ids import DeliveryId, KioskId, OperatorId, PersonId, ProgrammeCode
from domain.provider_transactions import ProviderMark
from domain.record import Record
from domain.verification import RungTried, VerifiedBy


class PlannedDelivery(Record):
    """Kept under its card number: a card has one delivery under way at a time."""

    id: DeliveryId
    card_number: CardNumber
    card_sequence: int
    #: 112 bytes as they are sent to the card.
    record_hex: str
    programme: ProgrammeCode
    scheme: int
    period_key: int
    units: int
    measure: str
    member_index: int
    person_id: PersonId | None
    verified_by: VerifiedBy
    rungs: tuple[RungTried, ...]
    operator_id: OperatorId | None
    planned_at: datetime
    was_offline: bool
    kind: DeliveryKind = DeliveryKind.DELIVERY
    provider: ProviderMark | None = None

    def delivered(self, kiosk_id: KioskId, receipt: bytes) -> BenefitDelivery:
        """The delivery, once the card gave its receipt (64 bytes)."""
        return BenefitDelivery(
            id=self.id,
            kind=self.kind,
            card_number=self.card_number,
            card_sequence=self.card_sequence,
            programme=self.programme,
            scheme=self.scheme,
            period_key=self.period_key,
            units=self.units,
            measure=self.measure,
            member_index=self.member_index,
            person_id=self.person_id,
            verified_by=self.verified_by,
            rungs=self.rungs,
            operator_id=self.operator_id,
            kiosk_id=kiosk_id,
            delivered_at=self.planned_at,
            ledger_record_hex=self.record_hex,
            receipt_hex=receipt.hex(),
            was_offline=self.was_offline,
            provider=self.provider,
        )
