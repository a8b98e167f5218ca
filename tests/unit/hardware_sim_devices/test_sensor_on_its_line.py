"""The real pyfingerprint, unchanged, talks to the simulated sensor."""

import os

import pytest

from hardware_sim.faults import SensorFault
from hardware_sim.fingerprint_sensor import FingerprintSensorSim

library = pytest.importorskip("pyfingerprint.pyfingerprint", reason="the optional extra 'zfm'")
PIXELS = bytes((x * 17 + y * 3) % 256 // 17 * 17 for y in range(288) for x in range(256))


@pytest.fixture
def sensor(tmp_path):
    with FingerprintSensorSim(tmp_path / "port") as sim:
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


def test_recognition_on_the_module_is_an_error_and_never_a_match(sensor, host):
    sensor.place(PIXELS)
    host.readImage()
    with pytest.raises(Exception, match="0xfc"):
        host.convertImage(1)


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
