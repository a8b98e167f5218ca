"""Blanks of the stock are written through the office; others are refused in plain words, with a way on."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.ids import HouseholdId
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.flows.blank_chips import BlankTrouble
from kiosk.flows.issue_card import issue_card
from kiosk.i18n.catalogue import load_catalogue
from kiosk.screen_models.general import Notice
from kiosk.store.card_job import CardHolder
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import ENROLMENT_KEY, Bench, officer_card
from tests.flows.paper_registry import PaperRegistry
from tests.flows.paper_stock import stock_blank
from tests.flows.scripted_ui import ScriptedUi, press

HOUSEHOLD = CardHolder(household_id=HouseholdId("HH-0001"))
DONE = press(Notice, "ok", "issue.done_title")
STOP = press(Notice, "stop", "issue.problem")
AGAIN = press(Notice, "retry", "issue.problem")


async def seat(bench: Bench, card: VirtualCard) -> None:
    await bench.insert(card)
    await bench.insert_officer(officer_card())
    bench.fingers.queue = ["holder", "holder"]


def problem_of(ui: ScriptedUi) -> str | None:
    found = [screen for screen in ui.seen if isinstance(screen, Notice) and screen.title.key == "issue.problem"]
    body = found[-1].body
    return body.key if body is not None else None


def test_a_blank_of_the_stock_gets_three_sessions_and_no_key_of_the_batch_passes_the_desk(tmp_path: Path) -> None:
    card, registry = stock_blank(), PaperRegistry(ENROLMENT_KEY)

    async def visit(bench: Bench) -> None:
        await seat(bench, card)
        assert await issue_card(bench.work, ScriptedUi(DONE), HOUSEHOLD) in registry.active

    at_desk(visit, tmp_path, registry)
    assert sum(registry.office.sessions.values()) == 3
    ((order_id, serial),) = registry.office.sessions
    assert (order_id, serial) == (next(iter(registry.orders)), card.serial_hex)


@pytest.mark.parametrize("takes_open_stock", [False, True])
def test_a_blank_without_transport_keys_is_written_only_where_that_is_allowed(
    tmp_path: Path, takes_open_stock: bool
) -> None:
    async def visit(bench: Bench) -> None:
        bench.work.takes_open_stock = takes_open_stock
        await seat(bench, VirtualCard.blank())
        ui = ScriptedUi(DONE) if takes_open_stock else ScriptedUi(STOP)
        number = await issue_card(bench.work, ui, HOUSEHOLD)
        assert (number is not None) is takes_open_stock
        if not takes_open_stock:
            assert problem_of(ui) == "issue.blank.open_stock"
            assert bench.registry.orders == {}

    at_desk(visit, tmp_path)


def test_a_blank_of_another_batch_is_refused_and_the_next_one_becomes_the_card(tmp_path: Path) -> None:
    strange, ours = VirtualCard.blank(transport_master_key=bytes(16)), stock_blank()

    async def visit(bench: Bench) -> None:
        await seat(bench, strange)
        ui = ScriptedUi(STOP)
        assert await issue_card(bench.work, ui, HOUSEHOLD) is None
        assert problem_of(ui) == "issue.blank.not_our_stock"
        await bench.take()
        await bench.insert(ours)
        assert await issue_card(bench.work, ScriptedUi(DONE), HOUSEHOLD) is not None

    at_desk(visit, tmp_path)


@pytest.mark.parametrize("code", ["card.too_many_sessions", "card.order_not_open"])
def test_an_order_that_the_office_opens_no_more_is_burned_and_a_new_one_begun(tmp_path: Path, code: str) -> None:
    async def visit(bench: Bench) -> None:
        await seat(bench, stock_blank())
        save, is_first = bench.store.card_jobs.save, [True]

        def refuse_once(name: str, job: object) -> None:
            save(name, job)  # type: ignore[arg-type]
            if is_first.pop() if is_first else False:
                bench.registry.office.refusal = code

        bench.store.card_jobs.save = refuse_once  # type: ignore[method-assign]
        ui = ScriptedUi(AGAIN, DONE)
        assert await issue_card(bench.work, ui, HOUSEHOLD) is not None
        assert problem_of(ui) == f"issue.blank.{'too_many_sessions' if 'many' in code else 'not_this_desk'}"
        assert len({order for order, _ in bench.registry.office.sessions}) == 2
        assert len(bench.registry.active) == 1

    at_desk(visit, tmp_path)


def test_half_a_card_of_another_kiosk_is_finished_here_in_sessions_of_its_own(tmp_path: Path) -> None:
    card, registry = stock_blank(), PaperRegistry(ENROLMENT_KEY)

    async def begin(bench: Bench) -> None:
        await seat(bench, card)
        save = bench.store.card_jobs.save

        def stop(name: str, job: object) -> None:
            save(name, job)  # type: ignore[arg-type]
            registry.is_away = True

        bench.store.card_jobs.save = stop  # type: ignore[method-assign]
        assert await issue_card(bench.work, ScriptedUi(press(Notice, "stop", "registry.problem")), HOUSEHOLD) is None
        registry.is_away = False

    async def elsewhere(bench: Bench) -> None:
        await seat(bench, card)
        assert await issue_card(bench.work, ScriptedUi(DONE), HOUSEHOLD) is not None

    at_desk(begin, tmp_path / "one", registry)
    at_desk(elsewhere, tmp_path / "another", registry)
    assert len(registry.office.sessions) == 2, "each desk has an order of its own"
    assert len(registry.active) == 1


def test_every_trouble_with_a_blank_has_its_words() -> None:
    assert {f"issue.blank.{trouble}" for trouble in BlankTrouble} <= load_catalogue("en").keys()
