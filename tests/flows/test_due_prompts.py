"""What will soon have to be renewed is said at a tap, the most pressing first; nothing is said before its time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from domain.fingers import FingerPosition
from domain.messages.fingers import FingerNotThere, FingersKnown
from domain.messages.kiosks import KioskBundle, SignedBundle
from kiosk.flows.due_prompts import CARD_DAYS, PHOTO_YEARS
from kiosk.flows.serve_holder import serve_holder
from kiosk.screen_models.general import Notice
from kiosk.screen_models.services import Entitlements
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench, make_bundle
from tests.flows.scripted_ui import ScriptedUi, press
from tests.flows.test_finger_is_learnt import holder_of_card
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import TODAY
from tests.unit.kiosk_core.kiosk_home import REGISTRY_KEY

DONE = press(Entitlements, "done")
TOLD = press(Notice, "ok", "renew.title")


def set_rules(bench: Bench, **settings: int) -> None:
    plain = KioskBundle.model_validate_json(make_bundle(2).bundle_json)
    text = plain.model_copy(update={"settings": dict(settings)}).model_dump_json()
    signed = SignedBundle(bundle_json=text, signature_hex=REGISTRY_KEY.sign(text.encode()).hex())
    with bench.store.database.transaction():
        bench.store.bundles.accept(signed)


async def tap(bench: Bench, *steps: object) -> ScriptedUi:
    await bench.insert(desk.active_card())
    bench.fingers.queue = ["holder"]
    ui = ScriptedUi(DONE, *steps)  # type: ignore[arg-type]
    await serve_holder(bench.work, ui)
    return ui


def said(ui: ScriptedUi) -> list[str]:
    return [
        each.body.key for each in ui.seen if isinstance(each, Notice) and each.title.key == "renew.title" and each.body
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({CARD_DAYS: 20_000}, "renew.card"),
        ({CARD_DAYS: 0, PHOTO_YEARS: 0}, "renew.photo"),
    ],
)
def test_what_is_due_is_said_after_the_visit(tmp_path: Path, settings: dict[str, int], expected: str) -> None:
    async def visit(bench: Bench) -> None:
        set_rules(bench, **settings)
        assert said(await tap(bench, TOLD)) == [expected]

    at_desk(visit, tmp_path)


def test_nothing_is_said_while_nothing_is_due(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        set_rules(bench, **{CARD_DAYS: 0, PHOTO_YEARS: 50})
        assert said(await tap(bench)) == []

    at_desk(visit, tmp_path)


def test_a_statement_that_ends_soon_is_said_before_the_card_that_ends_later(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        set_rules(bench, **{CARD_DAYS: 400, PHOTO_YEARS: 50})
        assert said(await tap(bench, TOLD)) == ["renew.statement"]

    at_desk(visit, tmp_path)


@pytest.mark.parametrize(("days", "expected"), [(0, ["renew.finger_again"]), (1, [])])
def test_a_finger_whose_exception_is_over_is_asked_for_again(tmp_path: Path, days: int, expected: list[str]) -> None:
    person, order = holder_of_card()

    async def visit(bench: Bench) -> None:
        set_rules(bench, **{CARD_DAYS: 0, PHOTO_YEARS: 50})
        over = FingerNotThere(position=FingerPosition.LEFT_LITTLE, until=TODAY + timedelta(days=days))
        gone = FingerNotThere(position=FingerPosition.LEFT_RING, until=None)
        known = FingersKnown(person_id=person, order=order, not_there=(over, gone))
        bench.store.fingers_known.save(person, known)
        assert said(await tap(bench, *([TOLD] if expected else []))) == expected

    at_desk(visit, tmp_path)
