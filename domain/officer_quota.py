"""How many signatures an officer's card may be given anew: as many as went into cards that the register knows."""

from __future__ import annotations

#: RSBY: one officer's card for 300 families.
OFFICER_QUOTA = 300


def quota_to_grant(*, signatures_made: int, evidenced: int, remaining: int, full: int = OFFICER_QUOTA) -> int | None:
    """The quota to grant, or None when that is no more than what remains on the card.

    ``evidenced`` of the card's signatures were found in issued cards; each of the others keeps one from being renewed.
    """
    unexplained = max(0, signatures_made - evidenced)
    quota = full - unexplained
    return quota if quota > remaining else None
