"""The client of MOSIP's Secure Biometric Interface against a simulated scanner, over real HTTP."""

import random
import socket
from datetime import UTC, datetime, timedelta

import pytest

from domain.fingers import FingerPosition
from enrolment.devices.finger_image_record import PictureCoding
from enrolment.devices.ports import (
    SensorBusy,
    SensorError,
    SensorGarbage,
    SensorOtherFinger,
    SensorSameImage,
    SensorSilent,
    SensorUnplugged,
    SensorUntrusted,
)
from enrolment.devices.replay_guard import CaptureOutcome, GuardedSensor
from enrolment.devices.sbi import capture as capturing
from enrolment.devices.sbi.device_trust import read_device_trust
from enrolment.devices.sbi.discovery import find_devices
from enrolment.devices.sbi.sbi_sensor import open_sbi
from enrolment.devices.sbi.vocabulary import Environment
from hardware_sim.sbi_device import SbiDeviceSim, SbiFault
from hardware_sim.sbi_device.credentials import make_credentials

PIXELS = random.Random(8).randbytes(256 * 288)
OTHER_PIXELS = random.Random(9).randbytes(256 * 288)
CREDENTIALS = make_credentials(datetime.now(UTC))
AT_CAPTURE = {
    SbiFault.UNSIGNED: SensorUntrusted,
    SbiFault.ALG_NONE: SensorUntrusted,
    SbiFault.WRONG_SIGNATURE: SensorUntrusted,
    SbiFault.OTHER_KEY: SensorUntrusted,
    SbiFault.EXPIRED_KEY: SensorUntrusted,
    SbiFault.OLD_TIME: SensorUntrusted,
    SbiFault.WRONG_TRANSACTION: SensorUntrusted,
    SbiFault.WRONG_ENVIRONMENT: SensorUntrusted,
    SbiFault.WRONG_PURPOSE: SensorUntrusted,
    SbiFault.OTHER_DEVICE: SensorUntrusted,
    SbiFault.BROKEN_CHAIN: SensorUntrusted,
    SbiFault.REPLAY: SensorUntrusted,
    SbiFault.WRONG_FINGER: SensorOtherFinger,
    SbiFault.CHANGED_PIXELS: SensorUntrusted,
    SbiFault.MALFORMED_RECORD: SensorGarbage,
    SbiFault.SILENT: SensorSilent,
    SbiFault.BUSY: SensorBusy,
    SbiFault.NOT_READY: SensorSilent,
    SbiFault.TAMPERED: SensorUntrusted,
    SbiFault.HALF_ANSWER: SensorUnplugged,
    SbiFault.NOT_JSON: SensorGarbage,
    SbiFault.ERROR_PAGE: SensorGarbage,
}
AT_OPENING = {
    SbiFault.UNSIGNED: SensorUntrusted,
    SbiFault.ALG_NONE: SensorUntrusted,
    SbiFault.WRONG_SIGNATURE: SensorUntrusted,
    SbiFault.OTHER_KEY: SensorUntrusted,
    SbiFault.EXPIRED_KEY: SensorUntrusted,
    SbiFault.OTHER_DEVICE: SensorUntrusted,
    SbiFault.WRONG_PURPOSE: SensorUntrusted,
    SbiFault.ERROR_PAGE: SensorUnplugged,
    SbiFault.NOT_JSON: SensorUnplugged,
}


@pytest.fixture
def sim():
    with SbiDeviceSim(credentials=CREDENTIALS) as device:
        device.scanner.coding = PictureCoding.PLAIN
        yield device


@pytest.fixture
def trust(sim, tmp_path):
    return read_device_trust(sim.write_trust(tmp_path / "anchors.pem"))


def opened(sim, trust, **options):
    options = {"environment": Environment.DEVELOPER, "capture_timeout_s": 0.1, "answer_margin_s": 2.0, **options}
    return open_sbi(trust, ports=[sim.port], **options)


def test_a_trusted_device_is_found_and_its_picture_arrives_dot_for_dot(sim, trust):
    (found,) = find_devices([free_port(), sim.port])
    assert (found.port, found.device.deviceCode) == (sim.port, "SW0000000001")
    with opened(sim, trust) as sensor:
        assert sensor.info.deviceCode == "SW0000000001"
        assert sensor.finger_present() is False
        assert sensor.capture() is None
        sim.place(PIXELS)
        assert sensor.finger_present() is True
        image = sensor.capture()
        assert (image.pixels, image.width_px, image.height_px, image.dpi) == (PIXELS, 256, 288, 500)
        sim.lift()
        assert sensor.finger_present() is False


def test_the_finger_asked_for_stands_in_the_request_and_another_one_is_not_taken(sim, trust):
    asked = []
    answer = sim.scanner.capture
    sim.scanner.capture = lambda question: asked.append(question["bio"][0]["bioSubType"]) or answer(question)
    sim.place(PIXELS, finger=FingerPosition.LEFT_INDEX)
    with opened(sim, trust) as sensor:
        sensor.expect(FingerPosition.RIGHT_THUMB)
        assert sensor.finger_present() is True
        with pytest.raises(SensorOtherFinger):
            sensor.capture()
        assert asked == [["Right Thumb"]] * 2
        sim.place(OTHER_PIXELS, finger=FingerPosition.RIGHT_THUMB)
        assert sensor.capture().pixels == OTHER_PIXELS
        sensor.expect(FingerPosition.UNKNOWN)
        assert sensor.capture().pixels == OTHER_PIXELS
        assert asked[-1] == ["UNKNOWN"]


def test_a_picture_kept_from_the_look_is_not_given_for_another_finger(sim, trust):
    sim.place(PIXELS)
    with opened(sim, trust) as sensor:
        sensor.expect(FingerPosition.RIGHT_THUMB)
        assert sensor.finger_present() is True
        sensor.expect(FingerPosition.LEFT_THUMB)
        sim.place(OTHER_PIXELS)
        assert sensor.capture().pixels == OTHER_PIXELS


def test_a_record_of_another_finger_than_its_own_answer_says_is_not_believed(sim, trust):
    sim.place(PIXELS)
    record = sim.scanner._record
    sim.scanner._record = lambda placed, _name: record(placed, "Left LittleFinger")
    with opened(sim, trust) as sensor:
        sensor.expect(FingerPosition.RIGHT_THUMB)
        with pytest.raises(SensorUntrusted, match="another finger than the answer says"):
            sensor.capture()


def test_lossless_jpeg_2000_as_the_specification_wants_it(sim, trust):
    sim.scanner.coding = PictureCoding.JPEG_2000_LOSSLESS
    sim.place(PIXELS)
    with opened(sim, trust) as sensor:
        assert sensor.capture().pixels == PIXELS


def test_a_device_that_signs_with_rsa_as_the_specification_has_it(tmp_path):
    credentials = make_credentials(datetime.now(UTC), is_rsa=True)
    with SbiDeviceSim(credentials=credentials) as sim:
        sim.place(PIXELS)
        with opened(sim, read_device_trust(sim.write_trust(tmp_path / "rsa.pem"))) as sensor:
            assert sensor.capture().pixels == PIXELS


@pytest.mark.parametrize("fault", AT_CAPTURE, ids=lambda fault: fault.value)
def test_a_bad_answer_is_refused_by_its_name_and_the_next_good_one_is_taken(sim, trust, fault):
    sim.place(PIXELS)
    with opened(sim, trust, answer_margin_s=0.5) as sensor:
        sensor.expect(FingerPosition.RIGHT_INDEX)
        assert sensor.capture().pixels == PIXELS
        sim.place(OTHER_PIXELS)
        sim.faults.set(fault)
        with pytest.raises(AT_CAPTURE[fault]):
            sensor.capture()
        sim.faults.clear()
        assert sensor.capture().pixels == OTHER_PIXELS


@pytest.mark.parametrize("fault", AT_OPENING, ids=lambda fault: fault.value)
def test_a_device_that_cannot_prove_itself_is_not_opened(sim, trust, fault):
    sim.faults.set(fault)
    with pytest.raises(AT_OPENING[fault]):
        opened(sim, trust)


def test_every_fault_of_the_simulated_device_is_tried():
    assert set(AT_CAPTURE) | {SbiFault.NONE, SbiFault.SAME_IMAGE, SbiFault.LOW_QUALITY} == set(SbiFault)


def test_a_recording_inside_a_trusted_device_is_refused_as_the_same_image(sim, trust):
    sim.place(PIXELS)
    with GuardedSensor(lambda: opened(sim, trust)) as guarded:
        assert guarded.take().outcome is CaptureOutcome.TAKEN
        sim.lift()
        sim.faults.set(SbiFault.SAME_IMAGE)
        assert guarded.finger_present()
        with pytest.raises(SensorSameImage):
            guarded.capture()


def test_a_picture_of_low_quality_is_given_and_judged_by_us(sim, trust):
    sim.faults.set(SbiFault.LOW_QUALITY)
    sim.place(PIXELS)
    with opened(sim, trust, requested_score=60) as sensor:
        assert sensor.capture().pixels == PIXELS


def test_a_device_of_another_environment_is_refused(sim, trust):
    with pytest.raises(SensorUntrusted):
        opened(sim, trust, environment=Environment.PRODUCTION)


def test_a_kiosk_whose_clock_is_off_believes_no_device(sim, trust):
    with pytest.raises(SensorUntrusted):
        opened(sim, trust, now=lambda: datetime.now(UTC) + timedelta(minutes=10))


def test_without_anchors_nothing_is_believed(sim, tmp_path):
    with pytest.raises(SensorUntrusted):
        read_device_trust(tmp_path / "missing.pem")
    (tmp_path / "empty.pem").write_bytes(b"")
    with pytest.raises(SensorUntrusted):
        opened(sim, tmp_path / "empty.pem")


def test_a_service_that_is_pulled_out_is_unplugged_and_comes_back(sim, trust):
    with opened(sim, trust) as sensor:
        sim.unplug()
        with pytest.raises(SensorUnplugged):
            sensor.finger_present()
        with pytest.raises(SensorUnplugged):
            opened(sim, trust)
        sim.replug()
        assert sensor.finger_present() is False
    with pytest.raises(SensorUnplugged):
        sensor.capture()


def count_pictures_believed(sim, trust, trials):
    """How often a spoilt answer was believed: row T-21 of the threat model."""
    draw, believed = random.Random(5), 0
    with opened(sim, trust, answer_margin_s=0.5) as sensor:
        sensor.expect(FingerPosition.RIGHT_INDEX)
        for _ in range(trials):
            fault = draw.choice([fault for fault in AT_CAPTURE if fault is not SbiFault.SILENT])
            sim.place(PIXELS)
            sim.faults.clear()
            sensor.capture()
            sim.place(OTHER_PIXELS)
            sim.faults.set(fault)
            try:
                believed += sensor.capture() is not None
            except SensorError:
                continue
    print(f"N = {trials} spoilt answers: {believed} believed")  # noqa: T201
    return believed


def test_no_spoilt_answer_is_believed(sim, trust):
    assert count_pictures_believed(sim, trust, 60) == 0


def test_the_trial_finds_a_client_that_does_not_bind_answers_to_requests(sim, trust, monkeypatch):
    # A mock, because the bug that is planted must be in the client: it opens tokens and checks nothing in them.
    def careless(biometric, request, trust, *, now):
        payload = capturing.open_token(biometric.data, trust, now=now)
        return capturing.BiometricData.model_validate_json(payload)

    monkeypatch.setattr(capturing, "open_data", careless)
    assert count_pictures_believed(sim, trust, 60) > 0


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
