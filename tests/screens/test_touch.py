"""Every action of every screen, touched."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from kiosk.screen_models.base import Screen
from kiosk.screen_models.general import BirthEntry, NumberEntry, TextEntry
from kiosk.screen_models.services import Entitlements
from kiosk.screen_models.text import t
from kiosk.screens import tokens
from kiosk.screens.hands import TouchFailed
from kiosk.screens.samples import all_samples
from kiosk.ui import BACK, Answer
from tests.screens.touching import Desk

pytestmark = pytest.mark.screen

NAMES = sorted(all_samples())


async def _answer_to(desk: Desk, screen: Screen, touch: str) -> Answer:
    asked = asyncio.create_task(desk.ui.ask(screen))
    await asyncio.sleep(0)
    await desk.hands.press(touch)
    return await asyncio.wait_for(asked, 5)


async def _pick(desk: Desk, screen: Screen, value: str) -> Answer:
    asked = asyncio.create_task(desk.ui.ask(screen))
    await asyncio.sleep(0)
    await desk.hands.pick(value)
    return await asyncio.wait_for(asked, 5)


@pytest.mark.parametrize("name", NAMES)
def test_every_action_of_every_screen_answers_when_it_is_touched(desk: Desk, name: str) -> None:
    screen = all_samples()[name]
    wanted = [action.id for action in screen.actions] + ([BACK] if screen.has_back else [])

    async def touch_all() -> list[str]:
        return [(await _answer_to(desk, screen, action)).action for action in wanted]

    assert desk.run(touch_all()) == wanted


@pytest.mark.parametrize("name", ["choice", "choice_language", "entitlements", "household_roster"])
def test_every_option_answers_with_its_value(desk: Desk, name: str) -> None:
    screen = all_samples()[name]
    values: list[tuple[str, str | int]] = [("choose", o.value) for o in getattr(screen, "options", ())]
    values += [("open", m.person_id) for m in getattr(screen, "members", ())]
    values += [("take", r.scheme) for r in getattr(screen, "rows", ()) if r.is_delivered_here]

    async def pick_all() -> list[tuple[str, str | int | None]]:
        answers = [await _pick(desk, screen, str(value)) for _, value in values]
        return [(answer.action, answer.value) for answer in answers]

    assert values
    assert desk.run(pick_all()) == values


def test_what_is_handed_over_elsewhere_does_not_answer(desk: Desk) -> None:
    screen = all_samples()["entitlements"]
    assert isinstance(screen, Entitlements)
    elsewhere = replace(screen, rows=tuple(replace(row, is_delivered_here=False) for row in screen.rows))
    with pytest.raises(TouchFailed):
        desk.run(_pick(desk, elsewhere, str(screen.rows[0].scheme)))


def test_several_options_are_chosen_and_answered_in_their_order(desk: Desk) -> None:
    screen = all_samples()["multi_choice"]

    async def choose() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(screen))
        await asyncio.sleep(0)
        await desk.hands.pick("worker")
        await desk.hands.pick("farmer")  # was chosen: taken back
        await desk.hands.press("done")
        return await asked

    assert desk.run(choose()) == Answer("done", "worker,home")


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("Latn", "Asha Devi-O'Neil 12"),
        ("Latn", "Ñandú"),
        ("Deva", "क्षत्रिया ड़ शर्मा"),
        ("Arab", "عائشہ بی بی"),
    ],
)
def test_a_name_is_typed_on_the_keys_of_its_script(desk: Desk, script: str, text: str) -> None:
    import unicodedata

    screen = TextEntry(title=t("action.done"), question=t("action.done"), script=script)

    async def type_it() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(screen))
        await asyncio.sleep(0)
        await desk.hands.type_text(text)
        await desk.hands.press("done")
        return await asked

    answer = desk.run(type_it())
    assert unicodedata.normalize("NFC", str(answer.value)) == unicodedata.normalize("NFC", text)


def test_an_empty_text_cannot_be_sent(desk: Desk) -> None:
    with pytest.raises(TouchFailed, match="disabled"):
        desk.run(_answer_to(desk, TextEntry(title=t("action.done"), question=t("action.done")), "done"))


def test_a_number_is_entered_and_kept_below_its_largest(desk: Desk) -> None:
    screen = NumberEntry(title=t("action.done"), question=t("action.done"), largest=99)

    async def enter() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(screen))
        await asyncio.sleep(0)
        await desk.hands.enter_number(457)
        return await asked

    assert desk.run(enter()) == Answer("done", 45)


@pytest.mark.parametrize(
    ("entered", "answer"), [("1986-03-09", Answer("done", "1986-03-09")), ("63", Answer("about", 63))]
)
def test_a_birth_is_a_date_or_about_an_age(desk: Desk, entered: str, answer: Answer) -> None:
    async def enter() -> Answer:
        asked = asyncio.create_task(desk.ui.ask(BirthEntry(title=t("action.done"), question=t("action.done"))))
        await asyncio.sleep(0)
        await desk.hands.enter_birth(entered)
        return await asked

    assert desk.run(enter()) == answer


def test_a_day_that_does_not_exist_cannot_be_sent(desk: Desk) -> None:
    async def enter() -> None:
        asked = asyncio.create_task(desk.ui.ask(BirthEntry(title=t("action.done"), question=t("action.done"))))
        await asyncio.sleep(0)
        for key in ("3", "1", "month_4", "1", "9", "9", "0"):
            await desk.hands.press(f"key_{key}")
        try:
            await desk.hands.press("done")
        finally:
            asked.cancel()

    with pytest.raises(TouchFailed, match="disabled"):
        desk.run(enter())


def test_a_covered_button_does_not_get_the_touch(desk: Desk) -> None:
    async def press_below_the_sheet() -> None:
        asked = asyncio.create_task(desk.ui.ask(all_samples()["notice_success"]))
        await asyncio.sleep(0)
        await desk.hands.press("help")
        try:
            await desk.hands.press("ok")
        finally:
            asked.cancel()

    with pytest.raises(TouchFailed, match="covered"):
        desk.run(press_below_the_sheet())
    assert desk.voice.chimes == 1


def test_the_second_tap_of_a_double_tap_is_no_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "GUARD_S", 60.0)

    async def tap_twice() -> bool:
        asked = asyncio.create_task(desk.ui.ask(all_samples()["notice_success"]))
        await asyncio.sleep(0.05)
        button = next(w for w in desk.hands._touchables() if w.action_id == "ok")
        with pytest.raises(TouchFailed):
            await desk.hands._touch(button, "ok")
        asked.cancel()
        return asked.done() and not asked.cancelled()

    assert desk.run(tap_twice()) is False
