"""The driver of the fingerprint sensor against the simulated one: rows F-12 to F-14 of the fault catalogue."""

import random
import time
from collections import Counter

import pytest

from enrolment.devices.ports import (
    FingerImage,
    SensorDriverMissing,
    SensorError,
    SensorGarbage,
    SensorSilent,
    SensorUnplugged,
)
from enrolment.devices.zfm import FeatureRefusal, open_zfm
from hardware_sim.faults import SensorFault
from hardware_sim.fingerprint_sensor import FingerprintSensorSim, Glass
from hardware_sim.fingerprint_sensor.instructions import Confirmation, Instruction

pytest.importorskip("pyfingerprint.pyfingerprint", reason="the optional extra 'zfm'")
IDLE_S = 0.4
EXPECTED = {
    SensorFault.SILENT: SensorSilent,
    SensorFault.GARBAGE: SensorGarbage,
    SensorFault.HALF_PACKET: SensorSilent,
    SensorFault.LYING_LENGTH: SensorGarbage,
    SensorFault.WRONG_ADDRESS: SensorGarbage,
    SensorFault.BAD_CHECKSUM: SensorGarbage,
    SensorFault.SWAPPED_BYTES: SensorGarbage,
    SensorFault.NOISE_BEFORE: SensorGarbage,
    SensorFault.SILENT_MID_IMAGE: SensorSilent,
    SensorFault.UNPLUGGED_MID_IMAGE: SensorUnplugged,
}


def picture(seed):
    greys = bytes(level * 17 for level in range(16))
    return bytes(random.Random(seed).choices(greys, k=256 * 288))


@pytest.fixture
def sim(tmp_path):
    with FingerprintSensorSim(tmp_path / "port", is_noisy=False, seed=5) as sensor:
        yield sensor


def opened(sim, **options):
    return open_zfm(sim.path, idle_timeout_s=IDLE_S, **options)


def test_the_picture_arrives_whole(sim):
    sim.place(picture(1))
    with opened(sim) as sensor:
        assert sensor.finger_present()
        assert sensor.capture() == FingerImage(picture(1), 256, 288, 500)
        sim.lift()
        assert not sensor.finger_present()
        assert sensor.capture() is None


@pytest.mark.parametrize("fault", EXPECTED, ids=lambda fault: fault.value)
def test_a_fault_is_told_by_its_name_and_the_sensor_works_afterwards(sim, fault):
    sim.place(picture(2))
    with opened(sim) as sensor:
        sim.faults.set(fault)
        with pytest.raises(EXPECTED[fault]):
            sensor.capture()
    sim.faults.clear()
    if not sim.is_plugged:
        sim.replug()
    with opened(sim) as sensor:
        assert sensor.capture().pixels == picture(2)


@pytest.mark.parametrize("fault", [SensorFault.GARBAGE, SensorFault.BAD_CHECKSUM, SensorFault.SILENT_MID_IMAGE])
def test_what_a_broken_answer_left_on_the_line_does_not_spoil_the_next(sim, fault):
    sim.place(picture(3))
    with opened(sim) as sensor:
        sim.faults.set(fault, uses=2)
        with pytest.raises(SensorError):
            sensor.capture()
        sim.faults.clear()
        assert sensor.capture().pixels == picture(3)


def count_wrong_pictures(sim, trials, **options):
    """How often a spoilt line made the driver give a picture that is not the finger's."""
    draw, outcome = random.Random(11), Counter()
    faults = [fault for fault in SensorFault if fault not in (SensorFault.NONE, SensorFault.UNPLUGGED_MID_IMAGE)]
    sim.place(picture(4))
    sensor = opened(sim, **options)
    for _ in range(trials):
        sim.faults.set(draw.choice(faults), uses=draw.choice((1, 2, 3)))
        try:
            image = sensor.capture()
        except SensorError as error:
            outcome[error.code] += 1
        else:
            outcome["right" if image is None or image.pixels == picture(4) else "wrong"] += 1
        sim.faults.clear()
        sensor.finger_present()  # opens the port anew after a fault, so that the next fault meets the picture
    sensor.close()
    return outcome


def test_no_fault_ever_yields_a_wrong_picture(sim):
    outcome = count_wrong_pictures(sim, 40)
    print(f"N = {outcome.total()}: {dict(outcome)}")  # noqa: T201
    assert outcome["wrong"] == 0


def test_the_trial_finds_a_driver_that_reads_only_once(sim):
    """The planted bug: one read of the picture, whose checksum cannot see two bytes swapped."""
    outcome = count_wrong_pictures(sim, 40, is_read_twice=False)
    print(f"N = {outcome.total()}: {dict(outcome)}")  # noqa: T201
    assert outcome["wrong"] > 0


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_no_fault_ever_yields_a_wrong_picture_in_many_trials(sim):
    outcome = count_wrong_pictures(sim, 3_000)
    print(f"N = {outcome.total()}: {dict(outcome)}")  # noqa: T201
    assert outcome["wrong"] == 0


def test_a_sensor_that_is_not_there_is_unplugged(tmp_path):
    with pytest.raises(SensorUnplugged):
        open_zfm(tmp_path / "nothing")


def test_a_sensor_pulled_out_between_two_calls_is_unplugged_and_works_when_opened_anew(sim):
    sensor = opened(sim)
    sim.unplug()
    with pytest.raises(SensorUnplugged):
        sensor.finger_present()
    sensor.close()
    sensor.close()
    sim.replug()
    with opened(sim) as again:
        assert again.finger_present() is False


@pytest.mark.parametrize("unplugged", [False, True])
def test_after_a_fault_the_next_call_opens_the_port_anew_by_itself(sim, unplugged):
    with opened(sim) as sensor:
        if unplugged:
            sim.unplug()
        else:
            sim.faults.set(SensorFault.SILENT)
        with pytest.raises(SensorError):
            sensor.finger_present()
        sim.faults.clear()
        sim.replug()
        sim.place(picture(6))
        assert sensor.capture().pixels == picture(6)


def test_a_sensor_fresh_from_the_factory_is_brought_to_the_working_speed_and_found_there_again(sim):
    assert sim.baud == 57600
    with opened(sim) as sensor:
        assert (sensor.baud, sim.baud) == (115200, 115200)
    sim.unplug()
    sim.replug()
    with opened(sim) as sensor:
        assert sensor.baud == 115200
        assert sensor.finger_present() is False


def test_a_sensor_exchanged_for_a_fresh_one_is_found_at_its_speed(sim, tmp_path):
    with opened(sim) as sensor:
        assert sensor.baud == 115200
        sim.unplug()
        with FingerprintSensorSim(sim.path) as fresh:
            with pytest.raises(SensorUnplugged):
                sensor.finger_present()
            assert sensor.finger_present() is False
            assert (sensor.baud, fresh.baud) == (115200, 115200)


def test_a_sensor_that_only_says_that_it_changes_its_speed_is_used_at_the_old_one(sim):
    sim._module._table[Instruction.SET_PARAMETER] = lambda _: sim._module._ack(Confirmation.OK)
    with opened(sim) as sensor:
        assert sensor.baud == 57600
        assert sensor.finger_present() is False


def test_features_come_whole_and_a_bad_finger_is_told_from_a_fault(sim):
    with opened(sim) as sensor:
        assert sensor.read_features() is FeatureRefusal.NO_FINGER
        sim.place(bytes([255]) * (256 * 288))
        assert sensor.read_features() is FeatureRefusal.TOO_FEW_POINTS
        features = bytes(range(256)) * 2
        sim._module._matcher = KnowsOneFinger(features)
        assert sensor.read_features() == features
        sim.faults.set(SensorFault.SWAPPED_BYTES, uses=3)
        assert sensor.read_features() == features
        sim.faults.set(SensorFault.BAD_CHECKSUM)
        with pytest.raises(SensorGarbage):
            sensor.read_features()


class KnowsOneFinger:
    """Whatever lies on the window has these features."""

    def __init__(self, features):
        self._features = features

    def characteristics(self, packed_image):
        return self._features


def test_a_finger_that_slides_is_no_finger_yet_and_no_fault(sim):
    sim.place(picture(7))
    sim.glass = Glass.MOVING
    with opened(sim) as sensor:
        assert sensor.finger_present() is False
        assert sensor.capture() is None
        sim.glass = Glass.CLEAN
        assert sensor.capture().pixels == picture(7)


def test_a_silent_sensor_cannot_be_opened_and_says_so_soon(sim):
    """pyfingerprint alone takes 24 s to notice (reference, 6.4)."""
    sim.faults.set(SensorFault.SILENT)
    began = time.monotonic()
    with pytest.raises(SensorSilent):
        opened(sim)
    assert time.monotonic() - began < 5


def test_a_sensor_with_another_password_is_refused(sim):
    with pytest.raises(SensorGarbage, match="password"):
        opened(sim, password=7)


def test_a_picture_that_takes_too_long_is_given_up(tmp_path):
    with FingerprintSensorSim(tmp_path / "slow", is_paced=True) as slow:
        slow.place(picture(5))
        with opened(slow, image_timeout_s=0.3) as sensor, pytest.raises(SensorSilent):
            sensor.capture()


def test_without_the_optional_library_the_error_says_what_to_install(sim, monkeypatch):
    # A mock for want of another way: the library is installed here, and its absence is what is tried.
    monkeypatch.setitem(__import__("sys").modules, "pyfingerprint.pyfingerprint", None)
    with pytest.raises(SensorDriverMissing, match="zfm"):
        opened(sim)


def test_no_picture_shows_in_a_traceback_or_a_log():
    assert "pixels" not in repr(FingerImage(bytes(4), 2, 2, 500))
