"""A desk under faults, and stories told at it: each trial in a kiosk of its own."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from kiosk.card_watcher import CardWatcher
from kiosk.devices.failure import DeviceName
from tests.faults.pulls import ShakyReader
from tests.flows.desk_bench import Bench, _join, open_bench
from tests.flows.paper_registry import PaperRegistry

Result = TypeVar("Result")

_POLL_S = 0.002
#: Far beyond the longest story on a loaded machine; a trial that takes longer hangs.
HANGS_AFTER_S = 60.0


@dataclass
class ShakyDesk:
    """The bench with readers whose cards can be pulled at any command."""

    bench: Bench
    holder: ShakyReader
    officer: ShakyReader


@asynccontextmanager
async def open_desk(home: Path, registry: PaperRegistry | None = None) -> AsyncIterator[ShakyDesk]:
    """The kiosk of that folder. Opening the folder again is a restart."""
    async with open_bench(home, registry) as bench:
        work = bench.work
        desk = ShakyDesk(bench, ShakyReader(DeviceName.CARD_READER), ShakyReader(DeviceName.OFFICER_READER))
        work.holder_reader, work.officer_reader = desk.holder, desk.officer
        work.holder_watcher = CardWatcher(desk.holder, poll_s=_POLL_S)
        work.officer_watcher = CardWatcher(desk.officer, poll_s=_POLL_S)
        watching = [asyncio.create_task(each.run()) for each in (work.holder_watcher, work.officer_watcher)]
        try:
            yield desk
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            desk.holder.close()
            desk.officer.close()


def play(story: Callable[[ShakyDesk], Awaitable[Result]], home: Path, registry: PaperRegistry | None = None) -> Result:
    """What the story returns, told at the desk of that folder."""

    async def run() -> Result:
        async with open_desk(home, registry) as desk:
            return await asyncio.wait_for(story(desk), HANGS_AFTER_S)

    return asyncio.run(run())


@contextmanager
def fresh_home() -> Iterator[Path]:
    """The folder of a kiosk that has joined, for one trial, gone afterwards: hundreds would fill a disk."""
    home = folder()
    try:
        shutil.copytree(_joined_home(), home, dirs_exist_ok=True)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@cache
def _joined_home() -> Path:
    """Joined once for all trials of this process, which takes a third of a trial's time."""
    home = folder()
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    _join(home).close()
    return home


def folder() -> Path:
    """An empty folder for one trial."""
    return Path(tempfile.mkdtemp(prefix="sw-fault-"))
