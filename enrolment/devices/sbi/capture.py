"""One capture for registration (RCAPTURE): what is asked, and whether the answer is the one to it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.fingers import FingerPosition
from enrolment.devices.finger_image_record import FingerImageRecord, FingerImageRecordMalformed, decode_finger_image
from enrolment.devices.ports import SensorGarbage, SensorOtherFinger, SensorUntrusted
from enrolment.devices.sbi.answers import BiometricData, CaptureAnswer, CapturedBiometric, DigitalId
from enrolment.devices.sbi.device_trust import DeviceTrust
from enrolment.devices.sbi.service_error import check_error, is_no_finger
from enrolment.devices.sbi.signed_token import decode_base64url, open_token, parse_object
from enrolment.devices.sbi.vocabulary import FINGER, FINGER_NAMES, SPEC_VERSION, Environment, Purpose

#: A chain of captures starts with the hash of nothing ("bio.previousHash").
FIRST_HASH = hashlib.sha256(b"").hexdigest().upper()
#: Device and kiosk keep their own clocks; more apart than this, an answer is an old one.
MOST_CLOCK_DIFFERENCE_S = 300.0
_NONCE_BYTES = 16
_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """One question. ``transaction_id`` is a nonce of ours: only an answer that repeats it under signature counts."""

    device_id: str
    device_code: str
    environment: Environment
    position: FingerPosition
    requested_score: int
    previous_hash: str
    timeout_s: float
    asked_at: datetime
    transaction_id: str = field(default_factory=lambda: secrets.token_hex(_NONCE_BYTES))
    purpose: Purpose = Purpose.REGISTRATION
    #: For whom a sealed capture is: the authentication server.
    domain_uri: str = ""

    def as_json(self) -> dict[str, object]:
        """The body of the request."""
        biometric: dict[str, object] = {
            "type": FINGER,
            "count": "1",
            "bioSubType": [FINGER_NAMES[self.position]],
            "exception": [],
            "requestedScore": str(self.requested_score),
            "deviceId": self.device_id,
            "deviceSubId": "0",
            "previousHash": self.previous_hash,
        }
        return {
            "env": self.environment,
            "purpose": self.purpose,
            "specVersion": SPEC_VERSION,
            "timeout": str(round(self.timeout_s * 1000)),
            "captureTime": self.asked_at.astimezone(UTC).strftime(_TIME_FORMAT),
            "domainUri": self.domain_uri,
            "transactionId": self.transaction_id,
            "bio": [biometric],
            "customOpts": {},
        }


@dataclass(frozen=True, slots=True)
class SbiCapture:
    """One proven capture; ``hash`` is what the next request must continue from."""

    record: FingerImageRecord = field(repr=False)
    score: float
    hash: str


def chain_hash(previous_hash: str, record: bytes) -> str:
    """SHA-256 over the bytes of the previous hash and of the record's own SHA-256, in upper-case hex."""
    return hashlib.sha256(bytes.fromhex(previous_hash) + hashlib.sha256(record).digest()).hexdigest().upper()


def read_capture(body: bytes, request: CaptureRequest, trust: DeviceTrust, *, now: datetime) -> SbiCapture | None:
    """The capture in an answer, None when there was no usable finger.

    Raises SensorUntrusted unless it is signed by a trusted device, fresh, for this very request, and continues the
    chain; SensorOtherFinger when it proves to be of another finger than was asked for; SensorGarbage for what cannot be
    read; else what the service's error code means.
    """
    biometric = only_biometric(body)
    if is_no_finger(biometric.error):
        return None
    check_error(biometric.error)
    data = open_data(biometric, request, trust, now=now)
    try:
        record_bytes = decode_base64url(data.bioValue)
        record = decode_finger_image(record_bytes)
    except (ValueError, FingerImageRecordMalformed) as error:
        raise SensorGarbage("the signed record cannot be read") from error
    expected_hash = chain_hash(request.previous_hash, record_bytes)
    if not hmac.compare_digest(expected_hash.encode(), biometric.hash.encode()):
        raise SensorUntrusted("the answer does not continue the chain of captures")
    _check_finger(data, record, request)
    return SbiCapture(record, data.qualityScore, expected_hash)


def only_biometric(body: bytes) -> CapturedBiometric:
    """The one biometric of an answer; SensorGarbage for none, or more."""
    try:
        (biometric,) = CaptureAnswer.model_validate(parse_object(body)).biometrics
    except ValueError as error:
        raise SensorGarbage("not the answer to a capture of one finger") from error
    return biometric


def open_data(
    biometric: CapturedBiometric, request: CaptureRequest, trust: DeviceTrust, *, now: datetime
) -> BiometricData:
    """The signed data, of this device and for this request. Raises SensorUntrusted or SensorGarbage."""
    payload = open_token(biometric.data, trust, now=now)
    try:
        data = BiometricData.model_validate(parse_object(payload))
    except ValueError as error:
        raise SensorGarbage("the signed data cannot be read") from error
    expected = (request.transaction_id, request.environment.value, request.purpose.value, FINGER, request.device_code)
    if (data.transactionId, data.env, data.purpose, data.bioType, data.deviceCode) != expected:
        raise SensorUntrusted("the answer belongs to another request")
    check_fresh(data.timestamp, now)
    check_digital_id(data.digitalId, request.device_code, trust, now=now)
    return data


def check_digital_id(token: str, device_code: str, trust: DeviceTrust, *, now: datetime) -> None:
    """Raises SensorUntrusted unless a trusted key says now that this is that finger device."""
    payload = open_token(token, trust, now=now)
    try:
        identity = DigitalId.model_validate(parse_object(payload))
    except ValueError as error:
        raise SensorGarbage("the device's digital id cannot be read") from error
    if identity.serialNo != device_code or identity.type != FINGER:
        raise SensorUntrusted("the answer comes from another device")
    check_fresh(identity.dateTime, now)


def check_fresh(instant: datetime, now: datetime) -> None:
    """Raises SensorUntrusted for a time without a zone, or too far from ``now``."""
    if instant.tzinfo is None or abs((now - instant).total_seconds()) > MOST_CLOCK_DIFFERENCE_S:
        raise SensorUntrusted("the answer is not of now")


def _check_finger(data: BiometricData, record: FingerImageRecord, request: CaptureRequest) -> None:
    names = {data.bioSubType, FINGER_NAMES[record.position]} - {FINGER_NAMES[FingerPosition.UNKNOWN]}
    if len(names) > 1:
        raise SensorUntrusted("the record is of another finger than the answer says")
    if request.position is not FingerPosition.UNKNOWN and names - {FINGER_NAMES[request.position]}:
        raise SensorOtherFinger("the answer is of another finger than was asked for")
