"""A finger that failed, here or at another desk, is asked for later; one that is not there is not asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from domain.fingers import FingerPosition
from domain.ids import PersonId
from domain.messages.fingers import FingerNotThere, FingersKnown, FingersTried
from domain.messages.sync import Change, ChangeKind
from kiosk.flows.serve_holder import serve_holder
from kiosk.screen_models.general import Notice
from kiosk.screen_models.people import FingerCapture
from kiosk.screen_models.services import ConfirmDelivery, Entitlements
from kiosk.screen_models.text import verbatim
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import NOW, Bench
from tests.flows.scripted_ui import ScriptedUi, give, press
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import RICE, TODAY

TOMORROW = TODAY + timedelta(days=1)


def holder_of_card() -> tuple[PersonId, tuple[FingerPosition, ...]]:
    card = desk.check(desk.active_card()).card
    assert card is not None
    row = card.details.members[0]
    return row.person_id, row.fingers


def feed(*known: FingersKnown) -> list[Change]:
    return [
        Change(cursor=number, kind=ChangeKind.FINGERS, payload=each.model_dump(mode="json"))
        for number, each in enumerate(known, start=1)
    ]


async def visit(bench: Bench, *fingers: str, ui: ScriptedUi | None = None) -> list[FingerPosition]:
    """The fingers that were asked for."""
    ui = ui or ScriptedUi(press(Entitlements, "done"))
    await bench.insert(desk.active_card())
    bench.fingers.queue = list(fingers)
    await serve_holder(bench.work, ui)
    return list(dict.fromkeys(screen.position for screen in ui.seen if isinstance(screen, FingerCapture)))


def test_the_finger_that_matched_last_time_is_asked_for_first_also_after_a_restart(tmp_path: Path) -> None:
    asked: list[list[FingerPosition]] = []

    async def story(bench: Bench, *fingers: str) -> None:
        asked.append(await visit(bench, *fingers))

    at_desk(lambda bench: story(bench, "bad", "bad", "stranger", "holder"), tmp_path)
    at_desk(lambda bench: story(bench, "holder"), tmp_path)
    first, second = asked
    assert len(first) == 2
    assert second == [first[1]]


def test_how_the_fingers_did_is_told_to_the_registry_once_a_visit(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        first, second = await visit(bench, "bad", "stranger", "stranger", "holder")
        (event,) = bench.store.outbox.waiting(limit=9)
        told = FingersTried.model_validate(event.body.payload, strict=False)
        assert told.person_id == holder_of_card()[0]
        assert [(each.position, each.is_match) for each in told.tries] == [*[(first, False)] * 3, (second, True)]

    at_desk(story, tmp_path)


def test_the_finger_that_worked_at_another_desk_is_asked_for_first_here(tmp_path: Path) -> None:
    person, fingers = holder_of_card()

    async def story(bench: Bench) -> None:
        order = tuple(reversed(fingers))
        bench.registry.changes = feed(FingersKnown(person_id=person, order=order, learnt_until=NOW))
        await bench.work.sync.sync_now()
        assert await visit(bench, "holder") == [order[0]]

    at_desk(story, tmp_path)


def without(fingers: Sequence[FingerPosition], until: object) -> FingersKnown:
    person, order = holder_of_card()
    not_there = tuple(FingerNotThere.model_validate({"position": each, "until": until}) for each in fingers)
    return FingersKnown(person_id=person, order=order, not_there=not_there)


@pytest.mark.parametrize(("until", "is_asked"), [(None, False), (TOMORROW, False), (TODAY, True)])
def test_a_finger_noted_elsewhere_as_not_there_is_not_asked_for_until_its_time_is_over(
    tmp_path: Path, until: object, is_asked: bool
) -> None:
    best = holder_of_card()[1][0]

    async def story(bench: Bench) -> None:
        bench.registry.changes = feed(without([best], until))
        await bench.work.sync.sync_now()
        steps = [press(Entitlements, "done"), *([press(Notice, "ok", "renew.title")] if is_asked else [])]
        assert (best in await visit(bench, "holder", ui=ScriptedUi(*steps))) is is_asked

    at_desk(story, tmp_path)


def test_with_no_finger_left_the_next_member_is_asked_and_the_holder_may_still_lay_one_down(tmp_path: Path) -> None:
    fingers = holder_of_card()[1]

    async def story(bench: Bench) -> None:
        bench.registry.changes = feed(without(fingers, None))
        await bench.work.sync.sync_now()
        ui = ScriptedUi(press(Entitlements, "done"))
        asked = await visit(bench, "holder", ui=ui)
        screens = [screen for screen in ui.seen if isinstance(screen, FingerCapture)]
        card = desk.check(desk.active_card()).card
        assert card is not None
        others = [row for row in card.details.members[1:] if row.fingers]
        assert asked == [others[0].fingers[0]]
        assert all(screen.person == verbatim(others[0].name) for screen in screens)
        assert bench.kinds() == [], "whose finger it was is not known for certain"

    at_desk(story, tmp_path)


def test_the_receipt_says_which_finger_to_lay_down_first_next_time(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        first, second = holder_of_card()[1][:2]
        take, confirm = give(Entitlements, "take", RICE), press(ConfirmDelivery, "confirm")
        ui = ScriptedUi(take, confirm, press(Notice, "ok"), press(Entitlements, "done"))
        assert await visit(bench, "bad", "stranger", "stranger", "holder", ui=ui) == [first, second]
        said = {label.key: value.key for label, value in bench.artist.slips[0].lines}
        assert said["slip.best_finger"] == f"finger.{second.name.lower()}"

    at_desk(story, tmp_path)


def test_a_word_of_the_feed_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        bench.registry.changes = [Change(cursor=1, kind=ChangeKind.FINGERS, payload={"order": "thumbs up"})]
        state = await bench.work.sync.sync_now()
        assert state.problem is None
        assert await visit(bench, "holder") == [holder_of_card()[1][0]]

    at_desk(story, tmp_path)
