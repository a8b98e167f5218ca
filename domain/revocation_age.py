"""What an old list of refused cards still allows: a card is checked all the same, and less is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DEFAULT_MAX_AGE_DAYS = 7
DEFAULT_CAPPED_PERCENT = 50


class ListFreshness(StrEnum):
    """How far a desk's list of refused cards can be relied on."""

    FRESH = "fresh"
    #: Cards blocked since may not be on it.
    OLD = "old"
    #: This desk never had one.
    NONE = "none"

    @property
    def message_key(self) -> str:
        """The sentence for the officer."""
        return f"revocations.{self.value}"


@dataclass(frozen=True, slots=True)
class StalenessPolicy:
    """A card blocked since the list was made could be drawn on at each desk that is cut off, up to the cap.

    ``capped_percent`` of what is still open may be handed over against an old list; nobody goes empty-handed for want
    of a network: at least one unit.
    """

    max_age_days: int = DEFAULT_MAX_AGE_DAYS
    capped_percent: int = DEFAULT_CAPPED_PERCENT

    def freshness(self, age_days: int | None) -> ListFreshness:
        """``age_days`` None: there is no list."""
        if age_days is None:
            return ListFreshness.NONE
        return ListFreshness.FRESH if age_days <= self.max_age_days else ListFreshness.OLD

    def most_units(self, open_units: int, freshness: ListFreshness) -> int:
        """How many of the units still open may be handed over now."""
        if freshness is ListFreshness.FRESH or open_units <= 1:
            return max(0, open_units)
        return max(1, open_units * self.capped_percent // 100)
