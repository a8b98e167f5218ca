"""The photograph: one plain instruction at a time, five lines that keep their places, every score kept."""

from __future__ import annotations

from pathlib import Path

from enrolment.devices.ports import CameraFrame
from kiosk.devices.ports import PortraitVerdict
from kiosk.flows.enrol_portrait import PORTRAIT_LINES, take_portrait
from kiosk.screen_models.people import PortraitCapture
from kiosk.screen_models.text import verbatim
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench
from tests.flows.scripted_ui import ScriptedUi, press

CHECKS = [check for checks in PORTRAIT_LINES.values() for check in checks]


def verdict(*failed: str, jpeg: bytes = b"") -> PortraitVerdict:
    passed = {check: check not in failed for check in CHECKS}
    hints = tuple(f"portrait.hint.{check}" for check in CHECKS if check in failed)
    return PortraitVerdict(dict.fromkeys(CHECKS, 70), passed, hints, not failed, has_face=True, jpeg=jpeg)


def test_what_to_do_next_is_said_until_everything_is_right_and_then_the_picture_takes_itself(tmp_path: Path) -> None:
    looks = [
        verdict("Sharpness", "OverExposurePrevention"),
        verdict("OverExposurePrevention"),
        verdict("HeadPoseRoll"),
        verdict(),
    ]

    async def visit(bench: Bench) -> None:
        async def check(frame: CameraFrame) -> PortraitVerdict:
            return looks.pop(0) if len(looks) > 1 else looks[0]

        async def crop(frame: CameraFrame, *, max_bytes: int) -> PortraitVerdict:
            return verdict(jpeg=b"\xff\xd8 portrait")

        bench.biometrics.check_portrait = check  # type: ignore[method-assign]
        bench.biometrics.crop_portrait = crop  # type: ignore[method-assign]
        ui = ScriptedUi(press(PortraitCapture, "use"))
        portrait = await take_portrait(bench.work, ui, verbatim("Asha"))
        assert portrait is not None
        assert set(portrait.scores) == set(CHECKS)
        live = [
            screen for screen in ui.seen if isinstance(screen, PortraitCapture) and screen.checks and not screen.taken
        ]
        hints = list(dict.fromkeys(None if screen.hint is None else screen.hint.key for screen in live))
        assert hints == [
            "portrait.hint.Sharpness",
            "portrait.hint.OverExposurePrevention",
            "portrait.hint.HeadPoseRoll",
            None,
        ]
        lines = [[line.text.key for line in screen.checks] for screen in live]
        assert {tuple(each) for each in lines} == {tuple(f"portrait.line.{name}" for name in PORTRAIT_LINES)}
        assert [line.passed for line in live[0].checks] == [True, False, False, True, True]

    at_desk(visit, tmp_path)
