"""A device and a person at once: whichever answers first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TypeVar

from domain.errors import ProjectError
from kiosk.ui import Answer, Ui

Result = TypeVar("Result")


async def answer_or(ui: Ui, work: Coroutine[object, None, Result]) -> Answer | Result:
    """The touch on the screen shown now, or the result of the work; the other one is cancelled."""
    touch = asyncio.create_task(ui.answer())
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({touch, task}, return_when=asyncio.FIRST_COMPLETED)
        return touch.result() if touch.done() and not task.done() else await task
    finally:
        for each in (touch, task):
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError, ProjectError):
                await each
