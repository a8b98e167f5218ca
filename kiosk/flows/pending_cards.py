"""Cards whose last word to the registry did not get through: told again as soon as it can be reached."""

from __future__ import annotations

import asyncio
import contextlib

from kiosk.flows.card_activation import CardNotActive, report_active
from kiosk.flows.statement_renewal import fetch_statements
from kiosk.flows.workplace import Workplace
from kiosk.registry_client import RegistryOutOfOrder, RegistryRefused, RegistryUnreachable
from kiosk.store.card_job import CardJobStep

_PAUSE_S = 15.0


async def finish_pending_cards(work: Workplace) -> None:
    """For ever; cancel to stop."""
    while True:
        await asyncio.sleep(_PAUSE_S)
        if work.sync.state.is_online:
            await report_proved_cards(work)
            with contextlib.suppress(RegistryUnreachable, RegistryOutOfOrder, RegistryRefused):
                await fetch_statements(work)


async def report_proved_cards(work: Workplace) -> int:
    """Sends every proof of activation that waits; how many the registry took."""
    taken = 0
    for _, job in work.store.card_jobs.all():
        if job.step is not CardJobStep.PROVED:
            continue
        try:
            await report_active(work, job)
        except (RegistryUnreachable, RegistryOutOfOrder, RegistryRefused, CardNotActive):
            # Stays where it is, in sight on the officer's screen.
            continue
        taken += 1
    return taken
