"""The registry as a process of its own: started, joined over a real socket, killed, started again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from card_service.keys import SOFTHSM_MODULES
from central_api.__main__ import main
from central_api.audit.repository import list_heads
from central_api.database import Database
from central_api.sync.repository import count_events
from domain.events import EventKind, SignedEvent
from domain.messages import routes
from domain.messages.sync import EventVerdict, PushRequest
from tests.api.client import TestKiosk
from tests.api.conftest import AREA

pytestmark = pytest.mark.skipif(
    not any(module.is_file() for module in SOFTHSM_MODULES),
    reason="SoftHSM2 is not installed (Debian: apt install softhsm2)",
)
READY_S = 90.0
KILLS = 2
EVENTS = 12


@dataclass
class RunningRegistry:
    """The process, and where it answers."""

    process: subprocess.Popen[bytes]
    url: str


@contextmanager
def run_registry(home: Path) -> Iterator[RunningRegistry]:
    ready = home / "registry.json"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "central_api", "serve", "--home", str(home), "--sample", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name != "SINGLE_WINDOW_DATABASE_URL"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_S
        while not ready.exists():
            assert process.poll() is None, "the registry ended before it was ready"
            assert time.monotonic() < deadline, "the registry was not ready in time"
            time.sleep(0.05)
        yield RunningRegistry(process, json.loads(ready.read_text())["url"])
    finally:
        process.kill()
        process.wait()


def test_a_sample_registry_lets_a_kiosk_in_over_a_socket_and_ends_cleanly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    with run_registry(home) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        codes = json.loads((home / "sample.json").read_text())["one_time_codes"]
        kiosk = TestKiosk(client, lambda: datetime.now(UTC))
        answer = kiosk.join(codes[0], AREA)
        assert len(answer.terminal_chain) == 2
        bundle = kiosk.bundle()
        assert (len(bundle.programmes), len(bundle.areas)) == (10, 25)
        person = find_adult(home)
        assert main(["appoint", "--home", str(home), person, "officer"]) == 0
        assert capsys.readouterr().out == "OP001 officer\n"
        assert [operator.operator_id for operator in kiosk.bundle().operators] == ["OP001"]
        assert client.get(routes.AUDIT_VERIFICATION).json()["ok"]
        assert client.get("/console").status_code == 200
        assert main(["retire", "--home", str(home), kiosk.id]) == 0
        assert capsys.readouterr().out == f"{kiosk.id} out of service\n"
        assert kiosk.get(routes.BUNDLE).json()["code"] == "kiosk.retired"

        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(30) == 0
    assert not (home / "registry.json").exists()
    assert (home / "audit-anchors.jsonl").exists()
    assert main(["audit", "verify", "--home", str(home)]) == 0
    assert "whole: " in capsys.readouterr().out
    assert main(["appoint", "--home", str(home), "nobody", "officer"]) == 1
    assert main(["retire", "--home", str(home), "K999"]) == 1
    assert capsys.readouterr().err.count("err.not_found") == 2


def find_adult(home: Path) -> str:
    database = Database(f"sqlite:///{home / 'registry.sqlite'}")
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT person_id FROM memberships WHERE relationship = 'head' LIMIT 1")
        person: str = rows.scalar_one()
    database.close()
    return person


def test_events_pushed_into_a_registry_that_is_killed_are_there_once_after_sending_all_again(tmp_path: Path) -> None:
    home, dice = tmp_path / "home", random.Random(7)
    kiosk: TestKiosk | None = None
    pushed: list[SignedEvent] = []
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        with run_registry(home) as running, httpx.Client(base_url=running.url, timeout=30) as client:
            kiosk = kiosk or join(client, home)
            kiosk.client = client
            kiosk.push(*pushed)
            for _ in range(EVENTS):
                event = kiosk.make_event(EventKind.OPERATOR_LOGGED_IN, {})
                pushed.append(event)
                if dice.random() < 0.15:
                    break
                acknowledged |= {answer.event_id for answer in kiosk.push(event)}
            request = kiosk.request("POST", routes.SYNC_PUSH, PushRequest(kiosk_id=kiosk.id, events=tuple(pushed)))
            send_and_kill(running, client, request, after_s=dice.random() * 0.05)
    assert kiosk is not None
    with run_registry(home) as running, httpx.Client(base_url=running.url, timeout=30) as client:
        kiosk.client = client
        answers = kiosk.push(*pushed)
        assert {answer.verdict for answer in answers} <= {EventVerdict.ACCEPTED, EventVerdict.DUPLICATE}
        by_id = {answer.event_id: answer.verdict for answer in answers}
        assert {by_id[event_id] for event_id in acknowledged} == {EventVerdict.DUPLICATE}
        assert client.get(routes.AUDIT_VERIFICATION).json()["ok"]
    database = Database(f"sqlite:///{home / 'registry.sqlite'}")
    with database.read() as connection:
        assert count_events(connection) == len(pushed)
        assert list_heads(connection)["operators"].sequence == len(pushed)
    database.close()
    print(f"{KILLS} kills, {len(pushed)} events, {len(acknowledged)} acknowledged: 0 lost, 0 doubled")  # noqa: T201


def join(client: httpx.Client, home: Path) -> TestKiosk:
    kiosk = TestKiosk(client, lambda: datetime.now(UTC))
    kiosk.join(json.loads((home / "sample.json").read_text())["one_time_codes"][0], AREA)
    return kiosk


def send_and_kill(running: RunningRegistry, client: httpx.Client, request: httpx.Request, *, after_s: float) -> None:
    """Kills the registry while it works on the request, or just after."""
    killer = subprocess.Popen(["sh", "-c", f"sleep {after_s:.3f}; kill -9 {running.process.pid}"])
    try:
        client.send(request)
    except httpx.TransportError:
        pass
    finally:
        killer.wait()
        running.process.wait()
