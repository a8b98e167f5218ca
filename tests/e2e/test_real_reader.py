"""Card sessions over pyscard, pcscd and vpcd, through the kiosk's own reader process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from card_service.connection import CardConnection
from card_service.errors import CardGone, CardSilent, NoCard
from card_service.verification import CardVerification, RevokedCards, verify_card
from domain.verification import Verdict
from hardware_sim.card.faults import CardFault, FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PcscUnavailable, PrivatePcscd
from kiosk.card_watcher import CardTakenAway, CardWatcher
from kiosk.devices import card_reader
from kiosk.devices.card_reader import RemoteCardReader
from kiosk.devices.failure import DeviceFailed, DeviceName
from kiosk.devices.worker import Worker, WorkerPlan
from kiosk.flows.serve_holder import serve_holder
from kiosk.screen_models.general import Notice
from kiosk.screen_models.services import ConfirmDelivery, Entitlements
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench
from tests.flows.scripted_ui import ScriptedUi, give, press
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import RICE, TODAY

pytestmark = pytest.mark.pcsc


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePcscd]:
    daemon = PrivatePcscd(tmp_path_factory.mktemp("p"))
    try:
        daemon.start()
    except PcscUnavailable as missing:
        pytest.skip(str(missing))
    with daemon:
        yield daemon


@pytest.fixture
def reader(pcscd: PrivatePcscd) -> Iterator[RemoteCardReader]:
    if not pcscd.is_running:
        pcscd.start()
    pcscd.slot(0).remove()
    plan = WorkerPlan(
        DeviceName.CARD_READER,
        "kiosk.devices.servants.card_reader_servant:make",
        {"reader": pcscd.reader_names[0]},
        {"PCSCLITE_CSOCK_NAME": str(pcscd.socket_path)},
    )
    worker = Worker(plan)
    made = RemoteCardReader(worker)
    yield made
    made.close()
    worker.close()
    pcscd.slot(0).remove()


def verify(connection: CardConnection) -> CardVerification:
    return verify_card(connection, desk.REGISTRY.anchors, on=TODAY, revoked=RevokedCards())


async def until_present(reader: RemoteCardReader, *, wanted: bool = True) -> None:
    while await reader.is_card_present() is not wanted:
        await asyncio.sleep(0.01)


def play(story: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await asyncio.wait_for(story(), 60)

    asyncio.run(run())


def test_a_card_is_verified_through_the_process(pcscd: PrivatePcscd, reader: RemoteCardReader) -> None:
    async def story() -> None:
        await until_present(reader, wanted=False)
        pcscd.slot(0).insert(desk.active_card())
        await until_present(reader)
        result = await reader.run(verify)
        assert result.verdict is Verdict.VERIFIED

    play(story)


def test_no_card_is_said_as_no_card(reader: RemoteCardReader) -> None:
    async def story() -> None:
        await until_present(reader, wanted=False)
        with pytest.raises(NoCard):
            await reader.run(verify)

    play(story)


def test_a_silent_card_is_left_at_the_deadline_and_the_reader_serves_on(
    pcscd: PrivatePcscd, reader: RemoteCardReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The deadline is shortened: six seconds would only make the test slower.
    monkeypatch.setattr(card_reader, "_TRANSMIT_S", 0.7)

    async def story() -> None:
        silent = desk.active_card()
        pcscd.slot(0).insert(silent)
        await until_present(reader)
        assert (await reader.run(verify)).verdict is Verdict.VERIFIED
        silent.faults.restart_counting()
        silent.faults.order(CardFault(FaultKind.SILENT, at_command=4))
        began, gaps = time.monotonic(), Gaps()
        async with gaps:
            with pytest.raises(CardSilent):
                await reader.run(
                    lambda connection: [connection.transmit(bytes.fromhex("00CA011000")) for _ in range(9)]
                )
        assert time.monotonic() - began < 3.0
        assert gaps.longest_s < 0.25
        pcscd.slot(0).remove()
        pcscd.slot(0).insert(desk.active_card())
        while not (await _try_verify(reader)):
            await asyncio.sleep(0.05)
        assert time.monotonic() - began < 20

    play(story)


async def _try_verify(reader: RemoteCardReader) -> bool:
    try:
        return (await reader.run(verify)).verdict is Verdict.VERIFIED
    except (NoCard, CardGone, CardSilent, DeviceFailed):
        return False


class Gaps:
    """The longest time the event loop did not turn."""

    longest_s = 0.0

    async def __aenter__(self) -> Gaps:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            self.longest_s, before = max(self.longest_s, now - before - 0.005), now


def test_a_card_pulled_out_mid_session_ends_the_work_as_taken_away(
    pcscd: PrivatePcscd, reader: RemoteCardReader
) -> None:
    async def story() -> None:
        pcscd.slot(0).insert(desk.active_card())
        watcher = CardWatcher(reader, poll_s=0.02)
        watching = asyncio.create_task(watcher.run())
        await watcher.wait_present()
        work = asyncio.create_task(watcher.while_present(asyncio.sleep(3600)))
        await asyncio.sleep(0.05)
        pcscd.slot(0).remove()
        with pytest.raises(CardTakenAway):
            await work
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    play(story)


def test_an_old_connection_never_talks_to_the_next_card(pcscd: PrivatePcscd, reader: RemoteCardReader) -> None:
    async def story() -> None:
        pcscd.slot(0).insert(desk.active_card())
        await until_present(reader)
        kept: list[CardConnection] = []
        await reader.keep(kept.append)
        pcscd.slot(0).remove()
        await until_present(reader, wanted=False)
        pcscd.slot(0).insert(VirtualCard.blank())
        await until_present(reader)
        await reader.keep(kept.append)
        with pytest.raises(CardGone):
            await reader.proceed(lambda: kept[0].transmit(bytes.fromhex("00CA011000")))
        answer = await reader.proceed(lambda: kept[1].transmit(bytes.fromhex("00CA011000")))
        assert answer.endswith(b"\x90\x00")

    play(story)


def test_readers_unplugged_and_plugged_in_again_work_without_a_restart(
    pcscd: PrivatePcscd, reader: RemoteCardReader
) -> None:
    async def story() -> None:
        watcher = CardWatcher(reader, poll_s=0.02)
        watching = asyncio.create_task(watcher.run())
        for _ in range(3):
            pcscd.kill()
            while watcher.failure is None:
                await asyncio.sleep(0.02)
            pcscd.start()
            pcscd.slot(0).insert(desk.active_card())
            await watcher.wait_present()
            assert (await reader.run(verify)).verdict is Verdict.VERIFIED
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    play(story)


def test_a_visit_on_the_real_path_gives_the_ration_once(
    pcscd: PrivatePcscd, reader: RemoteCardReader, tmp_path: Path
) -> None:
    card = desk.active_card()

    async def visit(bench: Bench) -> None:
        work = bench.work
        work.holder_reader = reader
        work.holder_watcher = CardWatcher(reader, poll_s=0.02)
        bench.tasks.append(asyncio.create_task(work.holder_watcher.run()))
        pcscd.slot(0).insert(card)
        await work.holder_watcher.wait_present()
        bench.fingers.queue = ["holder"]
        take = give(Entitlements, "take", RICE)
        ui = ScriptedUi(
            take,
            press(ConfirmDelivery, "confirm"),
            press(Notice, "ok", "serve.handed_over"),
            take,
            press(Notice, "ok", "denial.title"),
            press(Entitlements, "done"),
        )
        await serve_holder(work, ui)
        assert [delivery.units for _, delivery in bench.store.deliveries.all()] == [35]

    at_desk(visit, tmp_path)
