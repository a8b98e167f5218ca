"""A paper twin at the desk: three verdicts, each in words; nothing is handed over on paper."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from card_service.qr import issue_qr
from card_service.qr_check import QrCheck, QrReason
from domain.verification import Verdict
from enrolment.devices.ports import CameraFrame
from kiosk.devices.servants.qr_decoding import MOST_CHARACTERS, decode_qr
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.paper_twin import check_paper
from kiosk.i18n.catalogue import load_catalogue
from kiosk.printing.sheet import qr_image
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import PaperScan
from kiosk.sync import SyncState
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench
from tests.flows.scripted_ui import ScriptedUi, Step, press, touch
from tests.unit.card_service_issuer.test_paper_twin import TWIN
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import TODAY, SoftKey

PAPER = issue_qr(
    type(TWIN)(**{name: getattr(TWIN, name) for name in TWIN.__slots__} | {"issued_on": TODAY, "valid_until": TODAY}),
    desk.REGISTRY.entitlement_signer,
)
STRANGER = issue_qr(TWIN, SoftKey())


def show(tmp_path: Path, papers: list[str | None], *steps: Step, is_online: bool = True) -> tuple[QrCheck, ScriptedUi]:
    shown: list[QrCheck] = []
    ui = ScriptedUi(*steps)

    async def visit(bench: Bench) -> None:
        bench.camera.papers = papers
        bench.work.sync.state = SyncState(is_online=is_online)
        shown.append(await check_paper(bench.work, ui))
        assert bench.store.deliveries.all() == []
        assert bench.store.audit.verify() >= 1

    at_desk(visit, tmp_path)
    return shown[0], ui


def last(ui: ScriptedUi) -> Notice:
    return [each for each in ui.seen if isinstance(each, Notice)][-1]


@pytest.mark.parametrize("is_online", [True, False])
def test_a_genuine_paper_names_its_holder_and_says_that_it_is_no_card(tmp_path: Path, is_online: bool) -> None:
    checked, ui = show(tmp_path, [None, None, PAPER], press(Notice, "ok", "paper.verified"), is_online=is_online)
    assert checked.verdict is Verdict.VERIFIED
    notice = last(ui)
    assert notice.mood is Mood.SUCCESS
    assert notice.body.key == ("paper.says" if is_online else "paper.says_offline")
    assert notice.body.params["number"].verbatim == TWIN.card_number  # type: ignore[union-attr]


def test_an_altered_paper_is_refused_and_a_strange_one_could_not_be_checked(tmp_path: Path) -> None:
    checked, ui = show(tmp_path / "one", [STRANGER], press(Notice, "stop", "paper.could_not_check"))
    assert (checked.verdict, checked.reason) == (Verdict.COULD_NOT_CHECK, QrReason.SIGNER_UNKNOWN)
    assert last(ui).mood is Mood.WARNING
    checked, ui = show(
        tmp_path / "two",
        ["no code of ours", PAPER],
        press(Notice, "retry", "paper.could_not_check"),
        press(Notice, "ok", "paper.verified"),
    )
    assert checked.verdict is Verdict.VERIFIED


def test_a_paper_out_of_date_is_refused(tmp_path: Path) -> None:
    old = issue_qr(
        type(TWIN)(
            **{name: getattr(TWIN, name) for name in TWIN.__slots__}
            | {"issued_on": TODAY - timedelta(days=9), "valid_until": TODAY - timedelta(days=1)}
        ),
        desk.REGISTRY.entitlement_signer,
    )
    checked, ui = show(tmp_path, [old], press(Notice, "stop", "paper.failed"))
    assert (checked.verdict, checked.reason) == (Verdict.FAILED, QrReason.EXPIRED)
    assert last(ui).mood is Mood.REFUSED


def test_whoever_has_no_paper_leaves(tmp_path: Path) -> None:
    with pytest.raises(FlowLeft):
        show(tmp_path, [None], touch(PaperScan, "stop"))


def test_every_reason_has_its_words() -> None:
    for language in ("en", "hi", "ur"):
        assert {reason.message_key for reason in QrReason} <= load_catalogue(language).keys()


def frame_of(text: str, *, side_px: int, at: tuple[int, int] = (640, 480)) -> CameraFrame:
    """The code as a camera sees it: on a grey wall, a little dim, a little blurred."""
    code = np.asarray(qr_image(text, side_px).convert("L"), dtype=np.uint8)
    wall = np.full((at[1], at[0]), 150, dtype=np.uint8)
    top, left = (at[1] - code.shape[0]) // 2, (at[0] - code.shape[1]) // 2
    wall[top : top + code.shape[0], left : left + code.shape[1]] = 40 + code // 2
    rgb = np.repeat(wall[:, :, None], 3, axis=2)
    return CameraFrame(rgb.tobytes(), at[0], at[1], 1)


def test_the_camera_process_reads_a_real_code_and_survives_what_is_none() -> None:
    assert decode_qr(frame_of(PAPER, side_px=460)) == PAPER
    rng = np.random.default_rng(5)
    for _ in range(3):
        noise = rng.integers(0, 256, 640 * 480 * 3, dtype=np.uint8).tobytes()
        assert len(decode_qr(CameraFrame(noise, 640, 480, 1)) or "") <= MOST_CHARACTERS
    assert decode_qr(CameraFrame(bytes(3), 1, 1, 1)) is None
    assert decode_qr(CameraFrame(bytes(640 * 480 * 3), 640, 480, 1)) is None
