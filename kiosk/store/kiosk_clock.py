"""The kiosk's time, which never runs below the highest it has seen: a clock set back opens no old period again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from kiosk.store.meta import Meta

_NAME = "time.high_water"


def system_time() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


class KioskClock:
    """``now`` is the later of the machine's time and the highest time ever kept."""

    def __init__(self, meta: Meta, *, source: Callable[[], datetime] = system_time) -> None:
        self._meta = meta
        self._source = source
        kept = meta.find(_NAME)
        self._highest = datetime.fromisoformat(kept) if kept else datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        self._highest = max(self._highest, self._source())
        return self._highest

    def system_now(self) -> datetime:
        """The machine's time as it is: for signatures, which the registry holds against its own clock."""
        return self._source()

    def today(self) -> date:
        """The day at the desk, in the machine's time zone: periods begin at the people's midnight."""
        return self.now().astimezone().date()

    @property
    def is_behind(self) -> bool:
        """Whether the machine's clock runs below the high-water mark."""
        return self._source() < self._highest

    def raise_to(self, instant: datetime) -> None:
        """Learn a later time from a signed message."""
        self._highest = max(self._highest, instant)

    def keep(self) -> None:
        """Write the mark; inside a transaction of the caller."""
        self._meta.put(_NAME, self.now().isoformat())
