"""Who watches the readers: tells when a card comes and goes, and ends a flow whose card was taken away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.errors import ProjectError
from kiosk.devices.card_reader import CardReader
from kiosk.devices.failure import DeviceFailed

_POLL_S = 0.15
#: A reader that failed is asked less often, so that its process is not started in a tight circle.
_FAILED_POLL_S = 1.0

Result = TypeVar("Result")


class CardTakenAway(ProjectError):
    """The person took the card while it was still needed."""

    code = "card.taken_away"
    message_key = "card.taken_away"


class CardWatcher:
    """One for each reader. ``run`` polls; everything else waits on what it saw."""

    def __init__(self, reader: CardReader, *, poll_s: float = _POLL_S) -> None:
        self._reader = reader
        self._poll_s = poll_s
        self._changed = asyncio.Condition()
        self.is_present = False
        #: How often a card came; a card left in the reader is not an arrival.
        self.arrivals = 0
        #: The reader's failure, None while it answers.
        self.failure: DeviceFailed | None = None

    async def run(self) -> None:
        """Watch for ever; cancel to stop."""
        while True:
            try:
                is_present, failure = await self._reader.is_card_present(), None
            except DeviceFailed as error:
                is_present, failure = False, error
            await self._note(is_present, failure)
            await asyncio.sleep(self._poll_s if failure is None else _FAILED_POLL_S)

    async def wait_present(self) -> None:
        await self._wait_until(lambda: self.is_present)

    async def wait_arrival(self, after: int) -> None:
        """Until a card came that is not among the first ``after`` ones, and lies there."""
        await self._wait_until(lambda: self.is_present and self.arrivals > after)

    async def wait_absent(self) -> None:
        await self._wait_until(lambda: not self.is_present)

    async def while_present(self, work: Awaitable[Result]) -> Result:
        """The work's result; when the card goes first, the work is cancelled and CardTakenAway raised."""
        task = asyncio.ensure_future(work)
        gone = asyncio.create_task(self.wait_absent())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise CardTakenAway("the card is gone")
        finally:
            gone.cancel()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ProjectError):
                await task

    async def _wait_until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(holds)

    async def _note(self, is_present: bool, failure: DeviceFailed | None) -> None:
        self.arrivals += is_present and not self.is_present
        has_changed = is_present != self.is_present or (failure is None) != (self.failure is None)
        self.is_present, self.failure = is_present, failure
        if has_changed:
            async with self._changed:
                self._changed.notify_all()
