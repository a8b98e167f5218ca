"""Time-outs, voice, language and updates of the window."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kiosk.screen_models import general, people, services
from kiosk.screen_models.base import Screen
from kiosk.screen_models.people import FingerCapture
from kiosk.screen_models.text import t, verbatim
from kiosk.screens.kit.overlays import StillThere
from kiosk.screens.registry import BODY_OF, body_for
from kiosk.screens.samples import all_samples
from kiosk.ui import TIMEOUT, Answer
from tests.screens.touching import Desk

pytestmark = pytest.mark.screen


def _all_models() -> set[type[Screen]]:
    found = [value for module in (general, people, services) for value in vars(module).values()]
    return {kind for kind in found if isinstance(kind, type) and issubclass(kind, Screen) and kind is not Screen}


def test_every_screen_model_has_a_body_and_a_sample() -> None:
    assert set(BODY_OF) == _all_models()
    assert {type(model) for model in all_samples().values()} == _all_models()
    assert all(body_for(model).shows is type(model) for model in all_samples().values())


def test_a_person_who_goes_away_is_asked_first_and_answered_for_then(desk: Desk) -> None:
    screen = replace(all_samples()["notice_success"], timeout_s=60.0)

    async def wait() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(screen))
        await asyncio.sleep(0)
        desk.pass_time(39.0)
        assert desk.ui.frame.overlay is None
        desk.pass_time(2.0)
        assert isinstance(desk.ui.frame.overlay, StillThere)
        assert desk.ui.frame.overlay.ring.share == pytest.approx(0.95)
        desk.pass_time(20.0)
        assert desk.ui.frame.overlay is None
        return await asyncio.wait_for(asked, 5)

    assert desk.run(wait()) == Answer(TIMEOUT)
    assert t("timeout.still_there") in desk.voice.said


def test_one_touch_gives_the_whole_time_again(desk: Desk) -> None:
    screen = replace(all_samples()["notice_success"], timeout_s=60.0)

    async def touch() -> bool:
        asked = asyncio.create_task(desk.ui.ask(screen))
        await asyncio.sleep(0)
        desk.pass_time(45.0)
        await desk.hands.press("still_here")
        assert desk.ui.frame.overlay is None
        desk.pass_time(39.0)
        still_waiting = not asked.done() and desk.ui.frame.overlay is None
        asked.cancel()
        return still_waiting

    assert desk.run(touch())


def test_a_short_message_closes_without_asking(desk: Desk) -> None:
    screen = replace(all_samples()["notice_success"], timeout_s=5.0)

    async def wait() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(screen))
        await asyncio.sleep(0)
        desk.pass_time(4.0)
        assert desk.ui.frame.overlay is None
        desk.pass_time(1.5)
        return await asyncio.wait_for(asked, 5)

    assert desk.run(wait()) == Answer(TIMEOUT)


def test_a_screen_without_a_time_out_waits_for_ever(desk: Desk) -> None:
    async def wait() -> bool:
        asked = asyncio.create_task(desk.ui.ask(all_samples()["finger_waiting"]))
        await asyncio.sleep(0)
        desk.pass_time(100_000.0)
        waits = not asked.done()
        asked.cancel()
        return waits

    assert desk.run(wait())


def test_an_update_of_the_same_screen_keeps_its_widgets_and_the_answer_being_waited_for(desk: Desk) -> None:
    first = all_samples()["finger_waiting"]
    assert isinstance(first, FingerCapture)

    async def update() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(first))
        await asyncio.sleep(0)
        body = desk.ui.frame.body
        for quality in range(0, 100, 20):
            desk.ui.show(replace(first, quality=quality))
        assert desk.ui.frame.body is body
        await desk.hands.press("other_finger")
        return await asked

    assert desk.run(update()) == Answer("other_finger")


def test_an_answer_given_between_two_waits_is_not_lost(desk: Desk) -> None:
    async def answer_early() -> Answer:
        desk.ui.show(all_samples()["notice_success"])
        await desk.hands.press("ok")
        return await asyncio.wait_for(desk.ui.answer(), 5)

    assert desk.run(answer_early()) == Answer("ok")


def test_an_answer_to_an_old_screen_is_void_on_the_next(desk: Desk) -> None:
    async def answer_late() -> bool:
        desk.ui.show(all_samples()["notice_success"])
        await desk.hands.press("ok")
        asked = asyncio.create_task(desk.ui.ask(all_samples()["choice"]))
        await asyncio.sleep(0.05)
        waits = not asked.done()
        asked.cancel()
        return waits

    assert desk.run(answer_late())


def test_a_screen_speaks_when_it_opens_and_again_at_the_speaker(desk: Desk) -> None:
    screen = replace(all_samples()["entitlements"], speak=t("help.called"))

    async def listen() -> None:
        desk.ui.show(screen)
        assert desk.voice.said == [t("help.called")]
        desk.ui.show(screen)
        assert desk.voice.said == [t("help.called")]
        await desk.hands.press("speaker")

    desk.run(listen())
    assert len(desk.voice.said) > 3  # the sentence and every row
    assert desk.voice.said[1] == t("help.called")


def test_the_language_of_everything_changes_at_once(desk: Desk) -> None:
    async def change() -> tuple[list[str], list[str]]:
        desk.ui.show(all_samples()["notice_success"])
        await desk.hands.settle()
        before = desk.hands.texts()
        desk.ui.set_language("ur")
        await desk.hands.settle()
        return before, desk.hands.texts()

    english, urdu = desk.run(change())
    assert "Given" in english
    assert "دے دیا گیا" in urdu
    assert desk.ui.language == "ur"


def test_in_urdu_the_voice_stays_at_the_right_and_the_way_on_goes_to_the_left(desk: Desk) -> None:
    async def places() -> dict[str, tuple[float, float]]:
        desk.ui.show(all_samples()["notice_success"])
        found = {}
        for language in ("en", "ur"):
            desk.ui.set_language(language)
            await desk.hands.settle()
            by_id = {w.action_id: w.x for w in desk.hands._touchables()}
            assert by_id["speaker"] > 1000
            found[language] = (by_id["back"], by_id["ok"])
        return found

    found = desk.run(places())
    assert found["en"][0] < found["en"][1]
    assert found["ur"][0] > found["ur"][1]


def test_cancelling_a_question_leaves_the_window_usable(desk: Desk) -> None:
    async def cancel_and_ask() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(all_samples()["choice"]))
        await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        asked = asyncio.create_task(desk.ui.ask(all_samples()["notice_success"]))
        await asyncio.sleep(0)
        await desk.hands.press("ok")
        return await asked

    assert desk.run(cancel_and_ask()) == Answer("ok")


def test_a_broken_portrait_never_stops_a_screen(desk: Desk) -> None:
    from kiosk.screen_models.base import Picture

    screen = replace(all_samples()["entitlements"], portrait=Picture(b"nonsense", "jpeg"), holder=verbatim("Asha"))

    async def show() -> list[str]:
        desk.ui.show(screen)
        await desk.hands.settle()
        return desk.hands.texts()

    assert "Asha" in desk.run(show())
