"""A capture for authentication (CAPTURE): sealed in the device for the server, and never readable at the desk."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from domain.fingers import FingerPosition
from enrolment.devices.ports import SensorGarbage, SensorUntrusted
from enrolment.devices.sbi.capture import CaptureRequest, only_biometric, open_data
from enrolment.devices.sbi.device_trust import DeviceTrust
from enrolment.devices.sbi.http_line import ask
from enrolment.devices.sbi.service_error import check_error, is_no_finger
from enrolment.devices.sbi.signed_token import decode_base64url
from enrolment.devices.sbi.vocabulary import FINGER_NAMES, Path, Purpose, Verb

ANSWER_MARGIN_S = 3.0


@dataclass(frozen=True, slots=True)
class SealedCapture:
    """What the server needs: the device's signed data, whose finger is encrypted, and the key sealed for the server.

    ``hash`` continues the chain over the plain record, so only the server can check it.
    """

    data_token: str = field(repr=False)
    session_key: bytes = field(repr=False)
    hash: str
    score: float


def take_sealed_capture(
    port: int, request: CaptureRequest, trust: DeviceTrust, *, server_thumbprint: str, now: datetime
) -> SealedCapture | None:
    """A finger sealed for the server whose certificate has that SHA-256; None without a usable finger.

    ``request`` is for Purpose.AUTHENTICATION. Raises SensorUntrusted and the like, as a capture for registration does.
    """
    if request.purpose is not Purpose.AUTHENTICATION:
        raise ValueError("a sealed capture is for authentication")
    limit_s = request.timeout_s + ANSWER_MARGIN_S
    biometric = only_biometric(ask(port, Verb.CAPTURE, Path.CAPTURE, request.as_json(), timeout_s=limit_s))
    if is_no_finger(biometric.error):
        return None
    check_error(biometric.error)
    data = open_data(biometric, request, trust, now=now)
    if data.domainUri != request.domain_uri:
        raise SensorUntrusted("the answer is for another server")
    wanted = {FINGER_NAMES[request.position], FINGER_NAMES[FingerPosition.UNKNOWN]}
    if request.position is not FingerPosition.UNKNOWN and data.bioSubType not in wanted:
        raise SensorUntrusted("the answer is of another finger than was asked for")
    if not hmac.compare_digest(biometric.thumbprint.upper().encode(), server_thumbprint.upper().encode()):
        raise SensorUntrusted("the answer is sealed for another server")
    try:
        session_key = decode_base64url(biometric.sessionKey)
        decode_base64url(data.bioValue)
    except ValueError as error:
        raise SensorGarbage("the sealed data cannot be read") from error
    return SealedCapture(biometric.data, session_key, biometric.hash, data.qualityScore)
