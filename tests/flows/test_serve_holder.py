"""Serving a household: verified, identified, given once, refused with a number."""

from __future__ import annotations

import asyncio
from pathlib import Path

from domain.deliveries import BenefitDelivery
from domain.ids import OperatorId
from domain.verification import VerifiedBy
from kiosk.card_watcher import CardTakenAway
from kiosk.devices.failure import FailureReason
from kiosk.flows.serve_holder import serve_holder
from kiosk.flows.slip import SlipKind
from kiosk.screen_models.general import Choice, Notice, PictureView
from kiosk.screen_models.people import FaceComparison, FingerCapture
from kiosk.screen_models.services import ConfirmDelivery, DueState, Entitlements
from kiosk.store.audit_log import AuditLine
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench, officer_card
from tests.flows.scripted_ui import ScriptedUi, give, press, touch
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import FEES, RICE

TAKE_RICE = give(Entitlements, "take", RICE)
CONFIRM = press(ConfirmDelivery, "confirm")
RECEIPT = press(Notice, "ok", "serve.handed_over")
DONE = press(Entitlements, "done")
DENIED = press(Notice, "ok", "denial.title")


def deliveries(bench: Bench) -> list[BenefitDelivery]:
    return [delivery for _, delivery in bench.store.deliveries.all()]


def test_a_tap_and_a_finger_give_the_ration_and_a_receipt(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, DONE)
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ui)
        (delivery,) = deliveries(bench)
        assert (delivery.scheme, delivery.units, delivery.verified_by) == (RICE, 35, VerifiedBy.FINGER)
        assert bench.kinds() == ["fingers.tried", "delivery.recorded"]
        assert bench.artist.slips[0].kind is SlipKind.DELIVERY
        assert len(bench.receipts.printed) == 1
        assert bench.store.planned_deliveries.all() == []
        assert ui.is_done

    at_desk(visit, tmp_path)


def test_entitlements_are_seen_without_a_touch(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(DONE)
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["spouse"]
        await serve_holder(bench.work, ui)
        shown = next(screen for screen in ui.seen if isinstance(screen, Entitlements))
        assert shown.holder.verbatim == "Ram Prasad"
        assert {row.state for row in shown.rows} == {DueState.READY}

    at_desk(visit, tmp_path)


def test_a_second_attempt_is_refused_with_a_reason_here_and_at_a_desk_that_never_saw_the_first(tmp_path: Path) -> None:
    card = desk.active_card()

    async def first(bench: Bench) -> None:
        await bench.insert(card)
        bench.fingers.queue = ["holder"]
        ui = ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, TAKE_RICE, DENIED, DONE)
        await serve_holder(bench.work, ui)
        assert len(deliveries(bench)) == 1
        assert bench.kinds() == ["fingers.tried", "delivery.recorded", "denial.recorded", "grievance.lodged"]

    async def third(bench: Bench) -> None:
        await bench.insert(card)
        bench.fingers.queue = ["holder"]
        ui = ScriptedUi(TAKE_RICE, DENIED, DONE)
        await serve_holder(bench.work, ui)
        assert deliveries(bench) == []
        slip = bench.artist.slips[0]
        assert slip.kind is SlipKind.DENIAL
        assert slip.reference.startswith("G-K-TEST-1")
        denied = next(s for s in ui.seen if isinstance(s, Notice) and s.title.key == "denial.title")
        reason = denied.body.params["reason"]
        assert getattr(reason, "key", "") == "serve.already_drawn_on"

    at_desk(first, tmp_path / "first")
    at_desk(third, tmp_path / "third")


def test_three_misses_lead_to_another_finger(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, DONE)
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["stranger", "bad", "stranger", "holder"]
        await serve_holder(bench.work, ui)
        (delivery,) = deliveries(bench)
        assert delivery.verified_by is VerifiedBy.OTHER_FINGER
        tried = [(str(r.rung), r.attempt, str(r.outcome)) for r in delivery.rungs]
        assert tried == [
            ("best_finger", 1, "not_matched"),
            ("best_finger", 2, "bad_capture"),
            ("best_finger", 3, "not_matched"),
            ("other_finger", 1, "matched"),
        ]

    at_desk(visit, tmp_path)


def test_the_finger_on_the_screen_is_the_one_asked_of_the_sensor(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["other-x", "stranger", "stranger", "holder"]
        ui = ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, DONE)
        await serve_holder(bench.work, ui)
        shown = list(dict.fromkeys(screen.position for screen in ui.seen if isinstance(screen, FingerCapture)))
        assert len(shown) == 2
        assert bench.fingers.asked == [shown[0]] * 3 + [shown[1]]
        (delivery,) = deliveries(bench)
        # Another finger than asked teaches nothing about the one that was asked for.
        assert [tried.finger for tried in delivery.rungs] == [None, shown[0], shown[0], shown[1]]

    at_desk(visit, tmp_path)


def test_an_operators_finger_given_for_a_holders_is_noted_and_nothing_is_said(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        bench.work.operator_fingers[OperatorId("OP-7")] = b"FMR\x00 lent"
        noted: list[tuple[str, str]] = []
        note = bench.store.journal.note

        def hear(line: AuditLine) -> None:
            noted.append((line.what, line.subject))
            note(line)

        bench.store.journal.note = hear  # type: ignore[method-assign]
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["lent", "stranger", "holder"]
        ui = ScriptedUi(DONE)
        await serve_holder(bench.work, ui)
        assert [what for what in noted if what[0].startswith("finger.")] == [("finger.operators_at_service", "OP-7")]
        hints = {screen.hint.key for screen in ui.seen if isinstance(screen, FingerCapture) and screen.hint}
        assert hints == {"capture.hint.hold_still", "capture.hint.good"}

    at_desk(visit, tmp_path)


def test_worn_fingers_are_served_by_face_and_officer_and_the_register_shows_it(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(
            give(Choice, "choose", "1", "face.title"),
            touch(FaceComparison, "same"),
            TAKE_RICE,
            CONFIRM,
            RECEIPT,
            DONE,
        )
        await bench.insert(desk.active_card())
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["bad"] * 6 + ["holder"]
        await serve_holder(bench.work, ui)
        (delivery,) = deliveries(bench)
        assert delivery.verified_by is VerifiedBy.FACE_AND_OFFICER
        assert delivery.operator_id == "HH-0001"
        assert len(delivery.rungs) == 7
        assert ui.is_done

    at_desk(visit, tmp_path)


def test_nobody_is_turned_away_in_silence_when_every_rung_fails(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(
            give(Choice, "choose", "1", "face.title"),
            touch(Notice, "stop", "login.title"),
            DENIED,
        )
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["stranger"] * 6
        await serve_holder(bench.work, ui)
        assert bench.kinds() == ["denial.recorded", "grievance.lodged"]
        denial = bench.store.outbox.waiting(limit=9)[0].body.payload
        assert denial["reason"] == "holder.not_identified"
        assert len(denial["rungs"]) == 7  # type: ignore[arg-type]
        assert denial["alternative"]
        assert len(bench.receipts.printed) == 1

    at_desk(visit, tmp_path)


def test_a_copied_card_is_refused_as_not_genuine(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(DENIED)
        await bench.insert(desk.active_card().copy_files_without_keys())
        await serve_holder(bench.work, ui)
        denial = bench.store.outbox.waiting(limit=9)[0].body.payload
        assert denial["reason"] == "card.not_genuine"
        assert bench.artist.slips[0].kind is SlipKind.DENIAL

    at_desk(visit, tmp_path)


def test_a_card_that_was_never_activated_is_refused(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(DENIED)
        await bench.insert(desk.issue()["locked"].card())
        await serve_holder(bench.work, ui)
        assert bench.store.outbox.waiting(limit=9)[0].body.payload["reason"] == "card.not_active"

    at_desk(visit, tmp_path)


def test_a_silent_sensor_ends_in_a_screen_with_a_way_on(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(press(Notice, "retry", "device.failed"), TAKE_RICE, CONFIRM, RECEIPT, DONE)
        await bench.insert(desk.active_card())
        bench.fingers.failures = [FailureReason.SILENT]
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ui)
        (delivery,) = deliveries(bench)
        assert [str(r.outcome) for r in delivery.rungs] == ["device_failed", "matched"]

    at_desk(visit, tmp_path)


def test_without_a_printer_the_receipt_is_shown_and_the_delivery_is_not_repeated(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(TAKE_RICE, CONFIRM, press(PictureView, "retry"), press(PictureView, "ok"), RECEIPT, DONE)
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["holder"]
        bench.receipts.failures = [FailureReason.UNPLUGGED, FailureReason.REFUSED]
        await serve_holder(bench.work, ui)
        assert len(deliveries(bench)) == 1
        assert ui.is_done

    at_desk(visit, tmp_path)


def test_a_card_taken_away_ends_the_visit_cleanly(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi()
        await bench.insert(desk.active_card())
        visiting = asyncio.create_task(bench.work.holder_watcher.while_present(serve_holder(bench.work, ui)))
        while not any(isinstance(screen, FingerCapture) for screen in ui.seen):
            await asyncio.sleep(0.005)
        await bench.take()
        outcome = (await asyncio.gather(visiting, return_exceptions=True))[0]
        assert isinstance(outcome, CardTakenAway)
        assert bench.kinds() == []

    at_desk(visit, tmp_path)


def test_the_other_programme_stays_open_after_the_first(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        ui = ScriptedUi(TAKE_RICE, CONFIRM, RECEIPT, give(Entitlements, "take", FEES), CONFIRM, RECEIPT, DONE)
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["holder"]
        await serve_holder(bench.work, ui)
        assert [d.scheme for d in deliveries(bench)] == [RICE, FEES]
        assert [d.card_sequence for d in deliveries(bench)] == [2, 3]

    at_desk(visit, tmp_path)
