"""The very same picture twice is refused at the port of the driver (F120)."""

import random

import pytest

from enrolment.devices.ports import FingerImage, SensorSameImage, SensorSilent
from enrolment.devices.replay_guard import Capture, CaptureOutcome, GuardedSensor, ReplayGuard
from enrolment.devices.zfm import open_zfm
from hardware_sim.fingerprint_sensor import FingerprintSensorSim, Glass


def picture(seed, width_px=8, height_px=4):
    return FingerImage(random.Random(seed).randbytes(width_px * height_px), width_px, height_px, 500)


class Recording:
    """A sensor that gives what it was told to."""

    def __init__(self, *pictures):
        self._pictures = list(pictures)
        self.closes = 0

    def finger_present(self):
        return True

    def expect(self, position):
        self.expected = position

    def capture(self):
        shown = self._pictures.pop(0)
        if isinstance(shown, Exception):
            raise shown
        return shown

    def close(self):
        self.closes += 1


def test_a_picture_is_taken_once_and_never_again():
    guard = ReplayGuard()
    assert guard.judge(picture(1)) == Capture(CaptureOutcome.TAKEN, picture(1))
    assert guard.judge(picture(2)).outcome is CaptureOutcome.TAKEN
    assert guard.judge(picture(1)) == Capture(CaptureOutcome.SAME_IMAGE, None)
    assert guard.judge(None) == Capture(CaptureOutcome.NO_FINGER)


def test_one_bit_makes_another_picture_and_so_does_the_shape():
    guard = ReplayGuard()
    guard.judge(picture(1))
    pixels = bytearray(picture(1).pixels)
    pixels[5] ^= 1
    assert guard.judge(FingerImage(bytes(pixels), 8, 4, 500)).outcome is CaptureOutcome.TAKEN
    assert guard.judge(FingerImage(picture(1).pixels, 4, 8, 500)).outcome is CaptureOutcome.TAKEN


def test_the_oldest_pictures_are_forgotten_and_the_memory_does_not_grow():
    guard = ReplayGuard(remembered=3)
    for seed in range(50):
        assert guard.judge(picture(seed)).outcome is CaptureOutcome.TAKEN
    assert (len(guard._order), len(guard._seen)) == (3, 3)
    assert guard.judge(picture(49)).outcome is CaptureOutcome.SAME_IMAGE
    assert guard.judge(picture(0)).outcome is CaptureOutcome.TAKEN


def test_a_fault_and_a_new_start_do_not_make_an_old_picture_new():
    sensors = [Recording(picture(1), SensorSilent()), Recording(picture(1), picture(2))]
    opened = list(sensors)
    with GuardedSensor(lambda: opened.pop(0)) as guarded:
        assert guarded.capture() == picture(1)
        with pytest.raises(SensorSilent):
            guarded.take()
        guarded.let_go()
        with pytest.raises(SensorSameImage):
            guarded.capture()
        assert guarded.take().image == picture(2)
    assert [sensor.closes for sensor in sensors] == [1, 1]


def test_a_sensor_that_replays_is_found_out_and_a_finger_left_lying_is_not(tmp_path):
    pytest.importorskip("pyfingerprint.pyfingerprint", reason="the optional extra 'zfm'")
    with FingerprintSensorSim(tmp_path / "port") as sim, GuardedSensor(lambda: open_zfm(sim.path)) as guarded:
        sim.place(bytes(128 for _ in range(256 * 288)))
        assert [guarded.take().outcome for _ in range(2)] == [CaptureOutcome.TAKEN] * 2
        sim.glass = Glass.REPLAY
        sim.lift()
        assert guarded.finger_present()
        assert guarded.take().outcome is CaptureOutcome.SAME_IMAGE


def test_no_picture_shows_in_a_capture():
    assert "pixels" not in repr(Capture(CaptureOutcome.TAKEN, picture(1)))
