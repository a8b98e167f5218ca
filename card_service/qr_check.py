"""The paper twin at a desk: one of three verdicts, as for a card. A QR can be copied: VERIFIED says what was issued,

never who holds it. Whoever shows one is looked up and verified by finger or face before anything is handed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from card_service.qr import PaperTwin, QrRefusal, QrRefused, verify_qr
from card_service.trust import TrustAnchors
from card_service.verification import RevocationView
from domain.card_number import CardNumber
from domain.verification import Verdict


class QrReason(StrEnum):
    """Why a QR was not verified. ``verdict`` says whether it failed, or could only not be checked."""

    #: Cut off, dirty, no QR of ours, or larger than one may be.
    UNREADABLE = "unreadable"
    #: Signed with a key that this desk does not know: a forgery, or a signer newer than the desk's bundle.
    SIGNER_UNKNOWN = "signer_unknown"
    #: A signer that we know did not sign this.
    ALTERED = "altered"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    #: The card that it is the twin of was blocked or replaced.
    REVOKED = "revoked"

    @property
    def verdict(self) -> Verdict:
        """COULD_NOT_CHECK for what showed nothing; FAILED for what showed that it must be refused."""
        is_open = self in (QrReason.UNREADABLE, QrReason.SIGNER_UNKNOWN)
        return Verdict.COULD_NOT_CHECK if is_open else Verdict.FAILED

    @property
    def message_key(self) -> str:
        """The sentence that tells a person what to do."""
        return f"qr.reason.{self.value}"


@dataclass(frozen=True, slots=True)
class QrCheck:
    """The verdict; ``reason`` unless VERIFIED; ``twin`` only when VERIFIED. ``card_number`` also on a revoked twin."""

    verdict: Verdict
    reason: QrReason | None = None
    twin: PaperTwin | None = None
    card_number: CardNumber | None = None


def check_qr(text: str, anchors: TrustAnchors, *, at: date, revoked: RevocationView) -> QrCheck:
    """Whether the QR is ours, unaltered, in force on that day, and of a card not refused. Never raises for its text."""
    try:
        twin = verify_qr(text, anchors.believed_signers(at=at), at=at)
        if anchors.entitlement_windows:
            # Once more, by those in office on the day it bears: a retired key signs nothing new.
            verify_qr(text, anchors.believed_signers(at=at, signed_on=twin.issued_on), at=at)
    except QrRefused as refused:
        reason = _REASONS[refused.reason]
        return QrCheck(reason.verdict, reason)
    if revoked.is_revoked(twin.card_number):
        return QrCheck(QrReason.REVOKED.verdict, QrReason.REVOKED, card_number=twin.card_number)
    return QrCheck(Verdict.VERIFIED, twin=twin, card_number=twin.card_number)


_REASONS = {
    QrRefusal.MALFORMED: QrReason.UNREADABLE,
    QrRefusal.SIGNER_UNKNOWN: QrReason.SIGNER_UNKNOWN,
    QrRefusal.SIGNATURE_WRONG: QrReason.ALTERED,
    QrRefusal.NOT_YET_VALID: QrReason.NOT_YET_VALID,
    QrRefusal.EXPIRED: QrReason.EXPIRED,
}
