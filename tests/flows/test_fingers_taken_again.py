"""Fingers taken again at the desk: from the holder's card, sealed for the registry, with what is under another name."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from domain.desk_policy import DeskPolicy
from domain.finger_swaps import SwapDecision
from domain.fingers import FingerPosition
from domain.messages.enrolment import FingerException, HandPhoto
from domain.messages.fingers import (
    HPKE_INFO_FINGERS,
    FingerNotThere,
    FingersKnown,
    FingersRetaken,
    FingerSwapDecided,
    SealedFingers,
)
from domain.verification import VerifiedBy
from kiosk.flows.card_services import show_card_services
from kiosk.flows.workplace import Officer
from kiosk.screen_models.general import Choice, Notice
from kiosk.screen_models.people import FingerCapture, PortraitCapture
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import ENROLMENT_KEY, OFFICER, Bench
from tests.flows.scripted_ui import ScriptedUi, Step, give, press, touch
from tests.flows.test_finger_is_learnt import holder_of_card
from tests.unit.card_service_terminal import desk

RIGHT, LEFT, INDEX = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB, FingerPosition.RIGHT_INDEX
START = give(Choice, "choose", "fingers", "cards.title")
DONE = press(Notice, "ok", "retake.title")


def on_duty(bench: Bench) -> Officer:
    entry = bench.store.bundles.current.operators[0]
    assert entry.card_number is not None
    bench.work.officer = Officer(OFFICER, entry.name, entry.role, entry.card_number)
    return bench.work.officer


def settings(bench: Bench, **values: int | bool) -> None:
    named = {f"fingers.{name}": value for name, value in values.items()}
    bundle = bench.store.bundles.current
    bench.store.bundles._bundle = bundle.model_copy(update={"settings": {**bundle.settings, **named}})


async def again(bench: Bench, fingers: list[str | None], *steps: Step) -> ScriptedUi:
    """The holder lays down one finger to be known, then these."""
    officer = on_duty(bench)
    await bench.insert(desk.active_card())
    bench.fingers.queue = ["holder", *fingers]
    ui = ScriptedUi(START, *steps)
    await show_card_services(bench.work, ui, officer)
    assert ui.is_done
    return ui


def told(bench: Bench) -> FingersRetaken:
    (body,) = [e.body for e in bench.store.outbox.waiting(limit=9) if e.body.kind == "fingers.retaken"]
    sealed = SealedFingers.model_validate_json(body.model_dump_json(include={"payload"})[len('{"payload":') : -1])
    info = HPKE_INFO_FINGERS + sealed.capture_id.encode()
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    return FingersRetaken.model_validate_json(suite.decrypt(sealed.sealed, ENROLMENT_KEY, info))


def test_fingers_taken_again_reach_the_registry_sealed(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        settings(bench, adults=2)
        await again(bench, ["a", "a", "b", "b"], DONE)
        content = told(bench)
        assert (content.capture.person_id, content.operator_id) == (holder_of_card()[0], OFFICER)
        assert content.verified_by is VerifiedBy.FINGER
        assert [finger.position for finger in content.capture.fingers] == [RIGHT, LEFT]
        assert content.capture.portrait is None
        (event,) = [e for e in bench.store.outbox.waiting(limit=9) if e.body.kind == "fingers.retaken"]
        assert "FMR" not in event.model_dump_json()

    at_desk(story, tmp_path)


def test_a_finger_that_the_card_knows_by_another_name_is_said_once_and_then_taken_as_it_is_given(
    tmp_path: Path,
) -> None:
    async def story(bench: Bench) -> None:
        settings(bench, adults=2)
        swapped = press(Notice, "ok", "fingers.swapped_title")
        given_wrongly = give(Choice, "choose", SwapDecision.GIVEN_WRONGLY, "swap.title")
        ui = await again(bench, ["a", "a", "holder", "holder", "holder"], swapped, given_wrongly, DONE)
        notice = next(screen for screen in ui.seen if screen.title.key == "fingers.swapped_title")
        assert isinstance(notice, Notice)
        assert notice.body.key == "fingers.swapped_hands"
        content = told(bench)
        assert [finger.position for finger in content.capture.fingers] == [RIGHT, LEFT], "never a refusal"
        (body,) = [e.body for e in bench.store.outbox.waiting(limit=9) if e.body.kind == "fingers.swap_decided"]
        decided = FingerSwapDecided.model_validate(body.payload, strict=False)
        assert (decided.capture_id, decided.decision) == (content.capture_id, SwapDecision.GIVEN_WRONGLY)
        assert bench.kinds().index("fingers.retaken") < bench.kinds().index("fingers.swap_decided")

    at_desk(story, tmp_path)


def test_the_right_finger_after_the_notice_is_no_swap(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        settings(bench, adults=2)
        swapped = press(Notice, "ok", "fingers.swapped_title")
        await again(bench, ["a", "a", "holder", "b", "b"], swapped, DONE)
        assert "fingers.swap_decided" not in bench.kinds()

    at_desk(story, tmp_path)


def test_a_finger_noted_as_not_there_at_another_desk_is_left_alone(tmp_path: Path) -> None:
    person, order = holder_of_card()

    async def story(bench: Bench) -> None:
        settings(bench, adults=2)
        known = FingersKnown(person_id=person, order=order, not_there=(FingerNotThere(position=LEFT, until=None),))
        bench.store.fingers_known.save(person, known)
        ui = await again(bench, ["a", "a", "b", "b"], DONE)
        content = told(bench)
        assert [finger.position for finger in content.capture.fingers] == [RIGHT, INDEX]
        assert content.capture.excepted == (), "nothing new is said of it"
        asked = {screen.position for screen in ui.seen if isinstance(screen, FingerCapture)}
        assert LEFT not in asked

    at_desk(story, tmp_path)


def test_a_finger_that_is_bandaged_now_is_noted_with_the_hands(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        settings(bench, adults=2)
        officer = on_duty(bench)
        await bench.insert(desk.active_card())
        bench.fingers.queue = ["holder"]
        after = (touch(PortraitCapture, "take"), give(Choice, "choose", "nobody", "hands.sign_title"), DONE)
        cannot = touch(FingerCapture, "cannot", "fingers.title")
        ui = ScriptedUi(START, cannot, give(Choice, "choose", "bandaged"), *after)

        async def lay() -> None:
            while len(ui._steps) > len(after):
                await asyncio.sleep(0.002)
            bench.fingers.queue = ["a", "a", "b", "b"]

        await asyncio.gather(show_card_services(bench.work, ui, officer), lay())
        capture = told(bench).capture
        assert [(each.position, each.reason) for each in capture.excepted] == [(RIGHT, FingerException.BANDAGED)]
        assert {finger.position for finger in capture.fingers} == {LEFT, INDEX}
        assert (capture.exception_photo is not None, capture.hand_photo) == (True, HandPhoto.TAKEN)

    at_desk(story, tmp_path)


def test_where_fingers_live_on_cards_only_nothing_is_asked(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        bundle = bench.store.bundles.current
        policy = DeskPolicy(is_token_only=True).to_settings()
        bench.store.bundles._bundle = bundle.model_copy(update={"settings": policy})
        ui = await again(bench, [], DONE)
        assert ui.seen[-1] == next(screen for screen in ui.seen if screen.title.key == "retake.title")
        assert bench.kinds() == []

    at_desk(story, tmp_path)


@pytest.mark.parametrize("finger", ["stranger", "bad"])
def test_somebody_who_is_not_on_the_card_gives_no_finger_for_it(tmp_path: Path, finger: str) -> None:
    async def story(bench: Bench) -> None:
        officer = on_duty(bench)
        await bench.insert(desk.active_card())
        bench.fingers.queue = [finger] * 6
        ui = ScriptedUi(START, give(Choice, "back", "", "face.title"))
        await show_card_services(bench.work, ui, officer)
        assert "fingers.retaken" not in bench.kinds()

    at_desk(story, tmp_path)
