"""A card issued on the spot, cut off at every step, and never a half one in the world."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from card_service.connection import CardConnection
from card_service.countersigned import activation_hash
from card_service.errors import CardGone
from card_service.officer_card import verify_countersignature
from domain.cards import CardProfile
from domain.ids import HouseholdId, OperatorId
from domain.verification import Verdict, VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.devices.failure import FailureReason
from kiosk.devices.ports import FaceAdvice
from kiosk.flows.issue_card import issue_card
from kiosk.flows.pending_cards import report_proved_cards
from kiosk.screen_models.general import Notice
from kiosk.screen_models.people import FaceComparison, FingerCapture
from kiosk.store.card_job import CardHolder, CardJobStep
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import ENROLMENT_KEY, Bench, make_bundle, officer_card
from tests.flows.fake_devices import FakeFaces
from tests.flows.paper_registry import PaperRegistry
from tests.flows.paper_stock import stock_blank
from tests.flows.scripted_ui import ScriptedUi, press, touch
from tests.unit.card_service_terminal import desk

HOUSEHOLD = CardHolder(household_id=HouseholdId("HH-0001"))
DONE = press(Notice, "ok", "issue.done_title")
AGAIN = press(Notice, "retry", "issue.problem")
STOP = press(Notice, "stop", "issue.problem")


class Pulled(Exception):
    """The kiosk is killed here."""


def works(card: VirtualCard) -> bool:
    return desk.check(card).verdict is Verdict.VERIFIED


async def _seat(bench: Bench, card: VirtualCard) -> None:
    await bench.insert(card)
    await bench.insert_officer(officer_card())
    bench.fingers.queue = ["holder", "holder", "holder", "holder"]


def test_a_blank_card_becomes_an_active_one(tmp_path: Path) -> None:
    card, registry = stock_blank(), PaperRegistry(ENROLMENT_KEY)

    async def visit(bench: Bench) -> None:
        await _seat(bench, card)
        ui = ScriptedUi(DONE)
        number = await issue_card(bench.work, ui, HOUSEHOLD)
        assert number in registry.active
        assert bench.cards.printed == [number]
        assert bench.store.card_jobs.all() == []
        (request,) = registry.activations
        assert (request.holder_person_id, request.holder_verified_by) == ("P-1", VerifiedBy.FINGER)
        signed = activation_hash(request.card_number, bytes.fromhex(request.readback_digest_hex))
        key = bench.store.bundles.current.operators[0].card_key
        assert key is not None
        assert verify_countersignature(signed, bytes.fromhex(request.countersignature_hex), key)
        shares = [getattr(screen, "share_done", None) for screen in ui.seen]
        rising = [share for share in shares if share is not None]
        assert len(rising) > 5

    at_desk(visit, tmp_path, registry)
    assert works(card)


class TornConnection:
    """The card is pulled out before, or just after, its n-th command."""

    def __init__(self, inner: CardConnection, left: list[int], *, after: bool) -> None:
        self._inner = inner
        self._left = left
        self._after = after

    @property
    def atr(self) -> bytes:
        return self._inner.atr

    def transmit(self, apdu: bytes) -> bytes:
        self._left[0] -= 1
        if self._left[0] == 0 and not self._after:
            raise CardGone("pulled before")
        answer = self._inner.transmit(apdu)
        if self._left[0] == 0:
            raise CardGone("pulled after")
        return answer

    def close(self) -> None:
        self._inner.close()


def _tearing(at: int, *, after: bool) -> Callable[[CardConnection], CardConnection]:
    left = [at]
    return lambda inner: TornConnection(inner, left, after=after)


def count_commands(tmp_path: Path) -> int:
    counted: list[bytes] = []

    async def visit(bench: Bench) -> None:
        def count(inner: CardConnection) -> CardConnection:
            send = inner.transmit

            def transmit(apdu: bytes) -> bytes:
                counted.append(apdu)
                return send(apdu)

            inner.transmit = transmit  # type: ignore[method-assign]
            return inner

        bench.holder.wrap = count
        await _seat(bench, stock_blank())
        await issue_card(bench.work, ScriptedUi(DONE), HOUSEHOLD)

    at_desk(visit, tmp_path)
    return len(counted)


@pytest.mark.parametrize("after", [False, True])
def test_a_card_pulled_out_at_any_command_is_finished_when_it_comes_back(tmp_path: Path, after: bool) -> None:
    commands = count_commands(tmp_path / "count")
    trials = list(range(1, commands + 1, 7))
    for at in trials:
        card, registry = stock_blank(), PaperRegistry(ENROLMENT_KEY)

        async def visit(
            bench: Bench, card: VirtualCard = card, registry: PaperRegistry = registry, at: int = at
        ) -> None:
            bench.holder.wrap = _tearing(at, after=after)
            await _seat(bench, card)
            ui = ScriptedUi(AGAIN, DONE)
            number = await issue_card(bench.work, ui, HOUSEHOLD)
            assert number in registry.active, at
            assert bench.store.card_jobs.all() == []

        at_desk(visit, tmp_path / f"{after}-{at}", registry)
        assert works(card), at
    print(f"{len(trials)} of {commands} commands torn, every card finished")  # noqa: T201  a zero is worth its N


@pytest.mark.parametrize("step", [s for s in CardJobStep if s < CardJobStep.ACTIVE])
def test_a_kiosk_killed_after_any_step_goes_on_from_there(tmp_path: Path, step: CardJobStep) -> None:
    card, registry = stock_blank(), PaperRegistry(ENROLMENT_KEY)

    async def cut_off(bench: Bench) -> None:
        save = bench.store.card_jobs.save

        def kill(name: str, job: object) -> None:
            save(name, job)  # type: ignore[arg-type]
            if getattr(job, "step", None) is step:
                raise Pulled

        bench.store.card_jobs.save = kill  # type: ignore[method-assign]
        await _seat(bench, card)
        with pytest.raises(Pulled):
            await issue_card(bench.work, ScriptedUi(), HOUSEHOLD)

    async def after_restart(bench: Bench) -> None:
        await _seat(bench, card)
        number = await issue_card(bench.work, ScriptedUi(DONE), HOUSEHOLD)
        assert number in registry.active

    at_desk(cut_off, tmp_path, registry)
    assert not works(card) or step >= CardJobStep.PROVED
    at_desk(after_restart, tmp_path, registry)
    assert works(card)
    assert len(registry.orders) == 1


def test_another_blank_card_put_in_midway_burns_the_first_number_and_nothing_else(tmp_path: Path) -> None:
    first, second, registry = stock_blank(), stock_blank(), PaperRegistry(ENROLMENT_KEY)

    async def visit(bench: Bench) -> None:
        await _seat(bench, first)
        bench.holder.wrap = _tearing(40, after=True)
        assert await issue_card(bench.work, ScriptedUi(STOP), HOUSEHOLD) is None
        await bench.take()
        await bench.insert(second)
        number = await issue_card(bench.work, ScriptedUi(DONE), HOUSEHOLD)
        assert registry.active == {number}
        # The registry hears of it before it is asked to activate the second.
        assert "card.spoiled" in [str(event.body.kind) for event in registry.events.values()]

    at_desk(visit, tmp_path, registry)
    assert works(second)
    assert not works(first)


def test_a_finished_card_of_somebody_else_is_not_written(tmp_path: Path) -> None:
    theirs = desk.active_card()

    async def visit(bench: Bench) -> None:
        await _seat(bench, theirs)
        assert await issue_card(bench.work, ScriptedUi(STOP), HOUSEHOLD) is None
        assert bench.registry.orders == {}

    at_desk(visit, tmp_path)
    assert works(theirs)


def test_without_the_registry_nothing_is_written_and_the_card_goes_on_later(tmp_path: Path) -> None:
    card = stock_blank()

    async def visit(bench: Bench) -> None:
        await _seat(bench, card)
        bench.registry.is_away = True
        assert await issue_card(bench.work, ScriptedUi(press(Notice, "stop", "registry.problem")), HOUSEHOLD) is None
        bench.registry.is_away = False
        assert await issue_card(bench.work, ScriptedUi(DONE), HOUSEHOLD) is not None
        assert len(bench.registry.orders) == 1

    at_desk(visit, tmp_path)
    assert works(card)


def test_the_last_word_that_did_not_get_through_is_said_again(tmp_path: Path) -> None:
    card = stock_blank()

    async def visit(bench: Bench) -> None:
        await _seat(bench, card)
        registry = bench.registry

        jobs = bench.store.card_jobs
        save = jobs.save

        def cut_network(name: str, job: object) -> None:
            save(name, job)  # type: ignore[arg-type]
            registry.is_away = getattr(job, "step", None) is CardJobStep.PROVED

        jobs.save = cut_network  # type: ignore[method-assign]
        assert await issue_card(bench.work, ScriptedUi(press(Notice, "stop", "registry.problem")), HOUSEHOLD) is None
        assert registry.active == set()
        jobs.save = save  # type: ignore[method-assign]
        registry.is_away = False
        assert await report_proved_cards(bench.work) == 1
        assert len(registry.active) == 1

    at_desk(visit, tmp_path)


def test_a_holder_without_fingers_is_taken_by_face(tmp_path: Path) -> None:
    card = stock_blank()

    async def visit(bench: Bench) -> None:
        await bench.insert(card)
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["stranger"]

        async def officer_places_finger() -> None:
            while not bench.registry.orders or bench.fingers.queue:
                await asyncio.sleep(0.005)
            while bench.store.card_jobs.all()[0][1].step < CardJobStep.HOLDER_MATCHED:
                await asyncio.sleep(0.005)
            bench.fingers.queue = ["holder"]

        helper = asyncio.create_task(officer_places_finger())
        ui = ScriptedUi(touch(FingerCapture, "face", "issue.finger_title"), touch(FaceComparison, "same"), DONE)
        assert await issue_card(bench.work, ui, HOUSEHOLD) is not None
        await helper
        assert bench.registry.activations[0].holder_verified_by is VerifiedBy.FACE_AND_OFFICER

    at_desk(visit, tmp_path)


def test_a_face_model_advises_at_the_first_use_of_a_card_too(tmp_path: Path) -> None:
    card = stock_blank()

    async def visit(bench: Bench) -> None:
        bench.work.faces = FakeFaces(FaceAdvice(Verdict.FAILED, 100))
        await bench.insert(card)
        bench.fingers.queue = ["stranger"]
        ui = ScriptedUi(
            touch(FingerCapture, "face", "issue.finger_title"),
            touch(FaceComparison, "same"),
            press(Notice, "other_way", "face.two_eyes_title"),
        )
        assert await issue_card(bench.work, ui, HOUSEHOLD) is None
        assert bench.registry.activations == []
        assert [job.step for _, job in bench.store.card_jobs.all()] != [], "kept, to be tried in another way"

    at_desk(visit, tmp_path)


def test_a_printer_out_of_cards_does_not_undo_an_active_card(tmp_path: Path) -> None:
    card = stock_blank()

    async def visit(bench: Bench) -> None:
        await _seat(bench, card)
        bench.cards.failures = [FailureReason.REFUSED]
        ui = ScriptedUi(press(Notice, "stop", "device.failed"), DONE)
        assert await issue_card(bench.work, ui, HOUSEHOLD) is not None

    at_desk(visit, tmp_path)
    assert works(card)


def test_the_first_officers_card_signs_for_itself(tmp_path: Path) -> None:
    card = stock_blank()

    async def visit(bench: Bench) -> None:
        with bench.store.database.transaction():
            bench.store.bundles.accept(make_bundle(2, has_officer=False))
        await bench.insert(card)
        bench.fingers.queue = ["holder"]
        holder = CardHolder(profile=CardProfile.OPERATOR, operator_id=OperatorId("HH-0001"))
        number = await issue_card(bench.work, ScriptedUi(DONE), holder)
        (request,) = bench.registry.activations
        assert request.officer_card_number == number == request.card_number

    at_desk(visit, tmp_path)
    assert desk.check(card, profile=CardProfile.OPERATOR).verdict is Verdict.VERIFIED
