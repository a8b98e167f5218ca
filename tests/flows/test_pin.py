"""The PIN: after fingers that do not match, recorded as what it is; an officer sets, unblocks and removes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from card_service.ledger_record import decode_record
from card_service.pin import PIN_TRIES, PinStatus, read_pin_status, set_pin, verify_pin
from domain.deliveries import BenefitDelivery
from domain.verification import VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from kiosk.flows.leaving import FlowLeft
from kiosk.flows.manage_pin import manage_pin
from kiosk.flows.serve_holder import serve_holder
from kiosk.flows.workplace import Officer
from kiosk.i18n.catalogue import load_catalogue
from kiosk.screen_models.general import Choice, Notice, PinEntry
from kiosk.screen_models.people import FaceComparison
from kiosk.screen_models.services import ConfirmDelivery, Entitlements
from kiosk.store.audit_log import AuditLine
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import Bench, officer_card
from tests.flows.scripted_ui import ScriptedUi, give, press, touch
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import RICE

PIN = "0417"
WRONG_FINGERS = ["stranger"] * 6
TAKE = (
    give(Entitlements, "take", RICE),
    press(ConfirmDelivery, "confirm"),
    press(Notice, "ok", "serve.handed_over"),
    press(Entitlements, "done"),
)


def with_pin(pin: str = PIN, *, misses: int = 0) -> VirtualCard:
    """An active card with that PIN, and so many tries used up."""
    card = desk.active_card()
    holder = desk.present(card)
    set_pin(holder.session, desk.kiosk(), pin)
    for _ in range(misses):
        verify_pin(holder.session, "999999")
    holder.session.close()
    return card


def status_of(card: VirtualCard) -> PinStatus:
    return read_pin_status(desk.present(card).session).status


def given(bench: Bench) -> BenefitDelivery:
    ((_, delivery),) = bench.store.deliveries.all()
    return delivery


def type_pin(pin: str):  # type: ignore[no-untyped-def]
    return give(PinEntry, "done", pin)


def test_a_pin_stands_in_for_fingers_that_do_not_match_and_the_ledger_says_so(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await bench.insert(with_pin())
        bench.fingers.queue = list(WRONG_FINGERS)
        ui = ScriptedUi(type_pin("1111"), type_pin(PIN), *TAKE)
        await serve_holder(bench.work, ui)
        delivery = given(bench)
        assert delivery.verified_by is VerifiedBy.PIN
        assert bytes.fromhex(delivery.ledger_record_hex)[31] == VerifiedBy.PIN
        assert decode_record(bytes.fromhex(delivery.ledger_record_hex)).verified_by is VerifiedBy.PIN
        assert [(str(r.rung), str(r.outcome)) for r in delivery.rungs][-2:] == [
            ("pin", "not_matched"),
            ("pin", "matched"),
        ]
        problems = [each.problem for each in ui.seen if isinstance(each, PinEntry)]
        assert problems[-1] is not None
        assert problems[-1].params["count"] == PIN_TRIES - 1
        kept = "".join(event.model_dump_json() for event in bench.store.outbox.waiting(limit=100))
        assert PIN not in kept, "no PIN in what is recorded"

    at_desk(visit, tmp_path)


def test_a_card_without_a_pin_goes_straight_to_face_and_officer(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await bench.insert(desk.active_card())
        await bench.insert_officer(officer_card())
        bench.fingers.queue = [*WRONG_FINGERS, "holder"]
        ui = ScriptedUi(give(Choice, "choose", "1", "face.title"), touch(FaceComparison, "same"), *TAKE)
        await serve_holder(bench.work, ui)
        assert given(bench).verified_by is VerifiedBy.FACE_AND_OFFICER
        assert not any(isinstance(each, PinEntry) for each in ui.seen)

    at_desk(visit, tmp_path)


def test_a_blocked_pin_is_given_new_tries_by_an_officer_with_card_and_finger(tmp_path: Path) -> None:
    card = with_pin(misses=PIN_TRIES)
    assert status_of(card) is PinStatus.BLOCKED

    async def visit(bench: Bench) -> None:
        await bench.insert(card)
        await bench.insert_officer(officer_card())
        bench.fingers.queue = [*WRONG_FINGERS, "holder"]
        ui = ScriptedUi(press(Notice, "unblock", "pin.blocked_title"), type_pin(PIN), *TAKE)
        await serve_holder(bench.work, ui)
        assert given(bench).verified_by is VerifiedBy.PIN

    at_desk(visit, tmp_path)
    assert status_of(card) is PinStatus.WRONG, "set, and not shown in this session"


def test_the_last_wrong_try_blocks_and_the_face_is_still_a_way(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await bench.insert(with_pin(misses=PIN_TRIES - 1))
        await bench.insert_officer(officer_card())
        bench.fingers.queue = [*WRONG_FINGERS, "holder"]
        ui = ScriptedUi(
            type_pin("8888"),
            press(Notice, "other_way", "pin.blocked_title"),
            give(Choice, "choose", "1", "face.title"),
            touch(FaceComparison, "same"),
            *TAKE,
        )
        await serve_holder(bench.work, ui)
        assert given(bench).verified_by is VerifiedBy.FACE_AND_OFFICER

    at_desk(visit, tmp_path)


def on_duty(bench: Bench) -> Officer:
    entry = bench.store.bundles.current.operators[0]
    assert entry.card_number is not None
    bench.work.officer = Officer(entry.operator_id, entry.name, entry.role, entry.card_number)
    return bench.work.officer


def test_an_officer_sets_replaces_and_removes_it_after_the_holders_finger(tmp_path: Path) -> None:
    card = desk.active_card()

    async def manage(bench: Bench, *steps: object) -> None:
        await bench.insert(card)
        bench.fingers.queue = ["holder"]
        await manage_pin(bench.work, ScriptedUi(*steps), on_duty(bench))  # type: ignore[arg-type]
        await bench.work.holder_reader.release()
        await bench.take()

    done = press(Notice, "ok", "pin.menu_title")

    async def visit(bench: Bench) -> None:
        append, noted = bench.store.audit.append, list[str]()

        def note(line: AuditLine) -> None:
            noted.extend([line.what] if line.what.startswith("pin.") else [])
            append(line)

        bench.store.audit.append = note  # type: ignore[method-assign]
        await manage(bench, type_pin("1234"), type_pin("1235"), type_pin(PIN), type_pin(PIN), done)
        assert verify_pin(desk.present(card).session, PIN).is_right
        await manage(
            bench, give(Choice, "choose", "replace", "pin.menu_title"), type_pin("246810"), type_pin("246810"), done
        )
        assert verify_pin(desk.present(card).session, "246810").is_right
        await manage(bench, give(Choice, "choose", "remove", "pin.menu_title"), done)
        assert status_of(card) is PinStatus.NOT_SET
        assert noted == ["pin.set", "pin.replaced", "pin.removed"]

    at_desk(visit, tmp_path)


def test_a_pin_is_not_changed_for_somebody_who_is_not_the_holder(tmp_path: Path) -> None:
    card = with_pin()

    async def visit(bench: Bench) -> None:
        await bench.insert(card)
        await bench.insert_officer(officer_card())
        bench.fingers.queue = [*WRONG_FINGERS, "holder"]
        ui = ScriptedUi(give(Choice, "choose", "1", "face.title"), touch(FaceComparison, "different"))
        with pytest.raises(FlowLeft):
            await manage_pin(bench.work, ui, on_duty(bench))
        await bench.work.holder_reader.release()

    at_desk(visit, tmp_path)
    assert verify_pin(desk.present(card).session, PIN).is_right


def test_every_sentence_about_pins_is_there_in_every_language() -> None:
    for language in ("en", "hi", "ur"):
        assert {"pin.wrong", "pin.blocked", "pin.enter"} <= load_catalogue(language).keys()
