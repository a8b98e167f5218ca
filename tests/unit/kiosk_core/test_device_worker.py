"""A device process never holds its caller, and always comes back."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.devices.failure import DeviceFailed, DeviceName, FailureReason, WorkerAnswer
from kiosk.devices.worker import Worker, WorkerPlan

SERVANT = "tests.unit.kiosk_core.strange_servant:make"


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "unplugged"


@pytest.fixture
def worker(marker: Path) -> Iterator[Worker]:
    made = Worker(WorkerPlan(DeviceName.FINGERPRINT, SERVANT, {"marker": str(marker)}))
    yield made
    made.close()


def test_values_of_every_kind_come_back_as_they_were_sent(worker: Worker) -> None:
    value = {"a": [1, 2.5, True, None, "ऊँ", b"\x00\xff"]}
    assert worker.call_blocking("echo", {"value": value}, deadline_s=5) == value


def test_a_silent_device_is_killed_at_its_deadline_and_started_anew(worker: Worker) -> None:
    first = worker.call_blocking("pid", deadline_s=5)
    began = time.monotonic()
    with pytest.raises(DeviceFailed) as failure:
        worker.call_blocking("hang", deadline_s=0.2)
    assert time.monotonic() - began < 2.0
    assert failure.value.reason is FailureReason.SILENT
    assert not worker.health.is_working
    assert worker.call_blocking("pid", deadline_s=5) != first
    assert worker.health.is_working
    with pytest.raises(ProcessLookupError):
        _wait_gone(int(str(first)))


def _wait_gone(pid: int) -> None:
    for _ in range(200):
        os.kill(pid, 0)
        time.sleep(0.01)


def test_a_process_that_dies_is_reported_and_started_anew(worker: Worker) -> None:
    worker.call_blocking("pid", deadline_s=5)
    with pytest.raises(DeviceFailed) as failure:
        worker.call_blocking("die", deadline_s=5)
    assert failure.value.reason is FailureReason.CRASHED
    assert worker.call_blocking("echo", {"value": 1}, deadline_s=5) == 1


def test_a_device_plugged_in_again_works_without_a_restart(worker: Worker, marker: Path) -> None:
    for _ in range(5):
        marker.touch()
        with pytest.raises(DeviceFailed) as failure:
            worker.call_blocking("unplugged_while_marked", deadline_s=5)
        assert failure.value.reason is FailureReason.UNPLUGGED
        marker.unlink()
        assert worker.call_blocking("unplugged_while_marked", deadline_s=5) is True
    assert worker.starts == 1


def test_an_error_that_the_device_names_keeps_its_code(worker: Worker) -> None:
    with pytest.raises(WorkerAnswer) as answer:
        worker.call_blocking("refuse", deadline_s=5)
    assert answer.value.answered_code == "odd.refusal"
    assert answer.value.params == {"left": 2}


@pytest.mark.parametrize("method", ["throw", "huge"])
def test_whatever_a_driver_throws_becomes_a_crash_without_its_text(worker: Worker, method: str) -> None:
    with pytest.raises(DeviceFailed) as failure:
        worker.call_blocking(method, deadline_s=10)
    assert failure.value.reason is FailureReason.CRASHED
    assert "secret" not in str(failure.value)
    assert worker.call_blocking("echo", {"value": 1}, deadline_s=5) == 1


def test_the_loop_runs_on_while_a_device_hangs(worker: Worker) -> None:
    async def longest_gap_s() -> float:
        await worker.call("pid", deadline_s=5)
        hanging = asyncio.create_task(worker.call("hang", deadline_s=0.5))
        longest, before = 0.0, time.monotonic()
        while not hanging.done():
            await asyncio.sleep(0.005)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        assert isinstance(hanging.exception(), DeviceFailed)
        return longest

    assert asyncio.run(longest_gap_s()) < 0.25


def test_a_cancelled_call_stops_early_and_the_same_process_serves_on(worker: Worker) -> None:
    async def cancel() -> float:
        await worker.call("pid", deadline_s=5)
        waiting = asyncio.create_task(worker.call("wait", deadline_s=30))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await worker.call("echo", {"value": 1}, deadline_s=5)
        return time.monotonic() - began

    assert asyncio.run(cancel()) < 1.0
    assert worker.starts == 1


def test_a_call_cancelled_while_it_queues_leaves_the_running_one_alone(worker: Worker) -> None:
    async def cancel() -> object:
        await worker.call("pid", deadline_s=5)
        running = asyncio.create_task(worker.call("wait", {"timeout_s": 0.4}, deadline_s=5))
        await asyncio.sleep(0.05)
        queued = asyncio.create_task(worker.call("echo", {"value": 1}, deadline_s=5))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        queued.cancel()
        await asyncio.gather(queued, return_exceptions=True)
        await running
        return time.monotonic() - began

    assert asyncio.run(cancel()) > 0.2
    assert worker.starts == 1


def test_a_closed_worker_says_so(worker: Worker) -> None:
    worker.close()
    with pytest.raises(DeviceFailed):
        worker.call_blocking("echo", {"value": 1}, deadline_s=1)
