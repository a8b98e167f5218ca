"""A finger that failed at the last visit is asked for second at the next one."""

from __future__ import annotations

from pathlib import Path

from kiosk.flows.serve_holder import serve_holder
from kiosk.screen_models.people import FingerCapture
from kiosk.screen_models.services import Entitlements
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench
from tests.flows.scripted_ui import ScriptedUi, press
from tests.unit.card_service_terminal import desk


def test_the_finger_that_matched_last_time_is_asked_for_first_also_after_a_restart(tmp_path: Path) -> None:
    asked: list[list[int]] = []

    async def visit(bench: Bench, *fingers: str) -> None:
        ui = ScriptedUi(press(Entitlements, "done"))
        await bench.insert(desk.active_card())
        bench.fingers.queue = list(fingers)
        await serve_holder(bench.work, ui)
        asked.append(list(dict.fromkeys(int(s.position) for s in ui.seen if isinstance(s, FingerCapture))))

    at_desk(lambda bench: visit(bench, "bad", "bad", "stranger", "holder"), tmp_path)
    at_desk(lambda bench: visit(bench, "holder"), tmp_path)
    first, second = asked
    assert len(first) == 2
    assert second == [first[1]]
