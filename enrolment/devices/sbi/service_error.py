"""What a device service's error code means for us."""

from __future__ import annotations

from enrolment.devices.ports import (
    SensorBusy,
    SensorError,
    SensorGarbage,
    SensorSilent,
    SensorUnplugged,
    SensorUntrusted,
)
from enrolment.devices.sbi.answers import ServiceError
from enrolment.devices.sbi.vocabulary import ErrorCode

#: Nothing usable on the window: the person is asked again.
NO_FINGER_CODES = frozenset({ErrorCode.NO_OBJECT, ErrorCode.EXTRACTION_FAILED, ErrorCode.ORIENTATION})
_FAILURES: dict[str, type[SensorError]] = {
    ErrorCode.NOT_REGISTERED: SensorUntrusted,
    ErrorCode.TAMPERED: SensorUntrusted,
    ErrorCode.KEY_EXPIRED: SensorUntrusted,
    ErrorCode.SERVER_KEY_MISSING: SensorUntrusted,
    ErrorCode.NOT_FOUND: SensorUnplugged,
    ErrorCode.NOT_READY: SensorSilent,
    ErrorCode.BUSY: SensorBusy,
    ErrorCode.COUNT_NOT_SUPPORTED: SensorGarbage,
    ErrorCode.TRANSACTION_INVALID: SensorGarbage,
}


def is_no_finger(error: ServiceError | None) -> bool:
    """Whether the service found nothing usable on the window."""
    return error is not None and error.errorCode in NO_FINGER_CODES


def check_error(error: ServiceError | None) -> None:
    """Raises what the code means; nothing for success. Codes of the makers' own are a SensorError."""
    if error is None or error.errorCode in (ErrorCode.SUCCESS, ""):
        return
    failure = _FAILURES.get(error.errorCode, SensorError)
    raise failure("the device service refuses")
