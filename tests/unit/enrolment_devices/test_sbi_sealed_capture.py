"""Captures for authentication: proven at the desk, opened by the server alone."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from domain.fingers import FingerPosition
from enrolment.devices.finger_image_record import decode_finger_image
from enrolment.devices.ports import SensorError, SensorUntrusted
from enrolment.devices.sbi.capture import FIRST_HASH, CaptureRequest, chain_hash
from enrolment.devices.sbi.device_trust import DeviceTrust
from enrolment.devices.sbi.discovery import get_proven_device
from enrolment.devices.sbi.sealed_capture import take_sealed_capture
from enrolment.devices.sbi.signed_token import decode_base64url
from enrolment.devices.sbi.vocabulary import Environment, Purpose
from hardware_sim.sbi_device import SbiDeviceSim, SbiFault
from hardware_sim.sbi_device.credentials import make_credentials

PIXELS = random.Random(8).randbytes(256 * 288)
SERVER_KEY = rsa.generate_private_key(65537, 2048)
NOW = datetime.now(UTC)
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Server")])
SERVER = (
    x509.CertificateBuilder()
    .subject_name(NAME)
    .issuer_name(NAME)
    .public_key(SERVER_KEY.public_key())
    .serial_number(1)
    .not_valid_before(NOW - timedelta(days=1))
    .not_valid_after(NOW + timedelta(days=1))
    .sign(SERVER_KEY, hashes.SHA256())
)
THUMBPRINT = SERVER.fingerprint(hashes.SHA256()).hex().upper()
REFUSED = [
    SbiFault.UNSIGNED,
    SbiFault.WRONG_SIGNATURE,
    SbiFault.OTHER_KEY,
    SbiFault.EXPIRED_KEY,
    SbiFault.OLD_TIME,
    SbiFault.WRONG_TRANSACTION,
    SbiFault.WRONG_PURPOSE,
    SbiFault.WRONG_FINGER,
    SbiFault.OTHER_DEVICE,
]


@pytest.fixture
def sim():
    with SbiDeviceSim(credentials=make_credentials(NOW), server=SERVER) as device:
        yield device


def take(sim, *, thumbprint=THUMBPRINT, **fields):
    trust, now = DeviceTrust((sim.credentials.maker,)), datetime.now(UTC)
    _, info = get_proven_device([sim.port], trust, Environment.DEVELOPER, now=now, purpose=Purpose.AUTHENTICATION)
    asked = {
        "device_id": info.deviceId,
        "device_code": info.deviceCode,
        "environment": Environment.DEVELOPER,
        "position": FingerPosition.LEFT_THUMB,
        "requested_score": 40,
        "previous_hash": FIRST_HASH,
        "timeout_s": 0.1,
        "asked_at": now,
        "purpose": Purpose.AUTHENTICATION,
        "domain_uri": "https://auth.example",
        **fields,
    }
    return take_sealed_capture(sim.port, CaptureRequest(**asked), trust, server_thumbprint=thumbprint, now=now)


def test_the_server_opens_what_the_desk_could_only_prove(sim):
    assert take(sim) is None
    sim.place(PIXELS)
    sealed = take(sim)
    data = json.loads(decode_base64url(sealed.data_token.split(".")[1]))
    key = SERVER_KEY.decrypt(sealed.session_key, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
    # "the last 16 bytes and the last 12 bytes" of timestamp XOR transaction id, the shorter one filled up in front
    filled = zip(data["timestamp"].encode().rjust(32, b"\0"), data["transactionId"].encode(), strict=True)
    mixed = bytes(one ^ other for one, other in filled)
    record = AESGCM(key).decrypt(mixed[-12:], decode_base64url(data["bioValue"]), mixed[-16:])
    assert decode_finger_image(record).image.pixels == PIXELS
    assert sealed.hash == chain_hash(FIRST_HASH, record)


@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: fault.value)
def test_a_bad_answer_is_refused(sim, fault):
    sim.place(PIXELS)
    sim.faults.set(fault)
    with pytest.raises(SensorUntrusted):
        take(sim)


def test_what_is_sealed_for_another_server_is_refused(sim):
    sim.place(PIXELS)
    with pytest.raises(SensorUntrusted, match="another server"):
        take(sim, thumbprint="00" * 32)


def test_a_device_for_authentication_gives_no_finger_in_the_open_and_is_no_device_for_enrolment(sim):
    trust = DeviceTrust((sim.credentials.maker,))
    with pytest.raises(SensorUntrusted):
        get_proven_device([sim.port], trust, Environment.DEVELOPER, now=datetime.now(UTC))
    with pytest.raises(ValueError, match="authentication"):
        take(sim, purpose=Purpose.REGISTRATION)


def test_a_device_for_enrolment_knows_no_sealed_capture():
    with SbiDeviceSim(credentials=make_credentials(NOW)) as sim, pytest.raises(SensorError):
        take(sim)


def test_no_secret_shows(sim):
    sim.place(PIXELS)
    sealed = take(sim)
    assert sealed.data_token not in repr(sealed)
