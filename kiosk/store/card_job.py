"""A card being issued, step by step, so that a crash or a card pulled out never leaves half a card in the world."""

from __future__ import annotations

from enum import IntEnum

from pydantic import Field

from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.ids import HouseholdId, OperatorId, OrderId, PersonId
from domain.messages.cards import ActivationGrant, ActivationProof, CardPackage
from domain.record import Record
from domain.verification import VerifiedBy


class CardJobStep(IntEnum):
    """What is done. Each step may be repeated; the number only rises."""

    #: Keys were made on the chip; an order with them may have been sent.
    KEYS_MADE = 1
    #: The package is here; from now on this chip gets this number or is scrapped.
    PACKAGE_HERE = 2
    #: Everything is written, read back in plain and locked.
    LOCKED = 3
    #: Read back through the channel, and the chip's key answered a challenge.
    READ_BACK = 4
    HOLDER_MATCHED = 5
    #: An officer's card signed for it.
    COUNTERSIGNED = 6
    #: The registry gave the first statement.
    GRANTED = 7
    #: The card gave its receipt for the activation record.
    PROVED = 8
    #: The registry says ACTIVE.
    ACTIVE = 9


class CardHolder(Record):
    """Whom a card is for: a household, or an operator."""

    profile: CardProfile = CardProfile.HOUSEHOLD
    household_id: HouseholdId | None = None
    operator_id: OperatorId | None = None
    #: The member whose own card it is (profile worker).
    person_id: PersonId | None = None
    #: The card in force that gives way to this one, or that it stands beside.
    replaces: CardNumber | None = None
    beside: CardNumber | None = None


class CardJob(Record):
    """Kept under its order id. Later fields are filled as ``step`` rises."""

    order_id: OrderId
    step: CardJobStep
    holder: CardHolder
    chip_serial_hex: str
    chip_authentication_key: bytes
    receipt_key: bytes
    package: CardPackage | None = Field(default=None, repr=False)
    card_number: CardNumber | None = None
    readback_digest_hex: str | None = None
    holder_person_id: PersonId | None = None
    holder_verified_by: VerifiedBy | None = None
    operator_id: OperatorId | None = None
    officer_card_number: CardNumber | None = None
    countersignature_hex: str | None = None
    grant: ActivationGrant | None = None
    proof: ActivationProof | None = None

    def at(self, step: CardJobStep, **changes: object) -> CardJob:
        """The job one step on, with what that step brought."""
        return self.model_copy(update={**changes, "step": max(step, self.step)})
