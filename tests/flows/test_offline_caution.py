"""Against an old list of refused cards less is handed over, in however many visits; a desk has its own limit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from domain.deliveries import BenefitDelivery
from domain.messages.kiosks import KioskBundle, SignedBundle
from domain.revocation_age import DEFAULT_MAX_AGE_DAYS
from kiosk.flows.offline_caution import list_text
from kiosk.flows.serve_holder import serve_holder
from kiosk.screen_models.general import Notice
from kiosk.screen_models.services import ConfirmDelivery, Entitlements
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench, accept_list, make_bundle
from tests.flows.scripted_ui import ScriptedUi, give, press
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import RICE
from tests.unit.kiosk_core.kiosk_home import REGISTRY_KEY

TAKE_RICE = give(Entitlements, "take", RICE)
CONFIRM = press(ConfirmDelivery, "confirm")
RECEIPT = press(Notice, "ok", "serve.handed_over")
DONE = press(Entitlements, "done")
DENIED = press(Notice, "ok", "denial.title")


def grow_old(bench: Bench, days: int) -> None:
    """So many days without the registry."""
    now = bench.store.clock.now() + timedelta(days=days)
    bench.store.clock.raise_to(now)


def given(bench: Bench) -> list[int]:
    found: list[BenefitDelivery] = [delivery for _, delivery in bench.store.deliveries.all()]
    return [delivery.units for delivery in found]


def reason_of(ui: ScriptedUi) -> str:
    denied = next(each for each in ui.seen if isinstance(each, Notice) and each.title.key == "denial.title")
    return str(getattr(denied.body.params["reason"], "key", ""))


def test_an_old_list_lets_half_be_handed_over_once_and_says_why(tmp_path: Path) -> None:
    card = desk.active_card()

    async def visit(bench: Bench) -> None:
        grow_old(bench, DEFAULT_MAX_AGE_DAYS + 1)
        await bench.insert(card)
        bench.fingers.queue = ["holder"]
        ui = ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, TAKE_RICE, DENIED, DONE)
        await serve_holder(bench.work, ui)
        assert given(bench) == [17], "half of 35, and no half of the rest"
        confirm = next(each for each in ui.seen if isinstance(each, ConfirmDelivery))
        assert confirm.row.detail.key == "caution.old_list"
        assert confirm.row.amount.params["count"] == 17
        assert reason_of(ui) == "caution.old_list_reason"
        # The office was reached: the rest is handed over.
        accept_list(bench.store, bench.store.clock.today(), number=2)
        await bench.take()
        await bench.insert(card)
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, DONE))
        assert given(bench) == [17, 18]

    at_desk(visit, tmp_path)


def test_a_list_of_a_week_is_young_enough_and_its_age_is_shown(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        assert list_text(bench.work).key == "revocations.today"
        grow_old(bench, DEFAULT_MAX_AGE_DAYS)
        assert list_text(bench.work).params == {"days": DEFAULT_MAX_AGE_DAYS}
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, DONE))
        assert given(bench) == [35]
        grow_old(bench, 1)
        assert list_text(bench.work).key == "revocations.old"

    at_desk(visit, tmp_path)


def test_a_desk_that_has_told_nobody_of_its_deliveries_stops_at_its_limit(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        plain = KioskBundle.model_validate_json(make_bundle(2).bundle_json)
        text = plain.model_copy(update={"settings": {"offline.deliveries_a_desk": 1}}).model_dump_json()
        signed = SignedBundle(bundle_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())
        with bench.store.database.transaction():
            bench.store.bundles.accept(signed)
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, DONE))
        await bench.take()
        other = desk.issue(years=4)["active"].card()
        await bench.insert(other)
        bench.fingers.queue = ["holder"]
        ui = ScriptedUi(TAKE_RICE, DENIED, DONE)
        await serve_holder(bench.work, ui)
        assert reason_of(ui) == "caution.desk_full_reason"
        await bench.work.sync.sync_now()
        await bench.take()
        await bench.insert(other)
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, DONE))
        assert given(bench) == [35, 35]

    at_desk(visit, tmp_path)
