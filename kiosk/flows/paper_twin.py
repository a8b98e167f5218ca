"""The paper twin before the camera: verified, failed, or could not be checked. It is looked up, never paid out on.

A QR can be copied. Whoever comes with a paper alone is verified by finger or face against the register, online; without
a network nothing is handed over on it (reference/cards.md, 5.7).
"""

from __future__ import annotations

from dataclasses import replace

from card_service.qr import PaperTwin
from card_service.qr_check import QrCheck, QrReason, check_qr
from domain.verification import Verdict
from kiosk.devices.failure import DeviceFailed
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.notices import OK, RETRY, STOP, device_problem, is_again
from kiosk.flows.racing import answer_or
from kiosk.flows.workplace import Workplace
from kiosk.screen_models.base import RawPicture
from kiosk.screen_models.general import Mood, Notice
from kiosk.screen_models.people import PaperScan
from kiosk.screen_models.text import t, verbatim
from kiosk.store.audit_log import AuditLine
from kiosk.ui import Answer, Ui


async def check_paper(work: Workplace, ui: Ui) -> QrCheck:
    """The verdict that was shown last. Raises FlowLeft when no paper was shown."""
    while True:
        checked = await _scan_and_check(work, ui)
        if checked.verdict is Verdict.VERIFIED and checked.twin is not None:
            await ui.ask(_verified(work, checked.twin))
            return checked
        assert checked.reason is not None, "a verdict other than VERIFIED has a reason"
        if not is_again(await ui.ask(_not_verified(checked.verdict, checked.reason))):
            return checked


async def _scan_and_check(work: Workplace, ui: Ui) -> QrCheck:
    text = await _scan(work, ui)
    bundles = work.store.bundles
    checked = check_qr(text, bundles.anchors, at=work.store.clock.today(), revoked=bundles.revoked)
    # Which card, and what came of it; nothing that stands on the paper.
    outcome = checked.reason or checked.verdict
    line = AuditLine(
        at=work.store.clock.now(),
        what=f"paper.{outcome}",
        subject=checked.card_number or "unknown",
        operator=work.operator_id,
    )
    work.store.journal.note(line)
    return checked


async def _scan(work: Workplace, ui: Ui) -> str:
    hint = t("paper.hold")
    screen = PaperScan(title=t("paper.title"), hint=hint, speak=hint, frame=None, actions=(STOP,), timeout_s=None)
    while True:
        ui.show(screen)
        try:
            found = await answer_or(ui, _look(work, ui, screen))
        except DeviceFailed as failure:
            if not is_again(await ui.ask(device_problem(failure))):
                raise FlowLeft("no camera for the paper") from None
            continue
        if isinstance(found, Answer):
            raise FlowLeft("no paper shown")
        return found


async def _look(work: Workplace, ui: Ui, screen: PaperScan) -> str:
    """Shows the camera until a code is read."""
    sequence = -1
    while True:
        look = await work.camera.read_qr(after=sequence)
        if look is None:
            continue
        frame, sequence = look.frame, look.frame.sequence
        ui.show(replace(screen, frame=RawPicture(frame.rgb, frame.width_px, frame.height_px, "RGB")))
        if look.text is not None:
            return look.text


def _verified(work: Workplace, twin: PaperTwin) -> Notice:
    day = t("date", iso=twin.valid_until.isoformat())
    name = verbatim(twin.name.local or twin.name.latin)
    key = "paper.says" if work.sync.state.is_online else "paper.says_offline"
    body = t(key, name=name, number=verbatim(twin.card_number), day=day)
    return Notice(title=t("paper.verified"), mood=Mood.SUCCESS, body=body, speak=body, icon="done", actions=(OK,))


def _not_verified(verdict: Verdict, reason: QrReason) -> Notice:
    body = t(reason.message_key)
    if verdict is Verdict.FAILED:
        title, mood, icon = t("paper.failed"), Mood.REFUSED, "refused"
    else:
        title, mood, icon = t("paper.could_not_check"), Mood.WARNING, "alert"
    return Notice(title=title, mood=mood, body=body, speak=body, icon=icon, actions=(RETRY, STOP))
