"""The real pyfingerprint, unchanged, talks to the simulated sensor."""

import os
import time

import pytest

from domain.fingers import FingerPosition
from hardware_sim.faults import SensorFault
from hardware_sim.fingerprint_sensor import FingerprintSensorSim, Glass
from hardware_sim.fingers.finger import Finger, FingerCondition
from hardware_sim.fingers.synthetic import SyntheticFingers

library = pytest.importorskip("pyfingerprint.pyfingerprint", reason="the optional extra 'zfm'")
PIXELS = bytes((x * 17 + y * 3) % 256 // 17 * 17 for y in range(288) for x in range(256))


@pytest.fixture
def sensor(tmp_path):
    with FingerprintSensorSim(tmp_path / "port", is_noisy=False) as sim:
        yield sim


@pytest.fixture
def host(sensor):
    host = library.PyFingerprint(str(sensor.path))
    yield host
    host.__del__()


def test_every_call_that_needs_no_recognition_works(sensor, host):
    assert host.verifyPassword()
    assert host.setPassword(0)
    host.setSecurityLevel(3)
    host.setMaxPacketSize(256)
    host.setBaudRate(57600)
    assert host.getStorageCapacity() == 1000
    assert host.getSecurityLevel() == 3
    assert host.getMaxPacketSize() == 256
    assert host.getBaudRate() == 57600
    assert host.getTemplateCount() == 0
    assert not any(host.getTemplateIndex(0))
    assert host.clearDatabase()
    assert host.deleteTemplate(5)
    assert 0 <= host.generateRandomNumber() < 2**32
    assert host.uploadCharacteristics(1, list(range(256)) * 2)
    assert host.storeTemplate(5, 1) == 5
    assert host.loadTemplate(5, 1)
    host.setAddress(0x00000009)
    assert host.getTemplateCount() == 1


def test_a_finger_is_seen_and_its_picture_arrives_dot_for_dot(sensor, host, tmp_path):
    from PIL import Image

    assert host.readImage() is False
    sensor.place(PIXELS)
    assert host.readImage() is True
    host.downloadImage(str(tmp_path / "picture.bmp"))
    assert Image.open(tmp_path / "picture.bmp").tobytes() == PIXELS


def test_the_module_recognises_a_finger_by_itself(sensor, host, tmp_path):
    fingers = SyntheticFingers(tmp_path / "fingers")
    mine, other = (Finger(seed, FingerPosition.RIGHT_THUMB) for seed in (1, 2))

    def see(finger, impression, buffer):
        sensor.place(fingers.picture(finger, impression, FingerCondition.GOOD))
        assert host.readImage()
        assert host.convertImage(buffer)

    see(mine, 1, 1)
    see(mine, 2, 2)
    assert host.compareCharacteristics() > 100
    assert host.createTemplate()
    assert host.storeTemplate(7) == 7
    kept = host.downloadCharacteristics(1)
    assert len(kept) == 512
    see(mine, 3, 1)
    position, score = host.searchTemplate()
    assert (position, score > 100) == (7, True)
    see(other, 1, 1)
    assert host.searchTemplate() == (-1, -1)
    assert host.uploadCharacteristics(2, kept)
    assert host.compareCharacteristics() == 0
    assert host.createTemplate() is False
    host.setSecurityLevel(5)
    see(mine, 4, 1)
    assert host.compareCharacteristics() > 100


def test_a_finger_laid_on_by_its_edge_has_too_few_points_for_the_module(sensor, host, tmp_path):
    fingers = SyntheticFingers(tmp_path / "fingers")
    picture = fingers.picture(Finger(1, FingerPosition.RIGHT_THUMB), 1, FingerCondition.SHORT)
    edge = 256 * 40  # the lowest rows of the window
    sensor.place(bytes([255]) * (len(picture) - edge) + bytes(picture)[-edge:])
    host.readImage()
    with pytest.raises(Exception, match="few feature points"):
        host.convertImage(1)
    sensor.place(bytes([255]) * len(picture))
    host.readImage()
    with pytest.raises(Exception, match="few feature points"):
        host.convertImage(1)


def test_a_new_speed_takes_effect_and_outlives_the_power(sensor, host):
    host.setBaudRate(28800)
    assert sensor.baud == 28800
    line = host._PyFingerprint__serial
    line.timeout = 0.1
    line.write(bytes.fromhex("ef01ffffffff010003010005"))
    assert line.read(12) == b""  # the host still speaks at the old speed
    line.baudrate = 28800
    assert host.readImage() is False
    sensor.unplug()
    sensor.replug()
    assert sensor.baud == 28800


def test_after_new_power_the_password_is_asked_for_again(sensor, host):
    host.setPassword(7)
    assert host.getTemplateCount() == 0
    sensor.unplug()
    sensor.replug()
    again = library.PyFingerprint(str(sensor.path), password=7)
    with pytest.raises(Exception, match="0x21"):
        again.getTemplateCount()
    assert again.verifyPassword()
    assert again.getTemplateCount() == 0
    again.__del__()


def test_a_link_at_its_real_speed_takes_its_time(tmp_path):
    with FingerprintSensorSim(tmp_path / "port", is_paced=True) as sensor:
        host = library.PyFingerprint(str(sensor.path))
        host.uploadCharacteristics(1, list(range(256)) * 2)
        began = time.monotonic()
        host.downloadCharacteristics(1)
        assert time.monotonic() - began >= (512 + 5 * 11) * 10 / 57600
        host.__del__()


def test_no_two_looks_at_one_finger_are_alike_unless_the_sensor_replays(tmp_path):
    with FingerprintSensorSim(tmp_path / "port") as sensor:
        host = library.PyFingerprint(str(sensor.path))
        sensor.place(PIXELS)

        def look(name):
            assert host.readImage()
            host.downloadImage(str(tmp_path / name))
            return (tmp_path / name).read_bytes()

        first, second = look("1.bmp"), look("2.bmp")
        assert first != second
        sensor.glass = Glass.REPLAY
        sensor.lift()
        assert look("3.bmp") == second
        sensor.glass = Glass.LATENT
        assert look("4.bmp") not in (first, second)
        sensor.glass = Glass.CLEAN
        assert host.readImage() is False
        sensor.place(PIXELS)
        sensor.glass = Glass.MOVING
        with pytest.raises(Exception, match="Could not read image"):
            host.readImage()
        host.__del__()


def test_the_path_vanishes_when_unplugged_and_comes_back(sensor):
    before = os.readlink(sensor.path)
    sensor.unplug()
    assert not sensor.path.exists()
    assert not sensor.is_plugged
    sensor.replug()
    assert sensor.is_plugged
    assert sensor.path.exists()
    assert os.readlink(sensor.path).startswith(os.path.dirname(before))


def test_a_fault_lasts_as_many_answers_as_it_was_ordered_for(sensor, host):
    sensor.faults.set(SensorFault.BAD_CHECKSUM, uses=1)
    with pytest.raises(Exception, match="checksum"):
        host.readImage()
    assert host.readImage() is False


def test_noise_before_a_command_is_skipped(sensor, host):
    host._PyFingerprint__serial.write(b"\x00\xef\x55noise")
    assert host.verifyPassword()
