"""What the scanner answers: discovery, information and captures, whole or spoilt by the fault of the moment."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509

from domain.fingers import FingerPosition
from enrolment.devices.finger_image_record import FingerImageRecord, PictureCoding, encode_finger_image
from enrolment.devices.ports import FingerImage
from hardware_sim.faults import FaultSwitch
from hardware_sim.sbi_device.credentials import DeviceCredentials, base64url, make_credentials
from hardware_sim.sbi_device.faults import SbiFault
from hardware_sim.sbi_device.sealing import seal

SERIAL = "SW0000000001"
SPEC_VERSION = "0.9.5"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
LONG_AGO = timedelta(hours=2)
LOOK_S = 0.02
LOW_QUALITY = 3.0
NO_OBJECT, NOT_READY, BUSY, TAMPERED = "101", "110", "111", "103"
_ERRORS = {SbiFault.BUSY: BUSY, SbiFault.NOT_READY: NOT_READY, SbiFault.TAMPERED: TAMPERED}
FINGER_NAMES = {
    FingerPosition.RIGHT_THUMB: "Right Thumb",
    FingerPosition.RIGHT_INDEX: "Right IndexFinger",
    FingerPosition.RIGHT_MIDDLE: "Right MiddleFinger",
    FingerPosition.RIGHT_RING: "Right RingFinger",
    FingerPosition.RIGHT_LITTLE: "Right LittleFinger",
    FingerPosition.LEFT_THUMB: "Left Thumb",
    FingerPosition.LEFT_INDEX: "Left IndexFinger",
    FingerPosition.LEFT_MIDDLE: "Left MiddleFinger",
    FingerPosition.LEFT_RING: "Left RingFinger",
    FingerPosition.LEFT_LITTLE: "Left LittleFinger",
}


@dataclass(frozen=True)
class Placed:
    """The finger on the window, and how good the scanner finds it."""

    image: FingerImage
    quality: float
    finger: FingerPosition = FingerPosition.UNKNOWN
    """Which one it is, where the scanner can tell; UNKNOWN: it believes what it was asked for."""


class Scanner:
    """One registered device."""

    def __init__(
        self,
        credentials: DeviceCredentials,
        env: str,
        now: Callable[[], datetime],
        server: x509.Certificate | None = None,
    ) -> None:
        """With ``server`` it is registered for authentication, and seals what it captures for that server."""
        self.faults = FaultSwitch(SbiFault.NONE)
        self.coding = PictureCoding.JPEG_2000_LOSSLESS
        self.placed: Placed | None = None
        self._credentials = credentials
        self._env = env
        self._now = now
        self._server = server
        self._purpose = "Registration" if server is None else "Auth"
        self._last: tuple[Placed, dict[str, object]] | None = None

    @property
    def seals(self) -> bool:
        """Whether it is a device for authentication, which never gives a finger in the open."""
        return self._server is not None

    def discover(self) -> list[dict[str, object]]:
        """The answer to MOSIPDISC."""
        return [{**self._about(), "digitalId": "", "error": _error("0")}]

    def inform(self) -> list[dict[str, object]]:
        """The answer to MOSIPDINFO."""
        fault = self.faults.now
        about = {**self._about(), "digitalId": self._digital_id(fault), "env": self._env, "firmware": "1"}
        return [{"deviceInfo": self._signed(about, fault), "error": _error("0")}]

    def capture(self, question: Mapping[str, object]) -> dict[str, object]:
        """The answer to RCAPTURE, or to CAPTURE of a device for authentication."""
        fault = self.faults.use()
        if fault in _ERRORS:
            return _nothing(_ERRORS[fault])
        if fault is SbiFault.REPLAY and self._last is not None:
            return self._last[1]
        placed = self._wait_for_finger(question)
        if fault is SbiFault.SAME_IMAGE and self._last is not None:
            placed = self._last[0]
        if placed is None:
            return _nothing(NO_OBJECT)
        answer = self._biometric(placed, question, fault)
        self._last = (placed, answer)
        return answer

    def _wait_for_finger(self, question: Mapping[str, object]) -> Placed | None:
        until_s = time.monotonic() + int(str(question["timeout"])) / 1000
        while self.placed is None and time.monotonic() < until_s:
            time.sleep(LOOK_S)
        return self.placed

    def _biometric(self, placed: Placed, question: Mapping[str, object], fault: SbiFault) -> dict[str, object]:
        wanted = question["bio"][0]  # type: ignore[index]  # JSON as it came
        name = FINGER_NAMES.get(placed.finger, str(wanted["bioSubType"][0]))
        if fault is SbiFault.WRONG_FINGER:
            name = "Left LittleFinger" if name != "Left LittleFinger" else "Right Thumb"
        record = self._record(placed, name)
        timestamp = self._time(self._now() - (LONG_AGO if fault is SbiFault.OLD_TIME else timedelta()))
        value, beside = self._value(record, timestamp, str(question["transactionId"]))
        data = {
            "digitalId": self._digital_id(fault),
            "deviceCode": SERIAL,
            "deviceServiceVersion": SPEC_VERSION,
            "bioType": "Finger",
            "bioSubType": name,
            "purpose": "Other" if fault is SbiFault.WRONG_PURPOSE else self._purpose,
            "domainUri": question.get("domainUri", ""),
            "env": "Staging" if fault is SbiFault.WRONG_ENVIRONMENT else self._env,
            "bioValue": base64url(value[:-1] if fault is SbiFault.MALFORMED_RECORD else value),
            "transactionId": "another-one" if fault is SbiFault.WRONG_TRANSACTION else question["transactionId"],
            "timestamp": timestamp,
            "requestedScore": wanted["requestedScore"],
            "qualityScore": str(LOW_QUALITY if fault is SbiFault.LOW_QUALITY else placed.quality),
        }
        previous = "00" * 32 if fault is SbiFault.BROKEN_CHAIN else str(wanted["previousHash"])
        link = bytes.fromhex(previous) + hashlib.sha256(record).digest()
        biometric = {
            "specVersion": SPEC_VERSION,
            "data": self._signed(data, fault),
            "hash": hashlib.sha256(link).hexdigest().upper(),
            **beside,
            "error": _error("0"),
        }
        return {"biometrics": [biometric]}

    def _value(self, record: bytes, timestamp: str, transaction_id: str) -> tuple[bytes, dict[str, str]]:
        """What stands for the record in the answer, and what stands beside it unsigned."""
        if self._server is None:
            return record, {}
        sealed = seal(record, self._server, timestamp=timestamp, transaction_id=transaction_id)
        return sealed.ciphertext, {"sessionKey": base64url(sealed.session_key), "thumbprint": sealed.thumbprint}

    def _record(self, placed: Placed, name: str) -> bytes:
        position = next((p for p, each in FINGER_NAMES.items() if each == name), FingerPosition.UNKNOWN)
        record = FingerImageRecord(placed.image, position, round(placed.quality), self._now())
        return encode_finger_image(record, self.coding)

    def _about(self) -> dict[str, object]:
        return {
            "deviceId": "1",
            "deviceStatus": "Ready",
            "certification": "L0",
            "serviceVersion": SPEC_VERSION,
            "deviceSubId": ["0"],
            "deviceCode": SERIAL,
            "specVersion": [SPEC_VERSION],
            "purpose": "Other" if self.faults.now is SbiFault.WRONG_PURPOSE else self._purpose,
        }

    def _digital_id(self, fault: SbiFault) -> str:
        serial = "SW0000000002" if fault is SbiFault.OTHER_DEVICE else SERIAL
        identity = {
            "serialNo": serial,
            "make": "Single Window",
            "model": "Simulated",
            "type": "Finger",
            "deviceSubType": "Single",
            "deviceProvider": "Scanner Works",
            "deviceProviderId": "scanner-works",
            "dateTime": self._time(self._now()),
        }
        return self._credentials.sign(identity)

    def _signed(self, payload: Mapping[str, object], fault: SbiFault) -> str:
        if fault is SbiFault.OTHER_KEY:
            return make_credentials(self._now(), maker="Nobody Known").sign(payload)
        if fault is SbiFault.EXPIRED_KEY:
            return self._credentials.until(self._now() - timedelta(days=1)).sign(payload)
        if fault is SbiFault.ALG_NONE:
            return self._credentials.sign(payload, alg="none").rpartition(".")[0] + "."
        token = self._credentials.sign(payload)
        header, body, signature = token.split(".")
        if fault is SbiFault.UNSIGNED:
            return body
        if fault is SbiFault.WRONG_SIGNATURE:
            return f"{header}.{body}.{signature[::-1]}"
        if fault is SbiFault.CHANGED_PIXELS:
            changed = {**payload, "bioSubType": "Left Thumb", "bioValue": "AAAA"}
            return f"{header}.{self._credentials.sign(changed).split('.')[1]}.{signature}"
        return token

    def _time(self, instant: datetime) -> str:
        return instant.strftime(TIME_FORMAT)


def place_in(
    scanner: Scanner,
    image: FingerImage | None,
    quality: float,
    finger: FingerPosition = FingerPosition.UNKNOWN,
) -> None:
    """Lay a finger on the scanner's window, or take it away."""
    scanner.placed = None if image is None else Placed(replace(image), quality, finger)


def _error(code: str) -> dict[str, str]:
    return {"errorCode": code, "errorInfo": "" if code == "0" else "see the specification"}


def _nothing(code: str) -> dict[str, object]:
    return {"biometrics": [{"specVersion": SPEC_VERSION, "data": "", "hash": "", "error": _error(code)}]}
