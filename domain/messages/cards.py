"""Ordering, writing and activating a card."""

from __future__ import annotations

from datetime import date

from pydantic import JsonValue

from domain.card_number import CardNumber
from domain.cards import BlockReason, CardProfile, CardStatus, SpoilReason
from domain.ids import HouseholdId, OperatorId, OrderId, PersonId
from domain.record import Record
from domain.verification import FaceJudgement, VerifiedBy


class CardOrderRequest(Record):
    """Asks for a card for the chip now in the reader. Sending the same order again gives the same package."""

    order_id: OrderId
    profile: CardProfile
    #: The household (profile household) …
    household_id: HouseholdId | None = None
    #: … or the operator (profile operator).
    operator_id: OperatorId | None = None
    #: The member whose own card it is (profile worker), of the household named.
    person_id: PersonId | None = None
    #: The card in force whose place this one takes. It stays what it is until this one is active.
    replaces: CardNumber | None = None
    #: The card in force that this one stands beside: it takes the part set aside for it (``ShareRequest``).
    beside: CardNumber | None = None
    chip_serial_hex: str
    #: Uncompressed points (65 bytes) generated on the chip.
    chip_authentication_key: bytes
    receipt_key: bytes


class CardFile(Record):
    """A file to write: application identifier (empty for the MF), file identifier, content."""

    application_hex: str
    file_id: int
    content: bytes


class FacePrint(Record):
    """What the plastic shows."""

    card_number: CardNumber
    can: str
    names: tuple[str, ...]
    portrait: bytes | None
    valid_until: date
    issuing_area: dict[str, str]
    member_count: int
    profile: CardProfile
    #: Text of the Claim-169 QR.
    qr_text: str


class CardPackage(Record):
    """All that is written to the chip. ``files`` are in writing order; EF.SOD is the last."""

    order_id: OrderId
    card_number: CardNumber
    can: str
    files: tuple[CardFile, ...]
    #: Trust points (CV certificates) and the chip's first date.
    cvca_certificates: tuple[bytes, ...]
    chip_date: date
    face: FacePrint
    #: An officer's card: how often it may countersign, and the key (65 bytes) of the office that may grant more.
    officer_quota: int | None = None
    quota_authority_key: bytes = b""
    #: Terminal certificates of the ordering kiosk are separate, see KioskRegistrationAnswer.


class ActivationRequest(Record):
    """The card was written, read back and challenged; a holder's finger matched; an officer countersigned."""

    order_id: OrderId
    card_number: CardNumber
    #: SHA-256 over all files as read back, in layout order, hex.
    readback_digest_hex: str
    holder_person_id: PersonId
    holder_verified_by: VerifiedBy
    operator_id: OperatorId
    officer_card_number: CardNumber
    #: 64 bytes by the officer card over SHA-256("ACTIVATE" || card number || read-back digest), hex.
    countersignature_hex: str


class ActivationGrant(Record):
    """The first entitlement statement: written on the card by the kiosk, followed by ledger record 1."""

    order_id: OrderId
    card_number: CardNumber
    #: Content of PUT DATA 0201 (docs/card-commands.md, 6).
    entitlement_slot: bytes


class ActivationProof(Record):
    """The card's receipt for its activation record: now, and only now, the registry says ACTIVE."""

    order_id: OrderId
    card_number: CardNumber
    ledger_record_hex: str
    receipt_hex: str


class CardState(Record):
    card_number: CardNumber
    status: CardStatus
    profile: CardProfile
    household_id: HouseholdId | None = None
    operator_id: OperatorId | None = None
    issued_on: date | None = None
    details: dict[str, JsonValue] = {}


class CardSpoiled(Record):
    """Payload of ``card.spoiled``: this order will not become a card. ``card_number`` is None before the package."""

    order_id: OrderId
    card_number: CardNumber | None
    reason: str
    #: The plastic cannot be used for anybody else; None: it was wiped and serves again.
    plastic: SpoilReason | None = None


class CardBlocked(Record):
    """Payload of ``card.blocked``: whoever shows this card is refused, at this desk from now on."""

    card_number: CardNumber
    reason: BlockReason
    #: Who asked, and how that person was known; None when somebody brought only the number.
    person_id: PersonId | None
    verified_by: VerifiedBy | None
    #: Who judged the face, where it was by face.
    face: FaceJudgement | None = None


class CardUnblocked(Record):
    """Payload of ``card.unblocked``: the card was found again, and its holder showed a finger."""

    card_number: CardNumber
    person_id: PersonId
    verified_by: VerifiedBy


class StatementWritten(Record):
    """Payload of ``card.statement_written``: the card holds this version of its statement, or a newer one."""

    card_number: CardNumber
    version: int
