"""A desk is locked by its officer, by nobody being there, or by missed fingers; only card and finger open it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from domain.card_number import make_card_number
from domain.desk_lock import LockReason
from domain.desk_policy import DeskPolicy
from domain.ids import OperatorId, PersonId
from domain.messages.kiosks import KioskBundle, OperatorEntry, Role, SignedBundle
from domain.people import PersonName
from kiosk.flows.desk import run_desk
from kiosk.flows.duty import find_lock, lock_desk
from kiosk.flows.serve_holder import serve_holder
from kiosk.screen_models.general import Attract, Choice, Notice
from kiosk.screen_models.people import FaceComparison
from kiosk.screen_models.services import DeviceHealth, Entitlements, OfficerHome
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import NOW, OFFICER, Bench, make_bundle, officer_card
from tests.flows.scripted_ui import ScriptedUi, Step, give, press, touch
from tests.flows.test_desk_rest import Person, _until, play, rests
from tests.unit.card_service_terminal import desk
from tests.unit.kiosk_core.kiosk_home import REGISTRY_KEY

ELSE = OperatorId("HH-0002")
NO_WAIT = DeskPolicy(lock_after_s=10)


def bundle_with(
    number: int,
    *,
    role: Role = Role.OFFICER,
    is_active: bool = True,
    age: timedelta = timedelta(),
    policy: DeskPolicy = NO_WAIT,
    person_id: str | None = None,
    others: Sequence[OperatorEntry] = (),
) -> SignedBundle:
    """The bench's bundle with another word on its operator."""
    made = make_bundle(number)
    bundle = KioskBundle.model_validate_json(made.bundle_json)
    (officer,) = bundle.operators
    changes = {"role": role, "is_active": is_active, "person_id": None if person_id is None else PersonId(person_id)}
    operators = (officer.model_copy(update=changes), *others)
    bundle = bundle.model_copy(
        update={"operators": operators, "issued_at": NOW - age, "settings": policy.to_settings()}
    )
    text = bundle.model_dump_json()
    return SignedBundle(bundle_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())


def take(bench: Bench, signed: SignedBundle) -> None:
    with bench.store.database.transaction():
        bench.store.bundles.accept(signed)


def a_supervisor() -> OperatorEntry:
    return OperatorEntry(
        operator_id=ELSE,
        name=PersonName(latin="Somebody", local="Somebody"),
        role=Role.SUPERVISOR,
        card_number=make_card_number(b"other"),
        card_key=None,
        is_active=True,
    )


def last(ui: ScriptedUi) -> object:
    return ui.seen[-1]


def test_the_officer_locks_the_desk_and_only_card_and_finger_open_it_also_after_a_restart(tmp_path: Path) -> None:
    async def lock(bench: Bench, ui: Person) -> None:
        await _until(lambda: bool(ui.seen))
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        kept = find_lock(bench.work)
        assert kept is not None
        assert (kept.operator_id, kept.reason, bench.work.officer) == (OFFICER, LockReason.BY_HAND, None)
        assert isinstance(ui.seen[-1], Attract)
        assert ui.seen[-1].actions[-1].icon == "lock"

    async def unlock(bench: Bench, ui: Person) -> None:
        await _until(lambda: bool(ui.seen))
        assert find_lock(bench.work) is not None
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        assert find_lock(bench.work) is None
        assert bench.kinds() == ["operator.logged_in", "desk.locked", "desk.unlocked", "operator.logged_in"]

    play(tmp_path, [touch(OfficerHome, "lock")], lock)
    play(tmp_path, [touch(OfficerHome, "back")], unlock)


def test_a_desk_locked_by_somebody_else_opens_for_a_supervisor_who_is_recorded(tmp_path: Path) -> None:
    async def refused(bench: Bench, ui: Person) -> None:
        lock_desk(bench.work, ELSE, LockReason.IDLE)
        await _until(lambda: bool(ui.seen))
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        assert find_lock(bench.work) is not None
        assert bench.work.officer is None
        assert bench.kinds() == ["desk.locked"]

    async def opened(bench: Bench, ui: Person) -> None:
        take(bench, bundle_with(2, role=Role.SUPERVISOR))
        await _until(lambda: bool(ui.seen))
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        unlocked = bench.store.outbox.waiting(limit=9)[1].body
        assert (unlocked.kind, unlocked.operator_id) == ("desk.unlocked", OFFICER)
        assert unlocked.payload["unlocked_as"] == "supervisor"

    play(tmp_path, [press(Notice, "ok", "login.refused")], refused)
    play(tmp_path, [touch(OfficerHome, "back")], opened)


def test_missed_fingers_lock_the_desk_for_its_own_operator_too_and_people_are_still_served(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        take(bench, bundle_with(2, others=[a_supervisor()]))
        for _ in range(3):
            bench.fingers.queue = ["stranger"] * 3
            await bench.insert_officer(officer_card())
            await _until(lambda: not bench.fingers.queue and isinstance(last(ui), Attract))
            bench.officer.card = None
            await bench.work.officer_watcher.wait_absent()
        lock = find_lock(bench.work)
        assert lock is not None
        assert (lock.reason, lock.operator_id) == (LockReason.MISSES, OFFICER)
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: not bench.fingers.queue and isinstance(last(ui), Attract))
        assert bench.work.officer is None
        bench.fingers.queue = ["holder"]
        await bench.insert(desk.active_card())
        await _until(lambda: any(isinstance(screen, Entitlements) for screen in ui.seen))
        await bench.take()

    refused = press(Notice, "ok", "login.refused")
    play(tmp_path, [refused] * 4 + [press(Entitlements, "done")], story)


def test_a_session_nobody_uses_is_locked_and_its_work_is_kept(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        take(bench, bundle_with(2))
        loop = asyncio.get_running_loop()
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: isinstance(last(ui), OfficerHome))
        start, real = loop.time(), loop.time
        # Patched: ten idle seconds would have to be waited for; only the clock of the loop is moved.
        loop.time = lambda: real() + 11  # type: ignore[method-assign]
        try:
            await _until(lambda: rests(ui))
        finally:
            loop.time = real  # type: ignore[method-assign]
        assert loop.time() - start < 10
        lock = find_lock(bench.work)
        assert lock is not None
        assert lock.reason is LockReason.IDLE

    play(tmp_path, [], story)


def test_an_operator_taken_off_the_list_is_out_at_once_in_the_middle_of_a_screen(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: isinstance(last(ui), DeviceHealth))
        take(bench, bundle_with(2, is_active=False))
        await _until(lambda: rests(ui))
        assert bench.work.officer is None
        bench.officer.card = None
        await bench.work.officer_watcher.wait_absent()

    class Staring(Person):
        """Looks at the devices and touches nothing more."""

        async def ask(self, screen: object) -> object:  # type: ignore[override]
            if isinstance(screen, DeviceHealth):
                self.show(screen)
                await asyncio.sleep(3600)
            return await super().ask(screen)

    async def run(bench: Bench) -> None:
        ui = Staring(touch(OfficerHome, "devices"), press(Notice, "ok", "duty.ended"))
        running = asyncio.create_task(run_desk(bench.work, ui))
        try:
            await story(bench, ui)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    at_desk(run, tmp_path)


def test_an_operator_taken_off_the_list_is_off_duty_at_rest_too(tmp_path: Path) -> None:
    async def story(bench: Bench, ui: Person) -> None:
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        assert bench.work.officer is not None
        take(bench, bundle_with(2, is_active=False))
        await _until(lambda: bench.work.officer is None)

    play(tmp_path, [touch(OfficerHome, "back")], story)


def test_an_old_list_is_warned_of_and_then_lets_no_officer_in_while_people_are_served(tmp_path: Path) -> None:
    async def ageing(bench: Bench, ui: Person) -> None:
        take(bench, bundle_with(2, age=timedelta(days=6)))
        bench.fingers.queue = ["holder"]
        await bench.insert_officer(officer_card())
        await _until(lambda: rests(ui))
        warned = next(screen for screen in ui.seen if screen.title.key == "login.go_online")
        assert isinstance(warned, Notice)
        assert warned.body.params["count"] == 1

    async def over(bench: Bench, ui: Person) -> None:
        take(bench, bundle_with(3, age=timedelta(days=7)))
        await bench.insert_officer(officer_card())
        await _until(lambda: any(screen.title.key == "login.refused" for screen in ui.seen))
        bench.fingers.queue = ["holder"]
        await bench.insert(desk.active_card())
        await _until(lambda: any(isinstance(screen, Entitlements) for screen in ui.seen))
        await bench.take()

    play(tmp_path, [press(Notice, "ok", "login.go_online"), touch(OfficerHome, "back")], ageing)
    play(tmp_path, [press(Notice, "ok", "login.refused"), press(Entitlements, "done")], over)


def test_worn_fingers_are_served_by_an_officer_also_from_an_old_list_but_not_by_one_of_the_family(
    tmp_path: Path,
) -> None:
    async def visit(bench: Bench, person_id: str | None, *answers: Step) -> list[str]:
        take(bench, bundle_with(2, age=timedelta(days=30), person_id=person_id))
        ui = ScriptedUi(give(Choice, "choose", "1", "face.title"), *answers)
        await bench.insert(desk.active_card())
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["bad"] * 6 + ["holder"]
        await serve_holder(bench.work, ui)
        assert ui.is_done
        return bench.kinds()

    async def other(bench: Bench) -> None:
        kinds = await visit(bench, "P-elsewhere", touch(FaceComparison, "same"), press(Entitlements, "done"))
        assert kinds == ["fingers.tried"], "what an officer answered for is learnt from"

    async def cousin(bench: Bench) -> None:
        card = desk.check(desk.active_card()).card
        assert card is not None
        own = card.details.members[1].person_id
        denied = (press(Notice, "ok", "face.title"), press(Notice, "ok", "denial.title"))
        assert await visit(bench, own, *denied) == ["denial.recorded", "grievance.lodged"]

    at_desk(other, tmp_path / "other")
    at_desk(cousin, tmp_path / "cousin")
