"""The check that every tap begins with: from a connection to one of three verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from card_service.apdu import ApduError
from card_service.authentic_card import AuthenticCard, authenticate_any, find_anchored_file, read_data_group
from card_service.connection import CardConnection
from card_service.data_groups import DataGroupRefused, MemberRow, decode_dg2, decode_dg11, decode_member_table
from card_service.errors import (
    CanNeeded,
    CardChanged,
    CardError,
    CardGone,
    CardSilent,
    ChipNotGenuine,
    WrongCan,
)
from card_service.layout import MEMBERS
from card_service.security_object import SodRefusal, SodRefused
from card_service.session import CardSession
from card_service.statement_on_card import read_entitlement
from card_service.stock_card import SpcProfile, StockCard
from card_service.tlv import TlvError
from card_service.trust import TrustAnchors
from card_service.verdicts import CardNotVerified, CheckReason
from card_service.verified_card import CardDetails, VerifiedCard, lines_on_card
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.errors import ProjectError
from domain.verification import Verdict


class RevocationView(Protocol):
    """What this terminal knows of revoked cards."""

    def is_revoked(self, card_number: CardNumber) -> bool:
        """Whether the card is on the list."""


@dataclass(frozen=True)
class RevokedCards:
    """A revocation list held in memory."""

    numbers: frozenset[CardNumber] = frozenset()

    def is_revoked(self, card_number: CardNumber) -> bool:
        """Whether the card is on the list."""
        return card_number in self.numbers


@dataclass(frozen=True)
class CardVerification:
    """The verdict; ``reason`` unless VERIFIED; ``card`` only when VERIFIED, and ``stock_card`` instead on a card from
    stock. ``profile`` follows from the signed list, and is None when that was not believed.

    ``card_number`` is known whenever the card proved it, also on a card that failed (expired, revoked, not active).
    """

    verdict: Verdict
    reason: CheckReason | None = None
    card: VerifiedCard | None = None
    card_number: CardNumber | None = None
    profile: SpcProfile | None = None
    stock_card: StockCard | None = None


def verify_card(
    connection: CardConnection,
    anchors: TrustAnchors,
    *,
    on: date,
    revoked: RevocationView,
    can: str | None = None,
    profile: CardProfile = CardProfile.HOUSEHOLD,
) -> CardVerification:
    """Whether the card is genuine, ours, unaltered, in force and active. Never raises for what a card can do.

    ``can`` is needed on a contactless reader only. The connection stays the caller's to close, also after VERIFIED.
    """
    authentic: AuthenticCard | StockCard | None = None
    try:
        authentic = authenticate_any(CardSession(connection), anchors, on=on, can=can)
        _check_in_force(authentic, on=on, revoked=revoked, profile=profile)
        if isinstance(authentic, StockCard):
            return _verified_stock(authentic)
        details = _read_details(authentic, anchors, on=on)
    except ProjectError as error:
        reason = reason_of(error)
        number = None if authentic is None else authentic.card_number
        return CardVerification(reason.verdict, reason, card_number=number, profile=_profile_of(authentic))
    card = VerifiedCard(authentic, details)
    return CardVerification(Verdict.VERIFIED, card=card, card_number=card.card_number, profile=SpcProfile.SPC_1)


def _verified_stock(card: StockCard) -> CardVerification:
    """Every data group that the signed list names is read, as on a card of ours."""
    for number in sorted(card.hashes.keys() & {2, 11}):
        read_data_group(card.session, card.hashes, number)
    profile = SpcProfile.SPC_0
    return CardVerification(Verdict.VERIFIED, card_number=card.card_number, profile=profile, stock_card=card)


def _profile_of(card: AuthenticCard | StockCard | None) -> SpcProfile | None:
    if card is None:
        return None
    return SpcProfile.SPC_0 if isinstance(card, StockCard) else SpcProfile.SPC_1


def reason_of(error: ProjectError) -> CheckReason:
    """The reason that an error met while talking to a card stands for; UNREADABLE for any malformed answer."""
    if isinstance(error, CardNotVerified):
        return error.reason
    if isinstance(error, SodRefused):
        return _SOD_REASONS.get(error.reason, CheckReason.NOT_SIGNED_BY_US)
    for kind, reason in _ERROR_REASONS:
        if isinstance(error, kind):
            return reason
    raise error


_SOD_REASONS = {
    SodRefusal.SIGNER_REVOKED: CheckReason.SIGNER_REVOKED,
    SodRefusal.SIGNER_EXPIRED: CheckReason.SIGNER_NOT_VALID,
    SodRefusal.SIGNER_NOT_YET_VALID: CheckReason.SIGNER_NOT_VALID,
}
_ERROR_REASONS: tuple[tuple[type[ProjectError], CheckReason], ...] = (
    (ChipNotGenuine, CheckReason.NOT_GENUINE),
    (CardGone, CheckReason.CARD_REMOVED),
    (CardSilent, CheckReason.CARD_SILENT),
    (CardChanged, CheckReason.CARD_CHANGED),
    (CanNeeded, CheckReason.CAN_NEEDED),
    (WrongCan, CheckReason.WRONG_CAN),
    (DataGroupRefused, CheckReason.UNREADABLE),
    (TlvError, CheckReason.UNREADABLE),
    (ApduError, CheckReason.UNREADABLE),
    (CardError, CheckReason.UNREADABLE),
)


def _check_in_force(
    card: AuthenticCard | StockCard, *, on: date, revoked: RevocationView, profile: CardProfile
) -> None:
    if revoked.is_revoked(card.card_number):
        raise CardNotVerified(CheckReason.REVOKED)
    if card.holder.expires_on < on:
        raise CardNotVerified(CheckReason.EXPIRED)
    made_for = CardProfile.HOUSEHOLD if isinstance(card, StockCard) else card.anchor.profile
    if made_for is not profile:
        raise CardNotVerified(CheckReason.WRONG_PROFILE)


def _read_details(card: AuthenticCard, anchors: TrustAnchors, *, on: date) -> CardDetails:
    names = decode_dg11(read_data_group(card.session, card.hashes, 11))
    portrait = decode_dg2(read_data_group(card.session, card.hashes, 2))
    entitlement = read_entitlement(card, anchors, on=on)
    statement, counters = entitlement.statement, entitlement.counters
    if counters.counter == 0:
        raise CardNotVerified(CheckReason.NOT_ACTIVE)
    return CardDetails(
        card_number=card.card_number,
        profile=card.anchor.profile,
        household_id=card.anchor.household_id,
        issue_number=card.anchor.issue_number,
        name_local=names.name_local,
        name_latin=names.name_latin,
        born=names.born,
        sex=card.holder.sex,
        expires_on=card.holder.expires_on,
        portrait_jpeg=portrait.jpeg,
        members=_read_members(card),
        statement=statement,
        lines=lines_on_card(statement, counters),
        counter=counters.counter,
        receipt_public_key=card.receipt_public_key,
    )


def _read_members(card: AuthenticCard) -> tuple[MemberRow, ...]:
    content = find_anchored_file(card, MEMBERS)
    rows = () if content is None else decode_member_table(content).rows
    if len(rows) != card.anchor.member_count:
        raise CardNotVerified(CheckReason.DATA_ALTERED)
    return rows
