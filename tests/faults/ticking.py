"""Does the event loop keep turning? Its longest gap, beside that of a thread that has nothing to do with it."""

from __future__ import annotations

import asyncio
import threading
import time

_TICK_S = 0.005
#: The promise: no device can hold a frame for longer (design, promise 6).
PROMISED_S = 0.25


class Ticking:
    """``async with``: afterwards ``loop_gap_s`` and ``machine_gap_s`` say how long each did not turn."""

    def __init__(self) -> None:
        self.loop_gap_s = 0.0
        self.machine_gap_s = 0.0
        self._stop = threading.Event()

    @property
    def is_kept(self) -> bool:
        """Within the promise; what a loaded machine withholds from a bystander is not the kiosk's fault."""
        return self.loop_gap_s <= PROMISED_S + self.machine_gap_s

    def __str__(self) -> str:
        loop_ms, machine_ms = self.loop_gap_s * 1000, self.machine_gap_s * 1000
        return f"largest gap of the loop {loop_ms:.0f} ms, of a bystander {machine_ms:.0f} ms"

    async def __aenter__(self) -> Ticking:
        self._thread = threading.Thread(target=self._stand_by, daemon=True)
        self._thread.start()
        self._task = asyncio.create_task(self._tick())
        await asyncio.sleep(0)  # the first tick is timed before anything else happens
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        self._stop.set()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _tick(self) -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            self.loop_gap_s, before = max(self.loop_gap_s, now - before - _TICK_S), now

    def _stand_by(self) -> None:
        before = time.monotonic()
        while not self._stop.wait(_TICK_S):
            now = time.monotonic()
            self.machine_gap_s, before = max(self.machine_gap_s, now - before - _TICK_S), now
