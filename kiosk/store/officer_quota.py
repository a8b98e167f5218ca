"""What an officer's card said of its quota when it was here last, and the grant that waits for it."""

from __future__ import annotations

from pydantic import Field

from domain.card_number import CardNumber
from domain.record import Record

#: So few signatures are left when a new quota is asked for: a day's work of a busy desk.
LOW_QUOTA = 30


class OfficerQuota(Record):
    """Kept under the number of the officer's card. ``grant`` is the data of PUT DATA 0203, not yet on the card."""

    card_number: CardNumber
    remaining: int
    last_grant_number: int
    signatures_made: int
    grant: bytes | None = Field(default=None, repr=False)

    @property
    def is_low(self) -> bool:
        """Whether it is time for a new quota."""
        return self.remaining <= LOW_QUOTA
