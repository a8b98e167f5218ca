"""Setting aside at a clinic, shop or school: on the card's own ledger, in parts, offline, and through a torn visit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from domain.deliveries import BenefitDelivery, DeliveryKind
from domain.provider_transactions import LIFE, ProviderState, ProviderStep, ProviderStepRefused, next_state
from kiosk.flows.provider_desk import serve_provider
from kiosk.flows.provider_steps import list_set_aside
from kiosk.flows.serve_holder import serve_holder
from kiosk.screen_models.general import Choice, Notice, NumberEntry
from kiosk.screen_models.services import Entitlements
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench
from tests.flows.scripted_ui import ScriptedUi, Step, give, press
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import RICE

NEW = give(Choice, "choose", f"new:{RICE}", "provider.title")
SHOP = give(Choice, "choose", "shop", "provider.title")


def how_much(units: int) -> Step:
    return give(NumberEntry, "done", units)


def done(step: str) -> Step:
    return press(Notice, "ok", f"provider.done.{step}")


async def visit(bench: Bench, *steps: Step) -> ScriptedUi:
    bench.fingers.queue = ["holder"]
    ui = ScriptedUi(*steps)
    await serve_provider(bench.work, ui)
    assert ui.is_done
    return ui


async def go_on(bench: Bench, step: str, *more: Step) -> ScriptedUi:
    held = next(each for each in list_set_aside(bench.work, number(bench)) if each.transaction.is_open)
    again = give(Choice, "choose", f"open:{held.transaction.id}", "provider.title")
    return await visit(bench, again, give(Choice, "choose", step, "provider.title"), *more)


def number(bench: Bench) -> object:
    return bench.store.deliveries.all()[0][1].card_number


def ledger(bench: Bench) -> list[tuple[DeliveryKind, int]]:
    return [(each.kind, each.units) for _, each in bench.store.deliveries.all()]


def left_on(card: object) -> int:
    checked = desk.check(card)  # type: ignore[arg-type]
    assert checked.card is not None
    return next(each.left for each in checked.card.details.lines if each.line.scheme == RICE)


def test_an_amount_is_set_aside_used_in_parts_and_the_rest_goes_back_on_the_card_without_any_network(
    tmp_path: Path,
) -> None:
    card = desk.active_card()

    async def story(bench: Bench) -> None:
        bench.registry.is_away = True
        await bench.insert(card)
        await visit(bench, NEW, SHOP, how_much(20), done("block"))
        assert left_on(card) == 15
        await go_on(bench, "use", how_much(21), how_much(8), done("use"))
        await go_on(bench, "close", done("close"))
        assert left_on(card) == 35 - 8
        (held,) = list_set_aside(bench.work, number(bench))
        after = held.transaction
        assert (after.state, after.blocked, after.used, after.returned) == (ProviderState.CLOSED, 20, 8, 12)
        assert ledger(bench) == [(DeliveryKind.DELIVERY, 20), (DeliveryKind.REVERSAL, 12)]
        steps = ("delivery.recorded", "provider.used", "delivery.recorded")
        assert bench.kinds() == [kind for step in steps for kind in ("fingers.tried", step)]
        assert len(bench.receipts.printed) == 3
        assert bench.store.owed_receipts.all() == []
        assert bench.store.planned_deliveries.all() == []

    at_desk(story, tmp_path)


def test_undoing_puts_all_of_it_back_also_what_was_used(tmp_path: Path) -> None:
    card = desk.active_card()

    async def story(bench: Bench) -> None:
        await bench.insert(card)
        await visit(bench, NEW, SHOP, how_much(20), done("block"))
        await go_on(bench, "use", how_much(5), done("use"))
        await go_on(bench, "reverse", done("reverse"))
        assert left_on(card) == 35
        (held,) = list_set_aside(bench.work, number(bench))
        assert (held.transaction.state, held.transaction.left) == (ProviderState.REVERSED, 0)

    at_desk(story, tmp_path)


def test_the_last_part_closes_it_and_a_restart_of_the_kiosk_forgets_nothing(tmp_path: Path) -> None:
    card = desk.active_card()

    async def first(bench: Bench) -> None:
        await bench.insert(card)
        await visit(bench, NEW, SHOP, how_much(20), done("block"))
        await go_on(bench, "use", how_much(12), done("use"))

    async def second(bench: Bench) -> None:
        await bench.insert(card)
        await go_on(bench, "use", how_much(8), done("use_up"))
        (held,) = list_set_aside(bench.work, number(bench))
        assert held.transaction.state is ProviderState.CLOSED
        assert left_on(card) == 15

    at_desk(first, tmp_path)
    at_desk(second, tmp_path)


@pytest.mark.parametrize("step", ["block", "close"])
def test_a_card_pulled_while_it_is_written_settles_the_step_at_its_next_tap(tmp_path: Path, step: str) -> None:
    card = desk.active_card()

    async def story(bench: Bench) -> None:
        await bench.insert(card)
        if step == "close":
            await visit(bench, NEW, SHOP, how_much(20), done("block"))
            await go_on(bench, "use", how_much(5), done("use"))
        append = bench.work.holder_reader.proceed
        count = 0

        async def cut(work: object) -> object:
            nonlocal count
            answer = await append(work)  # type: ignore[arg-type]
            if bench.store.planned_deliveries.all():
                # The card wrote, and nobody here heard of it.
                count += 1
                raise asyncio.CancelledError
            return answer

        bench.work.holder_reader.proceed = cut  # type: ignore[method-assign, assignment]
        steps = (NEW, SHOP, how_much(20))
        bench.fingers.queue = ["holder"]
        with pytest.raises(asyncio.CancelledError):
            await (visit(bench, *steps) if step == "block" else go_on(bench, "close"))
        bench.work.holder_reader.proceed = append  # type: ignore[method-assign]
        assert count == 1
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ScriptedUi(press(Notice, "ok", "serve.healed"), press(Entitlements, "done")))
        (held,) = list_set_aside(bench.work, number(bench))
        state = ProviderState.BLOCKED if step == "block" else ProviderState.CLOSED
        assert held.transaction.state is state
        assert left_on(card) == (15 if step == "block" else 30)

    at_desk(story, tmp_path)


def test_what_is_set_aside_travels_with_its_mark(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        await bench.insert(desk.active_card())
        await visit(bench, NEW, SHOP, how_much(1), done("block"))
        _, event = bench.store.outbox.waiting(limit=9)
        told = BenefitDelivery.model_validate(event.body.payload, strict=False)
        assert told.provider is not None
        assert (told.provider.kind, told.provider.step) == ("shop", "block")

    at_desk(story, tmp_path)


def test_the_table_of_states_knows_every_pair() -> None:
    """Fifteen pairs of state and step: eight lead on, all others change nothing."""
    for state in (None, *ProviderState):
        for step in ProviderStep:
            if (state, step) in LIFE:
                assert next_state(state, step) is LIFE[state, step]
            else:
                with pytest.raises(ProviderStepRefused):
                    next_state(state, step)
    assert len(LIFE) == 8
