"""kill -9 at any moment: nothing that was acknowledged is lost, and record, event and audit line stay together."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk.store.kiosk_store import KioskStore, open_database
from tests.unit.kiosk_core.kiosk_home import A_DAY, join_kiosk

ROOT = Path(__file__).resolve().parents[3]


def kill_while_writing(home: Path, after_s: float, mode: str) -> list[str]:
    """Numbers that were acknowledged before the kill."""
    command = [sys.executable, "-m", "tests.unit.kiosk_core.killed_writer", str(home), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        time.sleep(after_s)
        process.kill()
        return [first, *process.stdout.read().split()]


def recorded(home: Path) -> set[str]:
    store = KioskStore(open_database(home), time_source=lambda: A_DAY)
    events = store.outbox.waiting(limit=1_000_000)
    assert store.audit.verify() == len(events)
    for before, event in pairwise(events):
        assert event.body.previous_hash == before.body.hash_hex()
    numbers = {str(event.body.payload["number"]) for event in events}
    assert len(numbers) == len(events)
    store.close()
    return numbers


def campaign(home: Path, kills: int, mode: str) -> tuple[int, int]:
    """How many records were acknowledged, and how many of those are gone."""
    join_kiosk(home).close()
    chance, acknowledged = random.Random(7), set[str]()
    for _ in range(kills):
        acknowledged |= set(kill_while_writing(home, chance.uniform(0, 0.03), mode))
    return len(acknowledged), len(acknowledged - recorded(home))


def test_nothing_acknowledged_is_lost_by_a_kill_at_any_moment(tmp_path: Path) -> None:
    kills = 12
    total, lost = campaign(tmp_path, kills, "honest")
    assert lost == 0
    print(f"{kills} kills, {total} acknowledged, {lost} lost")  # noqa: T201  a zero is worth its N


def test_the_harness_finds_a_kiosk_that_says_saved_before_it_is(tmp_path: Path) -> None:
    # The planted bug; each kill finds it with a good chance, so the search ends at the first find.
    join_kiosk(tmp_path).close()
    for attempt in range(60):
        acknowledged = set(kill_while_writing(tmp_path, 0.002 * (attempt % 7), "early"))
        if acknowledged - recorded(tmp_path):
            return
    pytest.fail("the planted bug was not found")


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_in_a_long_campaign(tmp_path: Path) -> None:
    kills = 500
    total, lost = campaign(tmp_path, kills, "honest")
    assert lost == 0
    print(f"{kills} kills, {total} acknowledged, {lost} lost")  # noqa: T201
