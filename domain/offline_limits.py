"""How much one desk hands over before it has told the registry what it handed over already."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, ValidationError

from domain.record import Record

#: A busy village desk serves so many households in two days.
DEFAULT_DELIVERIES_A_DESK = 400
_PREFIX = "offline."


class OfflineLimits(Record):
    """Travels in ``KioskBundle.settings``; what is missing there has its default.

    Cards count for themselves; this bounds what a stolen or cloned desk, or a stock card without a counter, can cost.
    """

    #: Deliveries that the registry has not receipted yet, at most.
    deliveries_a_desk: int = Field(default=DEFAULT_DELIVERIES_A_DESK, ge=1, le=100_000)

    def has_room(self, unreported: int) -> bool:
        """Whether one more may be made while so many are not reported."""
        return unreported < self.deliveries_a_desk

    def to_settings(self) -> dict[str, int | str | bool]:
        return {_PREFIX + name: value for name, value in self.model_dump().items()}


def read_offline_limits(settings: Mapping[str, int | str | bool]) -> OfflineLimits:
    """The limits in a bundle's settings; a value that makes no sense counts as not set."""
    named = {key.removeprefix(_PREFIX): value for key, value in settings.items() if key.startswith(_PREFIX)}
    try:
        return OfflineLimits.model_validate({k: v for k, v in named.items() if k in OfflineLimits.model_fields})
    except ValidationError:
        return OfflineLimits()
