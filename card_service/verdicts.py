"""What a check of a card ends in: one of three verdicts, and the reason in words a screen can show."""

from __future__ import annotations

from enum import StrEnum

from card_service.errors import CardError
from domain.verification import Verdict


class CheckReason(StrEnum):
    """Why a card was not verified. ``verdict`` says whether the card failed, or could only not be checked."""

    #: The chip does not hold the key that its signed data name: a copy.
    NOT_GENUINE = "not_genuine"
    NOT_SIGNED_BY_US = "not_signed_by_us"
    DATA_ALTERED = "data_altered"
    SIGNER_REVOKED = "signer_revoked"
    SIGNER_NOT_VALID = "signer_not_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    #: Never activated: no statement, or no activation record.
    NOT_ACTIVE = "not_active"
    STATEMENT_ALTERED = "statement_altered"
    #: The entitlements ran out (or begin later), and must be renewed at a desk that is online.
    STATEMENT_NOT_IN_FORCE = "statement_not_in_force"
    #: An officer's card where a household's is needed, or the reverse.
    WRONG_PROFILE = "wrong_profile"

    CARD_REMOVED = "card_removed"
    CARD_SILENT = "card_silent"
    CARD_CHANGED = "card_changed"
    UNREADABLE = "unreadable"
    #: A bank card, say.
    NOT_OUR_CARD = "not_our_card"
    #: Contactless reader: the number on the face must be scanned or typed.
    CAN_NEEDED = "can_needed"
    WRONG_CAN = "wrong_can"

    @property
    def verdict(self) -> Verdict:
        """FAILED when the card showed that it must be refused; COULD_NOT_CHECK when it showed nothing."""
        return Verdict.COULD_NOT_CHECK if self in _NOTHING_SHOWN else Verdict.FAILED

    @property
    def message_key(self) -> str:
        """The sentence that tells a person what to do."""
        return f"card.reason.{self.value}"


_NOTHING_SHOWN = frozenset(
    {
        CheckReason.CARD_REMOVED,
        CheckReason.CARD_SILENT,
        CheckReason.CARD_CHANGED,
        CheckReason.UNREADABLE,
        CheckReason.NOT_OUR_CARD,
        CheckReason.CAN_NEEDED,
        CheckReason.WRONG_CAN,
    }
)


class CardNotVerified(CardError):
    """The check ended here; ``reason`` says why. verification.py turns this into a verdict."""

    code = "card.not_verified"
    message_key = "error.card_not_verified"

    def __init__(self, reason: CheckReason) -> None:
        super().__init__(f"Card not verified: {reason}", reason=reason)
        self.reason = reason
