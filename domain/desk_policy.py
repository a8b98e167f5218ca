"""What the registry sets for all desks, and what an old list of operators still allows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from domain.record import Record

DEFAULT_LOCK_AFTER_S = 180
DEFAULT_OPERATORS_MAX_AGE_DAYS = 7
#: From so many days before the end on, every log-in says how long it goes on.
WARNED_AHEAD_DAYS = 2
_PREFIX = "desk."


class ListStanding(StrEnum):
    """How far a desk's list of operators can be relied on."""

    FRESH = "fresh"
    #: Still good, but not for long.
    AGEING = "ageing"
    #: Somebody deactivated since could still come in: nobody comes in until the registry was reached.
    OVER = "over"


class DeskPolicy(Record):
    """Travels in ``KioskBundle.settings``; what is missing there has its default."""

    #: Seconds without a touch after which an officer's session is locked.
    lock_after_s: int = Field(default=DEFAULT_LOCK_AFTER_S, ge=10, le=3600)
    #: Days since the registry last gave its list, after which officers' work waits for it. Serving never does.
    operators_max_age_days: int = Field(default=DEFAULT_OPERATORS_MAX_AGE_DAYS, ge=1, le=90)
    #: Whoever registered a household may not also countersign its card: for desks with two officers.
    has_two_officers_on_issue: bool = False
    #: Fingers are on the card and nowhere else: what was sealed for the registry goes once it has it.
    is_token_only: bool = False

    def days_left(self, issued_at: datetime, now: datetime) -> int:
        """Whole days that the list may still be used; 0 and less: no more."""
        return self.operators_max_age_days - (now - issued_at).days

    def standing(self, issued_at: datetime, now: datetime) -> ListStanding:
        left = self.days_left(issued_at, now)
        if left <= 0:
            return ListStanding.OVER
        return ListStanding.AGEING if left <= WARNED_AHEAD_DAYS else ListStanding.FRESH

    def to_settings(self) -> dict[str, int | str | bool]:
        return {_PREFIX + name: value for name, value in self.model_dump().items()}


def read_desk_policy(settings: Mapping[str, int | str | bool]) -> DeskPolicy:
    """The policy in a bundle's settings; a value that makes no sense counts as not set."""
    named = {key.removeprefix(_PREFIX): value for key, value in settings.items() if key.startswith(_PREFIX)}
    good: dict[str, int | str | bool] = {}
    for name, value in named.items():
        if name not in DeskPolicy.model_fields:
            continue
        try:
            DeskPolicy.model_validate({name: value})
        except ValueError:
            continue
        good[name] = value
    return DeskPolicy.model_validate(good)
