"""Proof that a benefit reached a person, and what happens when the same proof, or another, comes again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from domain.card_number import CardNumber
from domain.ids import DeliveryId, KioskId, OperatorId, PersonId, ProgrammeCode
from domain.provider_transactions import ProviderMark
from domain.record import Record
from domain.verification import RungTried, VerifiedBy


class DeliveryKind(StrEnum):
    DELIVERY = "delivery"
    REVERSAL = "reversal"


class BenefitDelivery(Record):
    """One delivery as the kiosk journals it. ``ledger_record`` and ``receipt`` are the card's own proof."""

    id: DeliveryId
    kind: DeliveryKind = DeliveryKind.DELIVERY
    card_number: CardNumber
    card_sequence: int
    programme: ProgrammeCode
    scheme: int
    period_key: int
    units: int
    measure: str
    member_index: int
    #: The member verified at the desk.
    person_id: PersonId | None
    verified_by: VerifiedBy
    rungs: tuple[RungTried, ...] = ()
    operator_id: OperatorId | None = None
    kiosk_id: KioskId
    delivered_at: datetime
    #: 112 bytes as appended to the card, hex.
    ledger_record_hex: str
    #: 64 bytes, the card's signature over counter and record, hex.
    receipt_hex: str
    was_offline: bool
    #: Set where the amount is set aside at a clinic, shop or school, or comes back from there.
    provider: ProviderMark | None = None


class MergeStatus(StrEnum):
    NEW = "new"
    IDENTICAL = "identical"
    CONFLICT = "conflict"


def merge_status(incoming: BenefitDelivery, known: BenefitDelivery | None) -> MergeStatus:
    """Whether a delivery is new, the same one sent again, or another one in the same place of the card's ledger."""
    if known is None:
        return MergeStatus.NEW
    return MergeStatus.IDENTICAL if incoming == known else MergeStatus.CONFLICT


class Denial(Record):
    """Nobody is turned away in silence: each refusal with its reason, the alternative offered, and a receipt number."""

    reference: str
    kiosk_id: KioskId
    card_number: CardNumber | None
    reason: str
    alternative: str
    rungs: tuple[RungTried, ...] = ()
    operator_id: OperatorId | None = None
    grievance_number: str | None = None
    denied_at: datetime
