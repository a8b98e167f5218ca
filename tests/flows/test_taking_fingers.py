"""Ten fingers in any order; swapped, lent and replayed ones are noticed; exceptions are seen by two people."""

from __future__ import annotations

import asyncio
from pathlib import Path

from domain.fingers import FingerPosition
from domain.ids import OperatorId, PersonId
from domain.messages.enrolment import ExceptionLasting, FingerExcepted, FingerException, HandPhoto, WeakFingerReason
from domain.people import BirthDate, Person, PersonName, Sex
from enrolment.devices.ports import FingerImage
from enrolment.hand_plan import HandPlan
from kiosk.devices.failure import FailureReason
from kiosk.devices.ports import FingerReading
from kiosk.flows.enrol_fingers import take_fingers
from kiosk.flows.finger_exceptions import sign_exceptions
from kiosk.flows.finger_strangers import KnownFingers
from kiosk.screen_models.general import Choice, Notice
from kiosk.screen_models.people import FingerCapture, PortraitCapture
from kiosk.screen_models.text import verbatim
from kiosk.store.audit_log import AuditLine
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import OFFICER, Bench, officer_card
from tests.flows.scripted_ui import ScriptedUi, give, press, touch
from tests.unit.card_service_terminal.registry import TODAY

ADULT = Person(
    id=PersonId("P-1"),
    name=PersonName(latin="Asha Devi", local="आशा देवी"),
    sex=Sex.FEMALE,
    born=BirthDate(on=TODAY.replace(year=TODAY.year - 40)),
)
THUMB, LEFT_THUMB = FingerPosition.RIGHT_THUMB, FingerPosition.LEFT_THUMB


def settings(bench: Bench, **values: int) -> None:
    """The bundle says this much about fingers."""
    named = {f"fingers.{name}": value for name, value in values.items()}
    bundle = bench.store.bundles.current.model_copy(update={"settings": named})
    bench.store.bundles._bundle = bundle


async def take(bench: Bench, ui: ScriptedUi, plan: HandPlan | None = None) -> tuple[HandPlan, list[HandPlan]]:
    kept: list[HandPlan] = []
    return await take_fingers(bench.work, ui, ADULT, plan or HandPlan(), kept.append), kept


async def lay(bench: Bench, ui: ScriptedUi, fingers: list[str | None]) -> None:
    """The fingers come when the script has been touched through."""
    while not ui.is_done:
        await asyncio.sleep(0.002)
    bench.fingers.queue = fingers


def audit(bench: Bench) -> list[str]:
    """What was noted, from here on."""
    heard: list[str] = []
    note = bench.store.journal.note

    def hear(line: AuditLine) -> None:
        heard.append(line.what)
        note(line)

    bench.store.journal.note = hear  # type: ignore[method-assign]
    return heard


def test_all_ten_are_taken_in_any_order_and_kept_after_each(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=10)
        ui = ScriptedUi(touch(FingerCapture, "other"), give(Choice, "choose", str(int(FingerPosition.LEFT_LITTLE))))

        fingers: list[str | None] = [f"f{number}" for number in range(10) for _ in (1, 2)]
        (plan, kept), _ = await asyncio.gather(take(bench, ui), lay(bench, ui, fingers))
        assert len(plan.records()) == 10
        assert plan.done[0].position is FingerPosition.LEFT_LITTLE
        assert [len(each.done) for each in kept] == [0, *range(1, 11)]

    at_desk(visit, tmp_path)


def test_a_hand_broken_off_goes_on_with_the_next_finger(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2)
        bench.fingers.queue = ["a", "a", "b", "b"]
        whole, kept = await take(bench, ScriptedUi())
        bench.fingers.queue = ["b", "b"]
        resumed, _ = await take(bench, ScriptedUi(), kept[0])
        assert resumed == whole

    at_desk(visit, tmp_path)


def test_a_weak_finger_is_taken_with_a_reason_only(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2, quality=90, tries=2)
        bench.fingers.queue = ["a", "a", "a", "b", "b", "c", "c", "c"]
        weak = [
            give(Choice, "choose", "old_skin"),
            give(Choice, "choose", "leave_out"),
            give(Choice, "choose", "scarred"),
        ]
        plan, _ = await take(bench, ScriptedUi(*weak))
        assert [(each.position, each.taken_weak) for each in plan.records()] == [
            (THUMB, WeakFingerReason.OLD_SKIN),
            (FingerPosition.RIGHT_INDEX, WeakFingerReason.SCARRED),
        ]
        assert plan.records()[0].qualities == (80, 80, 80)
        assert plan.excepted[0].attempts == 2

    at_desk(visit, tmp_path)


def test_a_swapped_second_touch_is_named_on_the_screen(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2)
        bench.fingers.queue = ["a", "a", "b", "a", "b"]
        ui, noted = ScriptedUi(press(Notice, "ok", "fingers.swapped_title")), audit(bench)
        plan, _ = await take(bench, ui)
        notice = next(screen for screen in ui.seen if isinstance(screen, Notice))
        assert notice.body.key == "fingers.swapped_hands"
        assert getattr(notice.body.params["given"], "key", "") == "finger.right_thumb"
        assert [each.position for each in plan.records()] == [THUMB, LEFT_THUMB]
        assert "finger.given_twice" in noted

    at_desk(visit, tmp_path)


def test_a_finger_given_again_for_another_name_is_not_taken_and_the_screen_says_which_it_was(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2)
        bench.fingers.queue = ["a", "a", "a", "b", "b"]
        ui, noted = ScriptedUi(), audit(bench)
        plan, kept = await take(bench, ui)
        assert [(each.position, each.first.template) for each in plan.done] == [
            (THUMB, b"FMR\x00 a"),
            (LEFT_THUMB, b"FMR\x00 b"),
        ]
        assert noted == ["finger.given_twice"]
        hints = [screen.hint for screen in ui.seen if isinstance(screen, FingerCapture) and screen.hint]
        named = [hint.params["finger"] for hint in hints if hint.key == "capture.hint.given_as"]
        assert {getattr(each, "key", "") for each in named} == {"finger.right_thumb"}
        # Also after a restart in the middle of the hand.
        bench.fingers.queue = ["a", "b", "b"]
        resumed, _ = await take(bench, ScriptedUi(), kept[0])
        assert [each.first.template for each in resumed.done] == [b"FMR\x00 a", b"FMR\x00 b"]
        assert noted == ["finger.given_twice"] * 2

    at_desk(visit, tmp_path)


def test_a_scanner_that_sees_another_finger_than_asked_keeps_nothing_and_says_so(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2)
        bench.fingers.queue = ["other-x", "a", "a", "other-x", "b", "b"]
        ui, noted = ScriptedUi(), audit(bench)
        plan, _ = await take(bench, ui)
        assert [(each.position, each.attempts) for each in plan.done] == [(THUMB, 3), (LEFT_THUMB, 3)]
        assert all(b"other" not in each.template for each in plan.records())
        assert bench.fingers.asked == [THUMB] * 3 + [LEFT_THUMB] * 3
        assert noted == ["finger.other_than_asked"] * 2
        hints = {screen.hint.key for screen in ui.seen if isinstance(screen, FingerCapture) and screen.hint}
        assert "capture.hint.other_finger" in hints

    at_desk(visit, tmp_path)


def test_an_operators_finger_is_not_taken_and_only_the_audit_says_why(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2, tries=2)
        bench.work.operator_fingers[OperatorId("OP-7")] = b"FMR\x00 lent"
        bench.fingers.queue = ["lent", "a", "a", "lent", "lent", "b", "b"]
        ui, noted = ScriptedUi(), audit(bench)
        plan, _ = await take(bench, ui)
        assert {each.reason for each in plan.excepted} == {FingerException.HELD_BACK}
        assert len(plan.done) == 2
        assert noted.count("finger.operators_at_enrolment") == 3
        hints = {screen.hint.key for screen in ui.seen if isinstance(screen, FingerCapture) and screen.hint}
        assert "capture.hint.own_finger" in hints

    at_desk(visit, tmp_path)


def test_a_mothers_finger_is_not_taken_for_her_childs(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2)
        bench.fingers.queue = ["mother", "a", "a", "b", "b"]
        ui, noted = ScriptedUi(), audit(bench)
        plan = await take_fingers(
            bench.work, ui, ADULT, HandPlan(), lambda _: None, KnownFingers([("P-9", b"FMR\x00 mother")])
        )
        assert [finger.attempts for finger in plan.done] == [3, 2]
        assert noted == ["finger.relatives_at_enrolment"]

    at_desk(visit, tmp_path)


def test_a_picture_played_back_is_refused(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        settings(bench, adults=2)
        seen: set[bytes] = set()
        extract = bench.biometrics.extract

        async def remembering(image: FingerImage, position: FingerPosition) -> FingerReading:
            reading = await extract(image, position)
            is_repeated = image.pixels in seen
            seen.add(image.pixels)
            return FingerReading(reading.template, reading.quality, reading.hint_keys, is_repeated)

        bench.biometrics.extract = remembering  # type: ignore[method-assign]
        bench.fingers.queue = ["a", "a", "a", "a", "b1", "b1", "b1", "b1", "c1", "c1", "c1", "c1"]
        ui, noted = ScriptedUi(), audit(bench)
        taking = asyncio.create_task(take(bench, ui))
        while bench.fingers.queue:
            await asyncio.sleep(0.002)
        taking.cancel()
        assert noted == ["finger.same_picture"] * 9
        hints = {screen.hint.key for screen in ui.seen if isinstance(screen, FingerCapture) and screen.hint}
        assert "capture.hint.same_picture" in hints

    at_desk(visit, tmp_path)


def test_missing_fingers_are_photographed_and_signed_by_a_second_officer(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await bench.insert_officer(officer_card())
        settings(bench, adults=2)
        ui = ScriptedUi(
            touch(FingerCapture, "cannot"), give(Choice, "choose", "worn"), give(Choice, "choose", "permanent")
        )
        fingers: list[str | None] = ["a", "a", "b", "b", "holder"]
        (plan, _), _ = await asyncio.gather(take(bench, ui), lay(bench, ui, fingers))
        assert plan.excepted[0].lasting is ExceptionLasting.PERMANENT
        sign = give(Choice, "choose", "sign", "hands.sign_title")
        hands = ScriptedUi(touch(PortraitCapture, "take"), sign)
        signed = await sign_exceptions(bench.work, hands, verbatim("A"), plan, OperatorId("somebody-else"))
        assert signed.signed_by == OFFICER
        assert (signed.photo is not None, signed.hand_photo) == (True, HandPhoto.TAKEN)

    at_desk(visit, tmp_path)


def test_nobody_signs_for_themselves(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["holder"]
        plan = HandPlan().after(FingerExcepted(position=THUMB, reason=FingerException.MISSING))
        sign, nobody = (give(Choice, "choose", value, "hands.sign_title") for value in ("sign", "nobody"))
        ui = ScriptedUi(touch(PortraitCapture, "without"), sign, nobody)
        signed = await sign_exceptions(bench.work, ui, verbatim("A"), plan, OFFICER)
        assert (signed.signed_by, signed.photo, signed.is_signed_off) == (None, None, True)
        assert signed.hand_photo is HandPhoto.LEFT_OUT
        assert [s.question.key for s in ui.seen if isinstance(s, Choice)] == ["hands.who_signs", "hands.same_person"]

    at_desk(visit, tmp_path)


def test_a_camera_that_is_away_holds_nobody_up_and_is_written_down(tmp_path: Path) -> None:
    async def visit(bench: Bench) -> None:
        bench.camera.failures = [FailureReason.UNPLUGGED, FailureReason.SILENT]
        plan = HandPlan().after(FingerExcepted(position=THUMB, reason=FingerException.MISSING))
        ui = ScriptedUi(
            press(Notice, "retry"), press(Notice, "without"), give(Choice, "choose", "nobody", "hands.sign_title")
        )
        signed = await sign_exceptions(bench.work, ui, verbatim("A"), plan, OFFICER)
        assert (signed.photo, signed.hand_photo, signed.is_signed_off) == (None, HandPhoto.CAMERA_AWAY, True)

    at_desk(visit, tmp_path)
