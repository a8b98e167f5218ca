"""What every FingerprintSensor does. Runs on both simulators, and on a real one with a hand at the ready:

SINGLE_WINDOW_TEST_SENSOR=/dev/ttyUSB0 pytest tests/contracts -k sensor -s
"""

import os
from dataclasses import dataclass
from typing import Any

import pytest

from domain.fingers import FingerPosition
from enrolment.devices.ports import SensorOtherFinger, SensorUnplugged
from enrolment.devices.sbi.sbi_sensor import open_sbi
from enrolment.devices.sbi.vocabulary import Environment
from enrolment.devices.zfm import open_zfm
from hardware_sim.fingerprint_sensor import FingerprintSensorSim
from hardware_sim.fingers.finger import Finger, FingerCondition
from hardware_sim.fingers.synthetic import SyntheticFingers
from hardware_sim.sbi_device import SbiDeviceSim

pytest.importorskip("pyfingerprint.pyfingerprint", reason="the optional extra 'zfm'")
REAL_PORT = os.environ.get("SINGLE_WINDOW_TEST_SENSOR")


@dataclass
class Bench:
    """How the sensor is opened, and somebody who places a right thumb and lifts it."""

    open: Any
    place: Any
    lift: Any
    tells_fingers_apart: bool = False


@pytest.fixture(params=["serial", "certified scanner", *(["real"] if REAL_PORT else [])])
def bench(request, tmp_path):
    if request.param == "real":
        yield Bench(
            lambda: open_zfm(REAL_PORT), lambda: input("place a right thumb, Enter"), lambda: input("lift it, Enter")
        )
        return
    fingers = SyntheticFingers(tmp_path / "fingers")
    picture = fingers.picture(Finger(1, FingerPosition.RIGHT_THUMB), 1, FingerCondition.GOOD)
    if request.param == "serial":
        with FingerprintSensorSim(tmp_path / "port") as sim:
            yield Bench(lambda: open_zfm(sim.path), lambda: sim.place(picture), sim.lift)
        return
    with SbiDeviceSim() as sim:
        trust = sim.write_trust(tmp_path / "anchors.pem")
        yield Bench(
            lambda: open_sbi(trust, environment=Environment.DEVELOPER, ports=[sim.port], capture_timeout_s=0.1),
            lambda: sim.place(picture, finger=FingerPosition.RIGHT_THUMB),
            sim.lift,
            tells_fingers_apart=True,
        )


def test_an_empty_window_is_no_finger_and_no_picture(bench):
    bench.lift()
    with bench.open() as sensor:
        assert sensor.finger_present() is False
        assert sensor.capture() is None


def test_a_finger_is_a_picture_with_dark_ridges_on_light_ground(bench):
    bench.place()
    with bench.open() as sensor:
        assert sensor.finger_present() is True
        image = sensor.capture()
    assert (image.width_px, image.height_px, image.dpi) == (256, 288, 500)
    assert len(image.pixels) == 256 * 288
    assert max(image.pixels) - min(image.pixels) > 60
    assert image.sensor is not None, "a picture says which device took it"
    assert image.sensor.driver in ("zfm", "sbi")


@pytest.mark.parametrize("expected", [FingerPosition.RIGHT_THUMB, FingerPosition.UNKNOWN])
def test_the_finger_that_is_expected_is_taken(bench, expected):
    bench.place()
    with bench.open() as sensor:
        sensor.expect(expected)
        assert sensor.finger_present() is True
        assert sensor.capture() is not None


def test_another_finger_than_expected_is_refused_by_a_sensor_that_can_tell(bench):
    bench.place()
    with bench.open() as sensor:
        sensor.expect(FingerPosition.LEFT_INDEX)
        assert sensor.finger_present() is True
        if bench.tells_fingers_apart:
            with pytest.raises(SensorOtherFinger):
                sensor.capture()
        else:
            assert sensor.capture() is not None
        sensor.expect(FingerPosition.RIGHT_THUMB)
        assert sensor.capture() is not None


def test_a_lifted_finger_is_gone(bench):
    with bench.open() as sensor:
        bench.place()
        assert sensor.finger_present() is True
        bench.lift()
        assert sensor.finger_present() is False


def test_a_closed_sensor_answers_no_more_and_can_be_opened_again(bench):
    sensor = bench.open()
    sensor.close()
    sensor.close()
    with pytest.raises(SensorUnplugged):
        sensor.finger_present()
    bench.open().close()
