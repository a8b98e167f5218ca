"""New signatures for an officer's card, against the cards that its old ones went into (docs/card-commands.md, 11)."""

from __future__ import annotations

from pydantic import Field

from domain.card_number import CardNumber
from domain.record import Record

#: POST QuotaRequest -> QuotaAnswer.
QUOTA_GRANTS = "/v1/officer-cards/quota-grants"


class QuotaRequest(Record):
    """What the officer's card says of itself (GET DATA 0220)."""

    officer_card_number: CardNumber
    remaining: int = Field(ge=0, le=0xFFFF)
    last_grant_number: int = Field(ge=0, le=0xFFFF_FFFF)
    signatures_made: int = Field(ge=0, le=0xFFFF_FFFF)


class QuotaAnswer(Record):
    """``grant`` is the data of PUT DATA 0203."""

    officer_card_number: CardNumber
    number: int
    quota: int
    grant: bytes
