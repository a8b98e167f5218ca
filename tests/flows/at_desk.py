"""Running a test's story on a desk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.flows.desk_bench import Bench, open_bench
from tests.flows.paper_registry import PaperRegistry

Story = Callable[[Bench], Awaitable[None]]


def at_desk(story: Story, home: Path, registry: PaperRegistry | None = None) -> None:
    """The story at a desk of that folder; the same folder again is the same kiosk started anew."""

    async def run() -> None:
        async with open_bench(home, registry) as bench:
            await asyncio.wait_for(story(bench), 60)

    asyncio.run(run())
