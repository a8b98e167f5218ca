"""A face model from the desk's file to its verdict: a real process, a real camera stream, tiny networks made here."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from biometrics.face_model import FaceModel
from biometrics.portrait import check_portrait, crop_portrait
from domain.verification import Verdict
from enrolment.devices.ports import CameraFrame
from hardware_sim.camera import CameraSim
from hardware_sim.faces import draw_portrait
from hardware_sim.people import FATHER, MOTHER, Person
from kiosk.devices.desk_devices import make_devices
from kiosk.devices.failure import DeviceFailed, DeviceName, FailureReason
from kiosk.devices.ports import FaceAdvice
from kiosk.devices.remote_devices import RemoteFaces
from kiosk.settings import SettingsRefused, read_desk_plan
from tests.unit.biometrics.face_networks import face_model
from tests.unit.enrolment_devices.test_finger_servants import DESK

#: The tiny network finds a drawn face like itself above, and unlike others below.
THRESHOLD = 0.96


def plan(model: FaceModel, **changed: object) -> dict[str, object]:
    """What stands in the desk's file."""
    said = {
        "name": model.name,
        "recogniser": str(model.recogniser.path),
        "recogniser_sha256": model.recogniser.sha256,
        "threshold": model.threshold,
        "one_in": model.one_in,
    }
    return {**said, **changed}


def written(folder: Path, face: dict[str, object] | None) -> Path:
    path = folder / "desk.json"
    path.write_text(json.dumps({**DESK, "face_model": face}))
    return path


def portrait(person: Person) -> bytes:
    """As on the card."""
    drawn = draw_portrait(person.face)
    return crop_portrait(drawn, check_portrait(drawn))


def played(folder: Path, face: dict[str, object], story) -> object:  # type: ignore[no-untyped-def]
    """What comes of the story with the faces of that desk; no other device is started."""
    devices = make_devices(read_desk_plan(written(folder, face)))
    assert devices.faces is not None
    try:
        return asyncio.run(asyncio.wait_for(story(devices.faces), 60))
    finally:
        devices.close()


def frame_of(person: Person) -> CameraFrame:
    drawn = draw_portrait(person.face)
    return CameraFrame(drawn.tobytes(), drawn.shape[1], drawn.shape[0], 1)


def test_the_living_face_is_compared_with_the_photograph_of_the_card_in_a_process_of_its_own(tmp_path: Path) -> None:
    async def story(faces: RemoteFaces) -> None:
        with CameraSim() as sim:
            sim.show(MOTHER.face)
            seen = await asyncio.to_thread(first_frame, sim.url)
        same = await faces.compare(seen, portrait(MOTHER))
        other = await faces.compare(seen, portrait(FATHER))
        assert (same.verdict, other.verdict) == (Verdict.VERIFIED, Verdict.FAILED)
        assert same.score_thousandths is not None
        assert other.score_thousandths is not None
        assert other.score_thousandths < 960 <= same.score_thousandths
        wall = CameraFrame(b"\x80" * (640 * 480 * 3), 640, 480, 2)
        assert await faces.compare(wall, portrait(MOTHER)) == FaceAdvice(Verdict.COULD_NOT_CHECK, None, "no_face_now")
        assert await faces.compare(seen, b"no picture") == FaceAdvice(Verdict.COULD_NOT_CHECK, None, "no_face_on_card")
        assert (await faces.check()).is_working
        assert (faces.model.threshold_thousandths, faces.model.one_in) == (960, 1_000)

    played(tmp_path, plan(face_model(tmp_path, threshold=THRESHOLD)), story)


def first_frame(url: str) -> CameraFrame:
    from enrolment.devices.opencv_camera import open_opencv_camera

    with open_opencv_camera(url) as camera:
        while (frame := camera.latest(1.0)) is None:
            pass
        return frame


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"recogniser": "/nowhere/sface.onnx"}, FailureReason.MODEL_MISSING),
        ({"recogniser_sha256": "0" * 64}, FailureReason.MODEL_NOT_APPROVED),
        ({"detector": "as the recogniser"}, FailureReason.MODEL_UNUSABLE),
    ],
    ids=["missing", "another file", "no detector"],
)
def test_a_model_that_is_not_the_approved_one_is_named_and_never_used(
    tmp_path: Path, changed: dict[str, object], reason: FailureReason
) -> None:
    model = face_model(tmp_path)
    if "detector" in changed:
        changed = {"detector": str(model.recogniser.path), "detector_sha256": model.recogniser.sha256}

    async def story(faces: RemoteFaces) -> None:
        with pytest.raises(DeviceFailed) as failure:
            await faces.compare(frame_of(MOTHER), portrait(MOTHER))
        assert (failure.value.device, failure.value.reason) == (DeviceName.FACES, reason)
        assert (await faces.check()).reason is reason

    played(tmp_path, plan(model, **changed), story)


def test_a_model_put_right_works_without_a_new_start(tmp_path: Path) -> None:
    model = face_model(tmp_path, threshold=THRESHOLD)
    content = model.recogniser.path.read_bytes()
    model.recogniser.path.write_bytes(b"another")

    async def story(faces: RemoteFaces) -> None:
        assert (await faces.check()).reason is FailureReason.MODEL_NOT_APPROVED
        model.recogniser.path.write_bytes(content)
        assert (await faces.check()).is_working

    played(tmp_path, plan(model), story)


@pytest.mark.parametrize(
    "changed",
    [
        {"recogniser_sha256": "abc"},
        {"threshold": 1.5},
        {"one_in": 1},
        {"name": ""},
        {"detector": "/srv/yunet.onnx"},
        {"colour": "red"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_desk_file_with_half_a_face_model_is_refused_by_name(tmp_path: Path, changed: dict[str, object]) -> None:
    with pytest.raises(SettingsRefused, match="face_model"):
        read_desk_plan(written(tmp_path, plan(face_model(tmp_path), **changed)))


def test_a_desk_without_a_face_model_has_no_process_for_one(tmp_path: Path) -> None:
    devices = make_devices(read_desk_plan(written(tmp_path, None)))
    assert devices.faces is None
    assert DeviceName.FACES not in [worker.device for worker in devices.workers]
    devices.close()
