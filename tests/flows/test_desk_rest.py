"""The resting screen: what begins there, and that every visit ends there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.flows.desk import run_desk
from kiosk.screen_models.general import Attract, Choice, Notice
from kiosk.screen_models.people import FingerCapture
from kiosk.screen_models.services import DeviceHealth, Entitlements, OfficerHome, OutboxView
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench, officer_card
from tests.flows.scripted_ui import ScriptedUi, Step, give, press, touch
from tests.unit.card_service_terminal import desk


async def _until(ready: Callable[[], bool]) -> None:
    while not ready():
        await asyncio.sleep(0.003)


class Person(ScriptedUi):
    """At the resting screen only the next step of the script is touched; otherwise the screen just rests."""

    async def ask(self, screen: object) -> object:  # type: ignore[override]
        if isinstance(screen, Attract):
            self.show(screen)
            await _until(lambda: bool(self._steps) and self._steps[0].screen is Attract)
            return self._steps.pop(0).answer
        return await super().ask(screen)  # type: ignore[arg-type]


def rests(ui: ScriptedUi) -> bool:
    return ui.is_done and isinstance(ui.seen[-1], Attract)


def play(home: Path, script: list[Step], story: Callable[[Bench, Person], object]) -> None:
    async def visit(bench: Bench) -> None:
        ui = Person(*script)
        running = asyncio.create_task(run_desk(bench.work, ui))
        try:
            await story(bench, ui)  # type: ignore[misc]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    at_desk(visit, home)


def test_a_card_begins_a_visit_and_taking_it_ends_it(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: bool(ui.seen))
        bench.fingers.queue = ["holder"]
        await bench.insert(desk.active_card())
        await _until(lambda: any(s.title.key == "desk.take_card" for s in ui.seen))
        await bench.take()
        await _until(lambda: rests(ui))

    play(tmp_path, [press(Entitlements, "done")], story)


def test_a_card_pulled_out_in_the_middle_leads_back_to_rest(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        await bench.insert(desk.active_card())
        await _until(lambda: any(isinstance(s, FingerCapture) for s in ui.seen))
        await bench.take()
        await _until(lambda: rests(ui))

    play(tmp_path, [press(Notice, "ok", "desk.ended")], story)


def test_staff_come_in_by_card_and_finger_and_go_out_again(tmp_path: Path) -> None:
    script = [
        press(Attract, "staff"),
        touch(OfficerHome, "devices"),
        press(DeviceHealth, "back"),
        touch(OfficerHome, "outbox"),
        press(OutboxView, "send"),
        press(OutboxView, "back"),
        touch(OfficerHome, "logout"),
    ]

    async def story(bench: Bench, ui: Person) -> None:
        bench.fingers.queue = ["holder"]
        await _until(lambda: any(s.title.key == "login.title" for s in ui.seen))
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        # The officer's card may stay in its reader; it begins nothing by itself.
        await asyncio.sleep(0.03)
        assert rests(ui)
        assert bench.work.officer is None
        assert len(bench.registry.events) == 1

    play(tmp_path, script, story)


def test_an_officers_card_put_in_at_rest_begins_the_login(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: bool(ui.seen))
        bench.fingers.queue = ["bad", "holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: any(isinstance(s, OfficerHome) for s in ui.seen))
        assert bench.work.officer is not None

    play(tmp_path, [], story)


@pytest.mark.parametrize("finger", ["stranger", "spouse"])
def test_another_finger_than_the_officers_lets_nobody_in(tmp_path: Path, finger: str) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: bool(ui.seen))
        bench.fingers.queue = [finger] * 3
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        assert bench.work.officer is None
        assert bench.kinds() == []

    play(tmp_path, [press(Notice, "ok", "login.refused")], story)


def test_a_households_card_in_the_officers_reader_lets_nobody_in(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: bool(ui.seen))
        await bench.insert_officer(desk.active_card())
        await _until(lambda: rests(ui))
        assert bench.work.officer is None

    play(tmp_path, [press(Notice, "ok", "login.refused")], story)


def test_a_complaint_needs_no_card_and_gives_a_number_on_paper(tmp_path: Path) -> None:
    script = [
        press(Attract, "complaint"),
        give(Choice, "choose", "money_asked"),
        give(Choice, "choose", "RICE"),
        press(Notice, "send", "grievance.title"),
        press(Notice, "ok", "grievance.title"),
    ]

    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: rests(ui))
        assert bench.kinds() == ["grievance.lodged"]
        assert bench.artist.slips[0].reference == "G-K-TEST-1-26-0001"

    play(tmp_path, script, story)


def test_the_language_changes_what_is_shown_from_now_on(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: rests(ui))
        assert ui.language == "hi"

    play(tmp_path, [press(Attract, "language"), give(Choice, "choose", "hi")], story)


def test_a_fault_of_ours_does_not_close_the_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A mock because the fault planted here must not exist in the product.
    def fault(*_: object) -> None:
        raise ZeroDivisionError("with a name in it")

    monkeypatch.setattr("kiosk.flows.desk.choose_language", fault)

    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: rests(ui))

    play(tmp_path, [press(Attract, "language"), press(Notice, "ok", "desk.trouble")], story)


def test_losing_the_network_shows_at_rest(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        await _until(lambda: bool(ui.seen))
        assert bench.work.sync.state.is_online is False
        await bench.work.sync.sync_now()
        await _until(lambda: isinstance(ui.seen[-1], Attract) and ui.seen[-1].is_online)

    play(tmp_path, [], story)


def test_whoever_has_only_a_paper_shows_it_from_the_resting_screen_and_gets_a_verdict(tmp_path: Path) -> None:
    script = [press(Attract, "paper"), press(Notice, "stop", "paper.could_not_check")]

    async def story(bench: Bench, ui: Person) -> None:
        bench.camera.papers = [None, "no code of ours"]
        await _until(lambda: any(s.title.key == "paper.could_not_check" for s in ui.seen))
        await _until(lambda: rests(ui))
        assert bench.store.deliveries.all() == []

    play(tmp_path, script, story)


def test_the_officer_reads_how_old_the_list_is_among_the_devices_and_on_the_first_screen(tmp_path: Path) -> None:
    script = [press(Attract, "staff"), touch(OfficerHome, "devices"), press(DeviceHealth, "back")]

    async def story(bench: Bench, ui: Person) -> None:
        bench.fingers.queue = ["holder"]
        await _until(lambda: any(s.title.key == "login.title" for s in ui.seen))
        await bench.insert_officer(officer_card())
        await _until(lambda: any(isinstance(s, DeviceHealth) for s in ui.seen))
        health = next(s for s in ui.seen if isinstance(s, DeviceHealth))
        assert [row.detail.key for row in health.rows if row.name.key == "devices.list"] == ["revocations.today"]
        (gallery,) = [row for row in health.rows if row.name.key == "devices.gallery"]
        assert (gallery.detail.key, gallery.is_working) == ("gallery.holds", True)
        home = next(s for s in ui.seen if isinstance(s, OfficerHome))
        assert [note.key for note in home.notes] == ["revocations.today"]

    play(tmp_path, script, story)
