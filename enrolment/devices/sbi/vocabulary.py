"""The words of the Secure Biometric Interface (SBI / MDS specification 0.9.5): verbs, paths, names and error codes."""

from __future__ import annotations

from enum import StrEnum

from domain.fingers import FingerPosition

LOOPBACK = "127.0.0.1"
#: A device service takes the first free port of these ("Device Discovery", Windows/Linux).
PORTS = range(4501, 4601)
SPEC_VERSION = "0.9.5"
FINGER = "Finger"
UNKNOWN_FINGER = "UNKNOWN"


class Verb(StrEnum):
    """The methods of HTTP requests."""

    DISCOVER = "MOSIPDISC"
    INFO = "MOSIPDINFO"
    CAPTURE = "CAPTURE"
    REGISTRATION_CAPTURE = "RCAPTURE"
    STREAM = "STREAM"


class Path(StrEnum):
    """Where they are sent."""

    DEVICE = "/device"
    INFO = "/info"
    CAPTURE = "/capture"
    STREAM = "/stream"


class Environment(StrEnum):
    """For which surroundings a device was registered."""

    STAGING = "Staging"
    DEVELOPER = "Developer"
    PRE_PRODUCTION = "Pre-Production"
    PRODUCTION = "Production"


class Purpose(StrEnum):
    """What a device was registered for."""

    AUTHENTICATION = "Auth"
    REGISTRATION = "Registration"


class DeviceStatus(StrEnum):
    READY = "Ready"
    BUSY = "Busy"
    NOT_READY = "Not Ready"
    NOT_REGISTERED = "Not Registered"


class ErrorCode(StrEnum):
    """Section "Error codes"; 5xx are each maker's own."""

    SUCCESS = "0"
    NOT_REGISTERED = "100"
    NO_OBJECT = "101"
    EXTRACTION_FAILED = "102"
    TAMPERED = "103"
    ORIENTATION = "105"
    NOT_FOUND = "106"
    KEY_EXPIRED = "107"
    SERVER_KEY_MISSING = "108"
    COUNT_NOT_SUPPORTED = "109"
    NOT_READY = "110"
    BUSY = "111"
    TRANSACTION_INVALID = "112"


FINGER_NAMES: dict[FingerPosition, str] = {
    FingerPosition.UNKNOWN: UNKNOWN_FINGER,
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
