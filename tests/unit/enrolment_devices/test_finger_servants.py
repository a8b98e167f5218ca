"""The finger sensor's process serves every kind of sensor by the same calls; the desk's file chooses which."""

import random
from datetime import UTC, datetime

import pytest

from domain.fingers import FingerPosition
from enrolment.devices.ports import SensorSameImage, SensorUnplugged, SensorUntrusted
from hardware_sim.sbi_device import SbiDeviceSim, SbiFault
from hardware_sim.sbi_device.credentials import make_credentials
from hardware_sim.sbi_device.scanner import SERIAL
from kiosk.devices.desk_devices import plan_finger_worker
from kiosk.devices.failure import REASON_OF_CODE, FailureReason
from kiosk.devices.servants import fingerprint_servant, sbi_servant
from kiosk.devices.serving import Call, MethodUnknown
from kiosk.settings import DeskPlan, SensorKind, SettingsRefused, read_desk_plan

PIXELS = random.Random(8).randbytes(256 * 288)
DESK = {
    "name": "desk1",
    "reader_names": ("A", "B"),
    "sensor_port": "/dev/ttyUSB0",
    "camera_url": "",
    "receipt_printer_host": "127.0.0.1",
    "card_printer_url": "",
}


@pytest.fixture
def sim():
    with SbiDeviceSim(credentials=make_credentials(datetime.now(UTC))) as device:
        yield device


@pytest.fixture
def servant(sim, tmp_path):
    desk = DeskPlan.model_validate(
        {
            **DESK,
            "sensor_kind": "sbi",
            "sensor_trust": str(sim.write_trust(tmp_path / "anchors.pem")),
            "sensor_environment": "Developer",
            "sensor_first_port": sim.port,
            "sensor_last_port": sim.port,
        }
    )
    plan = plan_finger_worker(desk)
    assert plan.servant == f"{sbi_servant.__name__}:make"
    made = sbi_servant.make(plan.settings)
    yield made
    made.close()


def serve(servant, method, seconds=5.0, **args):
    return servant.serve(method, args, Call(seconds))


def test_a_desk_has_a_serial_sensor_unless_its_file_says_otherwise():
    plan = plan_finger_worker(DeskPlan.model_validate(DESK))
    assert plan.servant == f"{fingerprint_servant.__name__}:make"
    assert plan.settings == {"port": "/dev/ttyUSB0", "baud": 57600}


def test_a_desk_file_with_an_unknown_kind_of_sensor_is_refused(tmp_path):
    path = tmp_path / "desk.json"
    path.write_text(DeskPlan.model_validate(DESK).model_dump_json().replace(SensorKind.ZFM.value, "zzz"))
    with pytest.raises(SettingsRefused, match="sensor_kind"):
        read_desk_plan(path)


def test_a_certified_scanner_answers_the_same_calls_as_a_serial_sensor(sim, servant):
    assert serve(servant, "check") is True
    assert serve(servant, "wait_for_finger", 0.05) is False
    sim.place(PIXELS)
    assert serve(servant, "wait_for_finger") is True
    picture = serve(servant, "capture")
    sensor = {"driver": "sbi", "model": "", "serial": SERIAL}
    assert picture == {"pixels": PIXELS, "width": 256, "height": 288, "dpi": 500, "sensor": sensor}
    sim.lift()
    assert serve(servant, "wait_for_no_finger") is True
    with pytest.raises(MethodUnknown):
        serve(servant, "dance")


def test_the_finger_asked_for_reaches_the_scanner_and_another_one_is_said_to_be_another(sim, servant):
    thumb = int(FingerPosition.RIGHT_THUMB)
    sim.place(PIXELS, finger=FingerPosition.LEFT_THUMB)
    assert serve(servant, "wait_for_finger", expected=thumb) is True
    assert serve(servant, "capture", expected=thumb) == {"other_finger": True}
    sim.unplug()
    with pytest.raises(SensorUnplugged):
        serve(servant, "capture", expected=thumb)
    sim.replug()
    assert serve(servant, "capture", expected=thumb) == {"other_finger": True}
    sim.place(PIXELS, finger=FingerPosition.RIGHT_THUMB)
    assert serve(servant, "capture", expected=thumb)["pixels"] == PIXELS
    sim.lift()
    assert serve(servant, "wait_for_no_finger") is True


def test_a_picture_that_came_before_is_refused_even_after_a_fault_and_a_new_start(sim, servant):
    sim.place(PIXELS)
    serve(servant, "capture")
    sim.faults.set(SbiFault.WRONG_SIGNATURE)
    with pytest.raises(SensorUntrusted):
        serve(servant, "capture")
    sim.faults.clear()
    sim.unplug()
    with pytest.raises(SensorUnplugged):
        serve(servant, "check")
    sim.replug()
    with pytest.raises(SensorSameImage):
        serve(servant, "capture")


def test_every_way_in_which_a_sensor_fails_has_a_reason_for_the_screen():
    assert REASON_OF_CODE[SensorSameImage.code] is FailureReason.SAME_IMAGE
    assert REASON_OF_CODE[SensorUntrusted.code] is FailureReason.UNTRUSTED
