"""A face model advises, people decide, the record says who; nobody is locked out by it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from domain.ids import OperatorId, PersonId
from domain.verification import FaceJudge, FaceJudgement, Verdict, VerifiedBy
from enrolment.devices.ports import CameraFrame
from kiosk.devices.failure import DeviceName, FailureReason
from kiosk.devices.ports import FaceAdvice
from kiosk.flows.devices_view import check_all
from kiosk.flows.face_adviser import COMPARISONS, FaceAdviser
from kiosk.flows.face_judging import JudgedFace, judge_face
from kiosk.flows.serve_holder import serve_holder
from kiosk.flows.workplace import Patience
from kiosk.screen_models.base import CheckLine, Picture
from kiosk.screen_models.general import Choice, Notice
from kiosk.screen_models.people import FaceComparison
from kiosk.screen_models.services import ConfirmDelivery, Entitlements
from kiosk.screen_models.text import verbatim
from tests.flows.at_desk import at_desk
from tests.flows.desk_bench import OFFICER, Bench, officer_card
from tests.flows.fake_devices import FakeFaces
from tests.flows.scripted_ui import ScriptedUi, Step, give, press, touch
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.registry import RICE

SAME = FaceAdvice(Verdict.VERIFIED, 512)
OTHER = FaceAdvice(Verdict.FAILED, 120)
NOBODY = FaceAdvice(Verdict.COULD_NOT_CHECK, None, "no_face_now")
NO_PICTURE = FaceAdvice(Verdict.COULD_NOT_CHECK, None, "no_face_on_card")
SOMEBODY_ELSE = OperatorId("somebody-else")
CHOOSE = give(Choice, "choose", "1", "face.title")
YES, NO = touch(FaceComparison, "same"), touch(FaceComparison, "different")
TAKE = (
    give(Entitlements, "take", RICE),
    press(ConfirmDelivery, "confirm"),
    press(Notice, "ok", "serve.handed_over"),
    press(Entitlements, "done"),
)
ANOTHER_WAY = press(Notice, "other_way", "face.two_eyes_title")
SIGN = press(Notice, "sign", "face.two_eyes_title")
DENIED = press(Notice, "ok", "denial.title")


async def visit(bench: Bench, faces: FakeFaces | None, *steps: Step) -> ScriptedUi:
    """Somebody whose fingers are worn, before the officer on duty."""
    bench.work.faces = faces
    await bench.insert(desk.active_card())
    await bench.insert_officer(officer_card())
    bench.fingers.queue = ["bad"] * 6 + ["holder"]
    ui = ScriptedUi(CHOOSE, *steps)
    await serve_holder(bench.work, ui)
    assert ui.is_done
    return ui


def recorded(bench: Bench) -> FaceJudgement:
    """What the event says about the face."""
    payloads = [event.body.payload for event in bench.store.outbox.waiting(limit=9)]
    rungs = next(payload["rungs"] for payload in payloads if "rungs" in payload)
    assert isinstance(rungs, list)
    return FaceJudgement.model_validate(rungs[-1]["face"])  # type: ignore[index, call-overload]


def told(ui: ScriptedUi) -> list[str]:
    """What the officer read about the model, each once."""
    lines = [screen.advice for screen in ui.seen if isinstance(screen, FaceComparison)]
    return list(dict.fromkeys(line.text.key for line in lines if line is not None))


async def judged(bench: Bench, ui: ScriptedUi, faces: FakeFaces | None) -> JudgedFace:
    """A face judged by an officer who is not the one whose card lies in the reader."""
    bench.work.faces = faces
    return await judge_face(
        bench.work,
        ui,
        verbatim("Asha"),
        Picture(b"\xff\xd8", "jpeg"),
        officer_id=SOMEBODY_ELSE,
        subject="card",
        barred=[PersonId("P-family")],
    )


def test_what_the_model_said_and_which_model_stands_in_the_event(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        ui = await visit(bench, FakeFaces(SAME), YES, *TAKE)
        assert [d.verified_by for _, d in bench.store.deliveries.all()] == [VerifiedBy.FACE_AND_OFFICER]
        assert recorded(bench) == FaceJudgement(
            judge=FaceJudge.MODEL_AND_OFFICER,
            advice=Verdict.VERIFIED,
            model="tiny",
            model_sha256="ab" * 32,
            score_thousandths=512,
            threshold_thousandths=363,
            one_in=1_000,
            comparisons=1,
        )
        assert told(ui) == ["face.advice.looking", "face.advice.same"]

    at_desk(story, tmp_path)


def test_without_a_model_a_persons_judgement_is_recorded_as_such(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        ui = await visit(bench, None, YES, *TAKE)
        assert recorded(bench) == FaceJudgement(judge=FaceJudge.OFFICER, advice=None, model="", score_thousandths=None)
        assert told(ui) == []

    at_desk(story, tmp_path)


def test_a_model_that_sees_the_same_person_does_not_overrule_an_officer_who_does_not(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        await visit(bench, FakeFaces(SAME), NO, DENIED)
        assert bench.kinds() == ["denial.recorded", "grievance.lodged"]

    at_desk(story, tmp_path)


def test_a_model_that_says_no_locks_nobody_out_a_second_officer_may_say_yes(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["holder"]
        ui = ScriptedUi(YES, SIGN, YES)
        said = await judged(bench, ui, FakeFaces(OTHER))
        assert said.is_same
        assert said.judgement.second_officer == OFFICER
        assert (said.judgement.advice, said.judgement.score_thousandths) == (Verdict.FAILED, 120)
        assert said.judgement.comparisons == COMPARISONS
        assert "face.advice.other" in told(ui)

    at_desk(story, tmp_path)


def test_the_second_officer_may_see_another_person_too(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        await bench.insert_officer(officer_card())
        bench.fingers.queue = ["holder"]
        said = await judged(bench, ScriptedUi(YES, SIGN, NO), FakeFaces(OTHER))
        assert (said.is_same, said.judgement.second_officer) == (False, None)

    at_desk(story, tmp_path)


def test_the_same_officer_is_no_second_one_and_the_way_on_stays_open(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        bench.work.patience = Patience(poll_s=0.005, registry_polls=3)
        bench.fingers.queue = []
        await bench.insert(desk.active_card())
        await bench.insert_officer(officer_card())
        bench.work.faces = FakeFaces(OTHER)
        bench.fingers.queue = ["bad"] * 6 + ["holder"] * 2
        ui = ScriptedUi(CHOOSE, YES, SIGN, ANOTHER_WAY, DENIED)
        await serve_holder(bench.work, ui)
        bodies = [s.body.key for s in ui.seen if isinstance(s, Notice) and s.title.key == "face.two_eyes_title"]
        assert bodies == ["face.model_says_other", "four_eyes.same_person"]
        assert bench.kinds() == ["denial.recorded", "grievance.lodged"]
        assert recorded(bench).advice is Verdict.FAILED

    at_desk(story, tmp_path)


def test_a_model_that_cannot_work_leaves_the_officer_to_judge_and_says_why(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        faces = FakeFaces(SAME)
        faces.failures = [FailureReason.MODEL_NOT_APPROVED] * 9
        ui = await visit(bench, faces, YES, *TAKE)
        said = recorded(bench)
        assert (said.judge, said.advice, said.model) == (FaceJudge.OFFICER, Verdict.COULD_NOT_CHECK, "tiny")
        assert (said.score_thousandths, said.comparisons) == (None, 0)
        assert told(ui) == ["face.advice.looking", "face.advice.failed_to_work"]
        assert len(faces.compared) == 0

    at_desk(story, tmp_path)


def test_a_face_that_the_model_does_not_find_holds_nobody_up(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        bench.work.patience = Patience(poll_s=0.005, registry_polls=3, face_s=0.05)
        ui = await visit(bench, FakeFaces(NOBODY), YES, *TAKE)
        said = recorded(bench)
        assert (said.judge, said.advice, said.comparisons) == (FaceJudge.OFFICER, Verdict.COULD_NOT_CHECK, 0)
        assert told(ui) == ["face.advice.looking", "face.advice.could_not"]

    at_desk(story, tmp_path)


def test_a_photograph_without_a_face_is_looked_at_once(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        faces = FakeFaces(NO_PICTURE)
        await visit(bench, faces, YES, *TAKE)
        assert len(faces.compared) == 1
        assert recorded(bench).advice is Verdict.COULD_NOT_CHECK

    at_desk(story, tmp_path)


def test_without_the_camera_the_officer_judges_by_eye(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        bench.camera.failures = [FailureReason.UNPLUGGED] * 99
        ui = ScriptedUi(press(Notice, "stop", "device.failed"), press(FaceComparison, "same"))
        said = await judged(bench, ui, FakeFaces(SAME))
        assert (said.is_same, said.judgement.judge) == (True, FaceJudge.OFFICER)

    at_desk(story, tmp_path)


def test_a_camera_that_gives_no_picture_does_not_keep_the_officer_from_answering(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        async def nothing(*, after: int = -1) -> None:
            await asyncio.sleep(0.005)

        bench.camera.latest = nothing  # type: ignore[method-assign, assignment]
        bench.work.patience = Patience(poll_s=0.005, registry_polls=3, face_s=0.05)
        ui = ScriptedUi(YES)
        said = await judged(bench, ui, FakeFaces(SAME))
        assert (said.is_same, said.judgement.judge) == (True, FaceJudge.OFFICER)
        assert told(ui) == ["face.advice.looking", "face.advice.could_not"]

    at_desk(story, tmp_path)


def test_a_model_slower_than_patience_is_not_waited_for(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        class Slow(FakeFaces):
            async def compare(self, frame: CameraFrame, portrait: bytes) -> FaceAdvice:
                await asyncio.sleep(30)
                return SAME

        bench.work.patience = Patience(poll_s=0.005, registry_polls=3, face_s=0.05)
        said = await judged(bench, ScriptedUi(YES), Slow(SAME))
        assert (said.is_same, said.judgement.comparisons) == (True, 0)

    at_desk(story, tmp_path)


def test_every_comparison_counts_in_the_rate_that_the_officer_reads() -> None:
    async def story() -> list[CheckLine | None]:
        lines = []
        for misses in range(COMPARISONS):
            adviser = FaceAdviser(FakeFaces(*[OTHER] * misses, SAME), b"portrait", 9.0)
            while not adviser.is_settled:
                await adviser.look(None)  # type: ignore[arg-type]
            lines.append(adviser.line())
        return lines

    counts = [line.text.params["count"] for line in asyncio.run(story()) if line is not None]
    assert counts == [1_000, 500, 333]


def test_the_health_of_the_model_stands_with_the_devices_where_there_is_one(tmp_path: Path) -> None:
    async def story(bench: Bench) -> None:
        assert DeviceName.FACES not in [health.device for health in await check_all(bench.work)]
        bench.work.faces = FakeFaces(SAME)
        assert (await check_all(bench.work))[-1].device is DeviceName.FACES

    at_desk(story, tmp_path)
